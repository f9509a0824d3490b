package org.millrace.content;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Instant;

/**
 * Writes CBOR (RFC 8949) in preferred serialization (section 4.1), except that floats keep the width they have in the
 * source.
 */
final class CborWriter extends BinaryWriter {
    private static final int UNSIGNED = 0x00;
    private static final int NEGATIVE = 0x20;
    private static final int BYTES = 0x40;
    private static final int TEXT = 0x60;
    private static final int ARRAY = 0x80;
    private static final int MAP = 0xa0;

    private static final int DATE_TAG = 0xc0;
    private static final int POSITIVE_BIGNUM_TAG = 0xc2;
    private static final int NEGATIVE_BIGNUM_TAG = 0xc3;
    private static final int DECIMAL_FRACTION_TAG = 0xc4;

    private static final int FALSE = 0xf4;
    private static final int TRUE = 0xf5;
    private static final int NULL = 0xf6;
    private static final int FLOAT32 = 0xfa;
    private static final int FLOAT64 = 0xfb;

    @Override
    void nil() {
        item();
        put(NULL);
    }

    @Override
    void bool(boolean value) {
        item();
        put(value ? TRUE : FALSE);
    }

    @Override
    void bigInteger(BigInteger value) {
        item();
        putInteger(value);
    }

    @Override
    void float32(float value) {
        item();
        put(FLOAT32, Float.floatToIntBits(value), 4);
    }

    @Override
    void float64(double value) {
        item();
        put(FLOAT64, Double.doubleToLongBits(value), 8);
    }

    @Override
    void decimal(BigDecimal value) {
        item();
        put(DECIMAL_FRACTION_TAG);
        put(ARRAY | 2);
        putInteger(-value.scale());
        putInteger(value.unscaledValue());
    }

    @Override
    void binary(byte[] value) {
        item();
        putHead(BYTES, value.length);
        put(value, 0, value.length);
    }

    @Override
    void timestamp(Instant value) {
        item();
        put(DATE_TAG);
        putText(value.toString());
    }

    @Override
    void putText(String text) {
        byte[] utf8 = utf8(text);
        putHead(TEXT, utf8.length);
        put(utf8, 0, utf8.length);
    }

    @Override
    void putInteger(long value) {
        if (value >= 0) {
            putHead(UNSIGNED, value);
        } else {
            putHead(NEGATIVE, ~value);
        }
    }

    private void putInteger(BigInteger value) {
        boolean negative = value.signum() < 0;
        BigInteger argument = negative ? value.not() : value;
        if (argument.bitLength() <= Long.SIZE) {
            putHead(negative ? NEGATIVE : UNSIGNED, argument.longValue());
            return;
        }
        byte[] magnitude = argument.toByteArray();
        int from = magnitude[0] == 0 ? 1 : 0;
        put(negative ? NEGATIVE_BIGNUM_TAG : POSITIVE_BIGNUM_TAG);
        putHead(BYTES, magnitude.length - from);
        put(magnitude, from, magnitude.length);
    }

    /** A major type and its argument, taken as unsigned, in the shortest form. */
    private void putHead(int major, long argument) {
        if (argument >= 0 && argument < 24) {
            put(major | (int) argument);
        } else if (argument >= 0 && argument <= 0xff) {
            put(major | 24, argument, 1);
        } else if (argument >= 0 && argument <= 0xffff) {
            put(major | 25, argument, 2);
        } else if (argument >= 0 && argument <= 0xffff_ffffL) {
            put(major | 26, argument, 4);
        } else {
            put(major | 27, argument, 8);
        }
    }

    @Override
    int headSize(int count) {
        return count < 24 ? 1 : count <= 0xff ? 2 : count <= 0xffff ? 3 : 5;
    }

    @Override
    void writeHead(byte[] target, int at, boolean map, int count) {
        int major = map ? MAP : ARRAY;
        switch (headSize(count)) {
            case 1 -> target[at] = (byte) (major | count);
            case 2 -> head(target, at, major | 24, count, 1);
            case 3 -> head(target, at, major | 25, count, 2);
            default -> head(target, at, major | 26, count, 4);
        }
    }

    private static void head(byte[] target, int at, int first, int count, int size) {
        target[at] = (byte) first;
        putNumber(target, at + 1, count, size);
    }
}
