package org.millrace.benchmarks.engine;

/** Something that makes one entry of a record durable. */
interface Target {
    /**
     * Hands an entry over. Waits if there is no room.
     *
     * @param key which record, from 0
     * @param durable called on whatever thread when it is on disk; must return at once
     */
    void put(int key, Runnable durable);
}
