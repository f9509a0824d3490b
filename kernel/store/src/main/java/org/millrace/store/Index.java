package org.millrace.store;

import org.millrace.content.AttributePath;

/**
 * One index. What is fixed of it is its number, table and attribute; the rest is written by the applier thread and read
 * by all.
 */
final class Index {
    /** How far an index is. The codes are on disk: append only. */
    enum State {
        /** Every write enters it, and older records do one by one. */
        BUILDING,
        /** Every record is in it. */
        READY,
        /** Nobody reads it or enters records, and its entries are removed. */
        DROPPING
    }

    private final int id;
    private final String table;
    private final AttributePath attribute;
    private volatile State state;
    private volatile long done;
    private volatile long total = -1;

    Index(int id, String table, AttributePath attribute, State state) {
        this.id = id;
        this.table = table;
        this.attribute = attribute;
        this.state = state;
    }

    int id() {
        return id;
    }

    String table() {
        return table;
    }

    AttributePath attribute() {
        return attribute;
    }

    State state() {
        return state;
    }

    void state(State next) {
        state = next;
    }

    /** Notes how many records have been indexed, of how many; the latter is -1 until they have been counted. */
    void progress(long records, long of) {
        done = records;
        total = of;
    }

    IndexStatus status() {
        return new IndexStatus(table, attribute, state == State.READY, done, total);
    }

    @Override
    public String toString() {
        return "'" + attribute + "' of table '" + table + "'";
    }
}
