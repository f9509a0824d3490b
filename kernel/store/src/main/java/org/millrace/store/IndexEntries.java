package org.millrace.store;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The entries of a record in the indexes of its table.
 *
 * @param by the indexes at the time
 * @param keys a key for each of them
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record IndexEntries(TableIndexes by, byte[][] keys) {
    private static final int OVERHEAD = 100;
    private static final byte[][] NONE = {};

    /** Of a removed record. */
    static IndexEntries none(TableIndexes by) {
        return new IndexEntries(by, NONE);
    }

    boolean contains(byte[] key) {
        for (byte[] mine : keys) {
            if (Arrays.equals(mine, key)) {
                return true;
            }
        }
        return false;
    }

    /** The key that lies in an interval, or null. */
    byte @Nullable [] in(KeyInterval interval) {
        for (byte[] mine : keys) {
            if (Arrays.compareUnsigned(mine, interval.from()) >= 0 && !interval.endsBefore(mine)) {
                return mine;
            }
        }
        return null;
    }

    int weight() {
        int sum = 0;
        for (byte[] key : keys) {
            sum += OVERHEAD + key.length;
        }
        return sum;
    }
}
