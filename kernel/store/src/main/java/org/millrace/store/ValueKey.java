package org.millrace.store;

import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.millrace.content.Value;

/**
 * The form of a value in an index key. The unsigned order of the bytes is the order of values, and none is the beginning
 * of another:
 *
 * <pre>
 *  missing 10   null 20   false 30   true 31
 *  number  40   the nearest double, 8 bytes in sortable form; 80 if that is the number, else 40 or C0 and the
 *               difference as another such double
 *  text    50   its chars as UTF-8 would have them, but for surrogates (F8 and two more bytes) and NUL (00 FF); 00 01
 *  bytes   60   00 as 00 FF, FE as FE FE, FF as FE FF; 00 01
 *  array   70   FF
 *  struct  80   FF
 * </pre>
 *
 * <p>Texts and bytes are cut after about {@link #BODY} bytes; FF stands for the rest. A key that ends so, that holds an
 * array or struct, or a difference, is <em>rough</em>: different values may share it.
 */
final class ValueKey {
    /** No value takes more bytes. */
    static final int MAX = 1 + 200 + 2;

    static final byte MISSING = 0x10;
    static final byte NULL = 0x20;
    static final byte FALSE = 0x30;
    static final byte TRUE = 0x31;
    static final byte NUMBER = 0x40;
    static final byte TEXT = 0x50;
    static final byte BINARY = 0x60;
    static final byte ARRAY = 0x70;
    static final byte STRUCT = (byte) 0x80;

    /** Where the last char of a text may begin; the longest has three bytes. */
    private static final int BODY = 198;

    private static final byte EQUAL = (byte) 0x80;
    private static final byte BELOW = 0x40;
    private static final byte ABOVE = (byte) 0xC0;
    private static final byte CUT = (byte) 0xFF;
    private static final byte ESCAPE = (byte) 0xFE;
    private static final long EXACT_DOUBLE = 1L << 53;

    private ValueKey() {}

    static byte[] of(Value value) {
        return switch (value) {
            case Value.Missing() -> new byte[] {MISSING};
            case Value.Null() -> new byte[] {NULL};
            case Value.Bool(boolean bool) -> new byte[] {bool ? TRUE : FALSE};
            case Value.Whole(long whole) when whole >= -EXACT_DOUBLE && whole <= EXACT_DOUBLE -> number((double) whole);
            case Value.Whole(long whole) -> number(BigDecimal.valueOf(whole));
            case Value.Real(double real) -> number(real);
            case Value.Exact(BigDecimal exact) -> number(exact);
            case Value.Text(String text) -> text(text, true);
            case Value.Binary binary -> binary(binary.bytes());
            case Value.Array _ -> new byte[] {ARRAY, CUT};
            case Value.Struct _ -> new byte[] {STRUCT, CUT};
        };
    }

    /** What the keys of all texts with a beginning start with; perhaps those of a few others too. */
    static byte[] ofPrefix(String prefix) {
        return text(prefix, false);
    }

    private static byte[] number(double exact) {
        return ByteBuffer.allocate(10)
                .put(NUMBER)
                .putLong(sortable(exact))
                .put(EQUAL)
                .array();
    }

    private static byte[] number(BigDecimal number) {
        double nearest = Math.clamp(number.doubleValue(), -Double.MAX_VALUE, Double.MAX_VALUE);
        int sign;
        double difference;
        if (nearest == 0) {
            // Nearer to 0 than any double.
            sign = number.signum();
            difference = sign < 0 ? -0.0 : 0.0;
        } else if (Double.isInfinite(number.doubleValue())) {
            // Of perhaps a billion digits: no arithmetic.
            sign = number.compareTo(new BigDecimal(nearest));
            difference = sign * Double.MAX_VALUE;
        } else {
            BigDecimal rest = number.subtract(new BigDecimal(nearest));
            sign = rest.signum();
            difference = rest.doubleValue();
        }
        if (sign == 0) {
            return number(nearest);
        }
        return ByteBuffer.allocate(18)
                .put(NUMBER)
                .putLong(sortable(nearest))
                .put(sign < 0 ? BELOW : ABOVE)
                .putLong(sortable(difference))
                .array();
    }

    /** Bits whose unsigned order is that of the doubles, NaN last. */
    private static long sortable(double number) {
        long bits = Double.doubleToLongBits(number);
        return bits ^ (bits >> 63 | Long.MIN_VALUE);
    }

    private static byte[] text(String text, boolean whole) {
        byte[] key = new byte[Math.min(MAX, 3 + 3 * text.length())];
        key[0] = TEXT;
        int at = 1;
        for (int i = 0; i < text.length(); i++) {
            if (at > BODY) {
                if (whole) {
                    key[at++] = CUT;
                }
                return Arrays.copyOf(key, at);
            }
            char c = text.charAt(i);
            if (c == 0) {
                key[at++] = 0;
                key[at++] = CUT;
            } else if (c < 0x80) {
                key[at++] = (byte) c;
            } else if (c < 0x800) {
                key[at++] = (byte) (0xC0 | c >> 6);
                key[at++] = (byte) (0x80 | c & 0x3F);
            } else if (Character.isSurrogate(c)) {
                key[at++] = (byte) 0xF8;
                key[at++] = (byte) (0x80 | c - Character.MIN_SURROGATE >> 6);
                key[at++] = (byte) (0x80 | c & 0x3F);
            } else {
                key[at++] = (byte) (0xE0 | c >> 12);
                key[at++] = (byte) (0x80 | c >> 6 & 0x3F);
                key[at++] = (byte) (0x80 | c & 0x3F);
            }
        }
        if (whole) {
            key[at++] = 0;
            key[at++] = 1;
        }
        return Arrays.copyOf(key, at);
    }

    private static byte[] binary(byte[] bytes) {
        byte[] key = new byte[Math.min(MAX, 3 + 2 * bytes.length)];
        key[0] = BINARY;
        int at = 1;
        for (byte b : bytes) {
            if (at > BODY) {
                key[at++] = CUT;
                return Arrays.copyOf(key, at);
            }
            if (b == 0) {
                key[at++] = 0;
                key[at++] = CUT;
            } else {
                if (b == ESCAPE || b == CUT) {
                    key[at++] = ESCAPE;
                }
                key[at++] = b;
            }
        }
        key[at++] = 0;
        key[at++] = 1;
        return Arrays.copyOf(key, at);
    }

    /** The end of the value that starts at a place of a key. */
    static int end(byte[] key, int start) {
        return switch (key[start]) {
            case NUMBER -> start + (key[start + 9] == EQUAL ? 10 : 18);
            case TEXT, BINARY, ARRAY, STRUCT -> endOfBody(key, start + 1);
            default -> start + 1;
        };
    }

    private static int endOfBody(byte[] key, int start) {
        int at = start;
        while (true) {
            byte b = key[at];
            if (b == CUT) {
                return at + 1;
            }
            if (b == 0 && key[at + 1] == 1) {
                return at + 2;
            }
            at += b == 0 || b == ESCAPE ? 2 : 1;
        }
    }

    /** Whether other values may share the value's part of a key, which lies between two places. */
    static boolean isRough(byte[] key, int start, int end) {
        return switch (key[start]) {
            case NUMBER -> key[start + 9] != EQUAL;
            case TEXT, BINARY, ARRAY, STRUCT -> key[end - 1] == CUT;
            default -> false;
        };
    }
}
