package org.millrace.content;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Instant;

/** Writes MessagePack (the specification of 2017) in its shortest form; floats keep the width of the source. */
final class MessagePackWriter extends BinaryWriter {
    private static final int FIXED_MAP = 0x80;
    private static final int FIXED_ARRAY = 0x90;
    private static final int FIXED_TEXT = 0xa0;
    private static final int NIL = 0xc0;
    private static final int FALSE = 0xc2;
    private static final int TRUE = 0xc3;
    private static final int BIN_8 = 0xc4;
    private static final int FLOAT_32 = 0xca;
    private static final int FLOAT_64 = 0xcb;
    private static final int UINT_8 = 0xcc;
    private static final int INT_8 = 0xd0;
    private static final int STR_8 = 0xd9;
    private static final int ARRAY_16 = 0xdc;
    private static final int MAP_16 = 0xde;

    @Override
    void nil() {
        item();
        put(NIL);
    }

    @Override
    void bool(boolean value) {
        item();
        put(value ? TRUE : FALSE);
    }

    @Override
    void bigInteger(BigInteger value) {
        if (value.signum() >= 0 && value.bitLength() <= Long.SIZE) {
            item();
            put(UINT_8 + 3, value.longValue(), 8);
        } else {
            text(value.toString());
        }
    }

    @Override
    void float32(float value) {
        item();
        put(FLOAT_32, Float.floatToIntBits(value), 4);
    }

    @Override
    void float64(double value) {
        item();
        put(FLOAT_64, Double.doubleToLongBits(value), 8);
    }

    @Override
    void decimal(BigDecimal value) {
        if (Value.of(value) instanceof Value.Exact) {
            text(value.toString());
        } else {
            float64(value.doubleValue());
        }
    }

    @Override
    void binary(byte[] value) {
        item();
        putSized(BIN_8, value.length);
        put(value, 0, value.length);
    }

    @Override
    void timestamp(Instant value) {
        throw new IllegalStateException("only MessagePack has timestamps, and it is not converted to itself");
    }

    @Override
    void putText(String text) {
        byte[] utf8 = utf8(text);
        if (utf8.length < 32) {
            put(FIXED_TEXT | utf8.length);
        } else {
            putSized(STR_8, utf8.length);
        }
        put(utf8, 0, utf8.length);
    }

    private void putSized(int head8, int length) {
        if (length <= 0xff) {
            put(head8, length, 1);
        } else if (length <= 0xffff) {
            put(head8 + 1, length, 2);
        } else {
            put(head8 + 2, length, 4);
        }
    }

    @Override
    void putInteger(long value) {
        if (value >= 0) {
            if (value < 0x80) {
                put((int) value);
            } else if (value <= 0xff) {
                put(UINT_8, value, 1);
            } else if (value <= 0xffff) {
                put(UINT_8 + 1, value, 2);
            } else if (value <= 0xffff_ffffL) {
                put(UINT_8 + 2, value, 4);
            } else {
                put(UINT_8 + 3, value, 8);
            }
        } else if (value >= -0x20) {
            put((int) value);
        } else if (value >= Byte.MIN_VALUE) {
            put(INT_8, value, 1);
        } else if (value >= Short.MIN_VALUE) {
            put(INT_8 + 1, value, 2);
        } else if (value >= Integer.MIN_VALUE) {
            put(INT_8 + 2, value, 4);
        } else {
            put(INT_8 + 3, value, 8);
        }
    }

    @Override
    int headSize(int count) {
        return count < 16 ? 1 : count <= 0xffff ? 3 : 5;
    }

    @Override
    void writeHead(byte[] target, int at, boolean map, int count) {
        switch (headSize(count)) {
            case 1 -> target[at] = (byte) ((map ? FIXED_MAP : FIXED_ARRAY) | count);
            case 3 -> {
                target[at] = (byte) (map ? MAP_16 : ARRAY_16);
                putNumber(target, at + 1, count, 2);
            }
            default -> {
                target[at] = (byte) ((map ? MAP_16 : ARRAY_16) + 1);
                putNumber(target, at + 1, count, 4);
            }
        }
    }
}
