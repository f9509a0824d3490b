package org.millrace.store;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A stretch of keys.
 *
 * @param from the first key, which need not exist
 * @param to the first key behind it; null for the end of all keys
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record KeyInterval(byte[] from, byte @Nullable [] to) {
    /** All keys that start with these bytes. */
    static KeyInterval startingWith(byte[] prefix) {
        return new KeyInterval(prefix, successor(prefix));
    }

    /** This key alone. */
    static KeyInterval only(byte[] key) {
        return new KeyInterval(key, Arrays.copyOf(key, key.length + 1));
    }

    boolean endsBefore(byte[] key) {
        return to != null && Arrays.compareUnsigned(key, to) >= 0;
    }

    /** The first key that does not start with the prefix and sorts behind those that do. */
    private static byte @Nullable [] successor(byte[] prefix) {
        for (int i = prefix.length - 1; i >= 0; i--) {
            if (prefix[i] != (byte) 0xFF) {
                byte[] next = Arrays.copyOf(prefix, i + 1);
                next[i]++;
                return next;
            }
        }
        return null;
    }
}
