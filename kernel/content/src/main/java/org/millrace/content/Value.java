package org.millrace.content;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A value out of a structured content in terms all formats share, for queries and indexes to compare.
 *
 * <p>Immutable. Numbers are equal if they are the same number, whatever they were written as: {@code 1}, {@code 1.0} and
 * CBOR's half-precision 1 give the same {@link Whole}.
 *
 * <p>The order, total and consistent with equals, is by kind first: missing, null, false, true, numbers, texts, bytes,
 * arrays, structs. Numbers are in numeric order with NaN last, texts in the order of their code points, bytes unsigned,
 * arrays item by item, structs by their members in the order of the names.
 */
public sealed interface Value extends Comparable<Value> {
    /** No attribute is at the path. */
    Value MISSING = new Missing();

    /** Null. */
    Value NULL = new Null();

    /** True. */
    Value TRUE = new Bool(true);

    /** False. */
    Value FALSE = new Bool(false);

    /** Nothing: the attribute asked for is not there. */
    record Missing() implements Value {}

    /** Null; also CBOR's undefined. */
    record Null() implements Value {}

    /**
     * True or false.
     *
     * @param value which
     */
    record Bool(boolean value) implements Value {}

    /**
     * A whole number of the {@code long} range.
     *
     * @param value the number
     */
    record Whole(long value) implements Value {}

    /**
     * A number that {@code double} holds. Made by {@link Value#of(double)}, which gives whole ones as {@link Whole}.
     *
     * @param value the number, NaN or an infinity
     */
    record Real(double value) implements Value {}

    /**
     * A number beyond {@code long} and {@code double}. Made by {@link Value#of(BigDecimal)} and
     * {@link Value#of(BigInteger)}, which give lesser ones as {@link Whole} and {@link Real}.
     *
     * @param value the number without trailing zeros
     */
    record Exact(BigDecimal value) implements Value {}

    /**
     * A text.
     *
     * @param value its characters
     */
    record Text(String value) implements Value {}

    /**
     * Bytes.
     *
     * @param bytes belong to the value and must not be altered
     */
    @SuppressWarnings("ArrayRecordComponent") // equals and hashCode below go by the bytes
    record Binary(byte[] bytes) implements Value {
        @Override
        public boolean equals(Object other) {
            return other instanceof Binary that && Arrays.equals(bytes, that.bytes);
        }

        @Override
        public int hashCode() {
            return Arrays.hashCode(bytes);
        }

        @Override
        public String toString() {
            return "Binary[" + ValueReader.BASE64URL.encodeToString(bytes) + "]";
        }
    }

    /**
     * An array.
     *
     * @param items must not be altered afterwards
     */
    record Array(List<Value> items) implements Value {}

    /**
     * A map (JSON's object); names that were no text are in their textual form, and of names that came twice the last
     * counts.
     *
     * @param members by name, in the order written; must not be altered afterwards
     */
    record Struct(Map<String, Value> members) implements Value {}

    /**
     * A number.
     *
     * @param number any
     * @return {@link Whole} if it is one in the {@code long} range, else {@link Real}
     */
    static Value of(double number) {
        long whole = (long) number;
        // 2^63 itself casts to Long.MAX_VALUE, which as a double is 2^63 again.
        return whole == number && whole != Long.MAX_VALUE ? new Whole(whole) : new Real(number);
    }

    /**
     * A whole number of any size.
     *
     * @param number any
     * @return {@link Whole} in the {@code long} range, {@link Real} if {@code double} holds it, else {@link Exact}
     */
    static Value of(BigInteger number) {
        return number.bitLength() < Long.SIZE ? new Whole(number.longValue()) : of(new BigDecimal(number));
    }

    /**
     * A decimal number.
     *
     * @param number any
     * @return {@link Whole} or {@link Real} if these hold it; {@link Real} too for fractions of up to 17 digits, which
     *     so compare equal to the same text read as a {@code double}; else {@link Exact}
     */
    static Value of(BigDecimal number) {
        BigDecimal stripped = number.stripTrailingZeros();
        if (stripped.scale() <= 0 && (long) stripped.precision() - stripped.scale() <= 19) {
            BigInteger whole = stripped.toBigInteger();
            if (whole.bitLength() < Long.SIZE) {
                return new Whole(whole.longValue());
            }
        }
        double real = stripped.doubleValue();
        if (Double.isInfinite(real) || real == 0) {
            return new Exact(stripped);
        }
        boolean held =
                stripped.scale() > 0 && stripped.precision() <= 17 || new BigDecimal(real).compareTo(stripped) == 0;
        return held ? new Real(real) : new Exact(stripped);
    }

    /**
     * Where the kind stands in the order.
     *
     * @return numbers of every kind have the same rank
     */
    private int rank() {
        return switch (this) {
            case Missing _ -> 0;
            case Null _ -> 1;
            case Bool _ -> 2;
            case Whole _, Real _, Exact _ -> 3;
            case Text _ -> 4;
            case Binary _ -> 5;
            case Array _ -> 6;
            case Struct _ -> 7;
        };
    }

    @Override
    default int compareTo(Value other) {
        return switch (this) {
            case Missing _, Null _ -> Integer.compare(rank(), other.rank());
            case Bool(boolean mine) when other instanceof Bool(boolean theirs) -> Boolean.compare(mine, theirs);
            case Whole(long mine) when other instanceof Whole(long theirs) -> Long.compare(mine, theirs);
            case Real(double mine) when other instanceof Real(double theirs) -> Double.compare(mine, theirs);
            case Whole _, Real _, Exact _ when other.rank() == rank() -> compareNumbers(this, other);
            case Text(String mine) when other instanceof Text(String theirs) -> compareTexts(mine, theirs);
            case Binary mine when other instanceof Binary theirs -> Arrays.compareUnsigned(mine.bytes, theirs.bytes);
            case Array mine when other instanceof Array theirs -> compareItems(mine.items, theirs.items);
            case Struct mine when other instanceof Struct theirs -> compareMembers(mine.members, theirs.members);
            case Bool _, Whole _, Real _, Exact _, Text _, Binary _, Array _, Struct _ ->
                Integer.compare(rank(), other.rank());
        };
    }

    private static int compareNumbers(Value a, Value b) {
        if (a instanceof Real(double real) && !Double.isFinite(real)) {
            return real < 0 ? -1 : 1;
        }
        if (b instanceof Real(double real) && !Double.isFinite(real)) {
            return real < 0 ? 1 : -1;
        }
        return exact(a).compareTo(exact(b));
    }

    private static BigDecimal exact(Value number) {
        return switch (number) {
            case Whole(long whole) -> BigDecimal.valueOf(whole);
            case Real(double real) -> new BigDecimal(real);
            case Exact(BigDecimal exact) -> exact;
            case Missing _, Null _, Bool _, Text _, Binary _, Array _, Struct _ ->
                throw new IllegalArgumentException(number + " is no number");
        };
    }

    // UTF-16 order puts the characters beyond U+FFFF before U+E000; code point order is that of the UTF-8 bytes.
    private static int compareTexts(String a, String b) {
        int shorter = Math.min(a.length(), b.length());
        for (int i = 0; i < shorter; i++) {
            char mine = a.charAt(i);
            char theirs = b.charAt(i);
            if (mine != theirs) {
                boolean apart = Character.isSurrogate(mine) != Character.isSurrogate(theirs);
                return apart ? (Character.isSurrogate(mine) ? 1 : -1) : Character.compare(mine, theirs);
            }
        }
        return Integer.compare(a.length(), b.length());
    }

    private static int compareItems(List<Value> a, List<Value> b) {
        Iterator<Value> mine = a.iterator();
        Iterator<Value> theirs = b.iterator();
        while (mine.hasNext() && theirs.hasNext()) {
            int order = mine.next().compareTo(theirs.next());
            if (order != 0) {
                return order;
            }
        }
        return Integer.compare(a.size(), b.size());
    }

    private static int compareMembers(Map<String, Value> a, Map<String, Value> b) {
        Iterator<Map.Entry<String, Value>> mine = byName(a).entrySet().iterator();
        Iterator<Map.Entry<String, Value>> theirs = byName(b).entrySet().iterator();
        while (mine.hasNext() && theirs.hasNext()) {
            Map.Entry<String, Value> my = mine.next();
            Map.Entry<String, Value> their = theirs.next();
            int order = compareTexts(my.getKey(), their.getKey());
            if (order == 0) {
                order = my.getValue().compareTo(their.getValue());
            }
            if (order != 0) {
                return order;
            }
        }
        return Integer.compare(a.size(), b.size());
    }

    private static Map<String, Value> byName(Map<String, Value> members) {
        Map<String, Value> sorted = new TreeMap<>(Value::compareTexts);
        sorted.putAll(members);
        return sorted;
    }
}
