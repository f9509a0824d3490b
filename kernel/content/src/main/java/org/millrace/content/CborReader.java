package org.millrace.content;

import java.io.ByteArrayOutputStream;
import java.math.BigDecimal;
import java.math.BigInteger;
import org.jspecify.annotations.Nullable;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.ResourceException;

/**
 * Reads CBOR (RFC 8949), of definite and indefinite length, with any tags. Bignums (tags 2 and 3) and decimal fractions
 * (tag 4) come out as numbers; for every other tag the tagged value itself is given.
 */
final class CborReader extends BinaryReader {
    // 256^415 is just below 10^1000.
    static final int MAX_BIGNUM_BYTES = 415;
    static final int MAX_DECIMAL_EXPONENT = 1_000_000_000;

    private static final int UNSIGNED = 0;
    private static final int NEGATIVE = 1;
    private static final int BYTES = 2;
    private static final int TEXT = 3;
    private static final int ARRAY = 4;
    private static final int MAP = 5;
    private static final int TAG = 6;

    private static final int INDEFINITE_LENGTH = 31;
    private static final int BREAK = 0xff;
    private static final int ARRAY_OF_TWO = 0x82;

    private static final long NO_TAG = -1;
    private static final long POSITIVE_BIGNUM = 2;
    private static final long NEGATIVE_BIGNUM = 3;
    private static final long DECIMAL_FRACTION = 4;

    CborReader(byte[] bytes, int from, int to, int maxDepth) {
        super("CBOR", bytes, from, to, maxDepth);
    }

    @Override
    Token read() {
        int head = readByte();
        long tag = NO_TAG;
        while (head >>> 5 == TAG) {
            tag = argument(head);
            head = readByte();
        }
        if ((tag == POSITIVE_BIGNUM || tag == NEGATIVE_BIGNUM) && head >>> 5 == BYTES) {
            return bigInteger(bignum(head, tag));
        }
        if (tag == DECIMAL_FRACTION && head == ARRAY_OF_TWO) {
            BigDecimal decimal = decimalFraction();
            if (decimal != null) {
                return decimal(decimal);
            }
        }
        return switch (head >>> 5) {
            case UNSIGNED -> unsigned(argument(head));
            case NEGATIVE -> negative(argument(head));
            case BYTES -> (head & 0x1f) == INDEFINITE_LENGTH ? chunks(Token.BINARY, BYTES) : bytes(head);
            case TEXT -> (head & 0x1f) == INDEFINITE_LENGTH ? chunks(Token.TEXT, TEXT) : text(head);
            case ARRAY -> open(false, count(head));
            case MAP -> open(true, count(head));
            default -> simple(head & 0x1f);
        };
    }

    @Override
    boolean readBreak() {
        if (isAt(BREAK)) {
            readByte();
            return true;
        }
        return false;
    }

    /** The head's argument (RFC 8949 section 3); 64-bit ones beyond {@code long} come out negative. */
    private long argument(int head) {
        int info = head & 0x1f;
        if (info < 24) {
            return info;
        }
        if (info > 27) {
            throw invalid(position - 1, "0x" + Integer.toHexString(head) + " is no head of a value");
        }
        return readNumber(1 << info - 24);
    }

    private long count(int head) {
        if ((head & 0x1f) == INDEFINITE_LENGTH) {
            return INDEFINITE;
        }
        long count = argument(head);
        if (count < 0) {
            throw truncated();
        }
        return count;
    }

    private Token unsigned(long argument) {
        return argument >= 0 ? integer(argument) : bigInteger(magnitude(argument));
    }

    private Token negative(long argument) {
        return argument >= 0
                ? integer(~argument)
                : bigInteger(magnitude(argument).not());
    }

    private static BigInteger magnitude(long unsigned) {
        BigInteger low = BigInteger.valueOf(unsigned & Long.MAX_VALUE);
        return unsigned < 0 ? low.setBit(63) : low;
    }

    private Token bytes(int head) {
        return string(Token.BINARY, argument(head));
    }

    private Token text(int head) {
        long length = argument(head);
        int from = position;
        Token token = string(Token.TEXT, length);
        checkUtf8(from, position);
        return token;
    }

    /** A string of indefinite length: definite ones of the same kind, up to a break (RFC 8949 section 3.2.3). */
    private Token chunks(Token token, int kind) {
        ByteArrayOutputStream joined = new ByteArrayOutputStream();
        while (!readBreak()) {
            int at = position;
            int head = readByte();
            if (head >>> 5 != kind) {
                throw invalid(at, "a chunk of a string is of another kind than the string");
            }
            long length = argument(head);
            int from = position;
            skip(length);
            if (kind == TEXT) {
                checkUtf8(from, position);
            }
            joined.write(bytes, from, position - from);
        }
        byte[] all = joined.toByteArray();
        return string(token, all, 0, all.length);
    }

    private Token simple(int info) {
        return switch (info) {
            case 20 -> Token.FALSE;
            case 21 -> Token.TRUE;
            case 24 -> {
                if (readByte() < 32) {
                    throw invalid(position - 2, "a simple value below 32 is written in two bytes");
                }
                yield Token.NULL;
            }
            case 25 -> real(Token.FLOAT32, Float.float16ToFloat((short) readNumber(2)));
            case 26 -> real(Token.FLOAT32, Float.intBitsToFloat((int) readNumber(4)));
            case 27 -> real(Token.FLOAT64, Double.longBitsToDouble(readNumber(8)));
            case 28, 29, 30 -> throw invalid(position - 1, "0x" + Integer.toHexString(0xe0 | info) + " is reserved");
            case 31 -> throw invalid(position - 1, "a break where a value is expected");
            // Null, undefined and the unassigned simple values (RFC 8949 section 6.1).
            default -> Token.NULL;
        };
    }

    private BigInteger bignum(int head, long tag) {
        int at = position - 1;
        byte[] magnitude;
        if ((head & 0x1f) == INDEFINITE_LENGTH) {
            chunks(Token.BINARY, BYTES);
            magnitude = binary();
        } else {
            bytes(head);
            magnitude = binary();
        }
        if (magnitude.length > MAX_BIGNUM_BYTES) {
            throw new ResourceException(
                    ErrorCode.TOO_LARGE,
                    "the bignum at byte " + at + " of the CBOR has more than the " + ContentLimits.MAX_DIGITS
                            + " decimal digits allowed");
        }
        BigInteger value = new BigInteger(1, magnitude);
        return tag == POSITIVE_BIGNUM ? value : value.not();
    }

    /** The exponent and mantissa of RFC 8949 section 3.4.4; null, and not moved, if the array is no such pair. */
    private @Nullable BigDecimal decimalFraction() {
        int before = position;
        BigInteger exponent = readInteger();
        BigInteger mantissa = exponent == null ? null : readInteger();
        if (exponent == null || mantissa == null || exponent.bitLength() > 31) {
            position = before;
            return null;
        }
        int scale = -exponent.intValue();
        if (Math.abs((long) scale) > MAX_DECIMAL_EXPONENT) {
            position = before;
            return null;
        }
        return new BigDecimal(mantissa, scale);
    }

    private @Nullable BigInteger readInteger() {
        int head = readByte();
        long tag = NO_TAG;
        if (head >>> 5 == TAG) {
            tag = argument(head);
            head = readByte();
        }
        return switch (head >>> 5) {
            case UNSIGNED -> tag == NO_TAG ? magnitude(argument(head)) : null;
            case NEGATIVE -> tag == NO_TAG ? magnitude(argument(head)).not() : null;
            case BYTES -> tag == POSITIVE_BIGNUM || tag == NEGATIVE_BIGNUM ? bignum(head, tag) : null;
            default -> null;
        };
    }
}
