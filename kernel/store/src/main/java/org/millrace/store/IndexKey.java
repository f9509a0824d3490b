package org.millrace.store;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.millrace.content.Value;
import org.millrace.query.ValueRange;

/**
 * The form of an index's entries: the index's number (4 bytes), a {@link ValueKey}, and the record's key without its
 * table, so that an index is ordered by value and then by id. That last part is shortened if it has more than
 * {@link #SUFFIX} bytes: to a beginning, FF and a hash; the record's whole key is the entry's value then, which is empty
 * otherwise.
 */
final class IndexKey {
    /** The longest part of a key that tells the record. */
    static final int SUFFIX = 300;
    /** Tables of longer names, in UTF-8, cannot have indexes: their keys may be shortened within the id. */
    static final int LONGEST_TABLE = 180;

    static final int ID = Integer.BYTES;
    private static final int HASH = 16;
    private static final int KEPT = SUFFIX - 1 - HASH;
    private static final byte MARK = (byte) 0xFF;

    private IndexKey() {}

    static byte[] of(int index, Value value, byte[] suffix) {
        byte[] encoded = ValueKey.of(value);
        return ByteBuffer.allocate(ID + encoded.length + suffix.length)
                .putInt(index)
                .put(encoded)
                .put(suffix)
                .array();
    }

    /** What tells a record within its table; in the order of the records' keys, long ones apart. */
    static byte[] suffix(byte[] recordKey, int tableLength) {
        if (recordKey.length - tableLength <= SUFFIX) {
            return Arrays.copyOfRange(recordKey, tableLength, recordKey.length);
        }
        byte[] suffix = Arrays.copyOfRange(recordKey, tableLength, tableLength + SUFFIX);
        suffix[KEPT] = MARK;
        System.arraycopy(RecordKey.sha256(recordKey), 0, suffix, KEPT + 1, HASH);
        return suffix;
    }

    static boolean isShortened(byte[] suffix) {
        return suffix.length == SUFFIX && suffix[KEPT] == MARK;
    }

    /** Where the record's part of an entry's key begins. */
    static int suffixStart(byte[] key) {
        return ValueKey.end(key, ID);
    }

    static byte[] suffixOf(byte[] key) {
        return Arrays.copyOfRange(key, suffixStart(key), key.length);
    }

    /** The record's key, from an entry's key and value. */
    static byte[] recordKey(byte[] table, byte[] suffix, @Nullable ByteBuffer value) {
        if (value != null && value.hasRemaining()) {
            byte[] whole = new byte[value.remaining()];
            value.get(value.position(), whole);
            return whole;
        }
        byte[] key = Arrays.copyOf(table, table.length + suffix.length);
        System.arraycopy(suffix, 0, key, table.length, suffix.length);
        return key;
    }

    /** All entries of an index. */
    static KeyInterval all(int index) {
        return KeyInterval.startingWith(ByteBuffer.allocate(ID).putInt(index).array());
    }

    /** What an entry's key must start with for its value to be this one, or to share its rough key. */
    static byte[] point(int index, Value value) {
        return prefixed(index, ValueKey.of(value));
    }

    /** The entries of a range, and perhaps a few more at its ends, where values are rough. */
    static KeyInterval interval(int index, ValueRange range) {
        return switch (range) {
            case ValueRange.Everything() -> all(index);
            case ValueRange.Present() ->
                new KeyInterval(prefixed(index, ValueKey.FALSE), all(index).to());
            case ValueRange.Point(Value value) -> KeyInterval.startingWith(point(index, value));
            case ValueRange.StartsWith(String prefix) ->
                KeyInterval.startingWith(prefixed(index, ValueKey.ofPrefix(prefix)));
            case ValueRange.Between between -> between(index, between);
        };
    }

    private static KeyInterval between(int index, ValueRange.Between range) {
        Value lower = range.lower();
        Value upper = range.upper();
        byte[] kind = ValueKey.of(lower != null ? lower : java.util.Objects.requireNonNull(upper));
        byte first = kind[0] == ValueKey.TRUE ? ValueKey.FALSE : kind[0];
        byte last = kind[0] == ValueKey.FALSE ? ValueKey.TRUE : kind[0];
        byte[] from = prefixed(index, first);
        byte[] to = prefixed(index, (byte) (last + 1));
        if (lower != null) {
            byte[] bound = point(index, lower);
            from = range.includesLower() || isRough(bound) ? bound : after(bound);
        }
        if (upper != null) {
            byte[] bound = point(index, upper);
            to = range.includesUpper() || isRough(bound) ? after(bound) : bound;
        }
        // More than 5 and less than 3 is nothing.
        return new KeyInterval(from, Arrays.compareUnsigned(from, to) <= 0 ? to : from);
    }

    private static boolean isRough(byte[] point) {
        return ValueKey.isRough(point, ID, point.length);
    }

    /** Behind all keys that start so. An index's number is followed by others, so there is such a key. */
    private static byte[] after(byte[] prefix) {
        return java.util.Objects.requireNonNull(KeyInterval.startingWith(prefix).to());
    }

    private static byte[] prefixed(int index, byte... rest) {
        return ByteBuffer.allocate(ID + rest.length).putInt(index).put(rest).array();
    }
}
