package org.millrace.store.kv;

/** The state of the map at one moment. Used by one thread, within {@link Kv#read}. */
public interface KvSnapshot {
    /**
     * Walks a tree in key order. One cursor at a time may be open in a snapshot.
     *
     * @param tree which tree
     * @param from where to start
     * @param inclusive whether the entry at {@code from} itself is wanted
     * @return a cursor before its first entry
     */
    KvCursor cursor(Tree tree, byte[] from, boolean inclusive);
}
