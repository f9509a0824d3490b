package org.millrace.content;

import java.math.BigInteger;
import java.time.Instant;

/** Reads MessagePack (the specification of 2017, with timestamps). Text that is not UTF-8 is refused. */
final class MessagePackReader extends BinaryReader {
    private static final int TIMESTAMP_TYPE = -1;
    private static final int MAX_NANOS = 999_999_999;
    // The years RFC 3339 can say: 0000-01-01T00:00:00Z to 9999-12-31T23:59:59Z.
    private static final long EARLIEST_SECOND = -62_167_219_200L;
    private static final long LATEST_SECOND = 253_402_300_799L;

    MessagePackReader(byte[] bytes, int from, int to, int maxDepth) {
        super("MessagePack", bytes, from, to, maxDepth);
    }

    @Override
    Token read() {
        int head = readByte();
        if (head < 0x80 || head >= 0xe0) {
            return integer((byte) head);
        }
        if (head < 0x90) {
            return open(true, head & 0x0f);
        }
        if (head < 0xa0) {
            return open(false, head & 0x0f);
        }
        if (head < 0xc0) {
            return text(head & 0x1f);
        }
        return switch (head) {
            case 0xc0 -> Token.NULL;
            case 0xc2 -> Token.FALSE;
            case 0xc3 -> Token.TRUE;
            case 0xc4 -> string(Token.BINARY, readNumber(1));
            case 0xc5 -> string(Token.BINARY, readNumber(2));
            case 0xc6 -> string(Token.BINARY, readNumber(4));
            case 0xc7 -> extension(readNumber(1));
            case 0xc8 -> extension(readNumber(2));
            case 0xc9 -> extension(readNumber(4));
            case 0xca -> real(Token.FLOAT32, Float.intBitsToFloat((int) readNumber(4)));
            case 0xcb -> real(Token.FLOAT64, Double.longBitsToDouble(readNumber(8)));
            case 0xcc -> integer(readNumber(1));
            case 0xcd -> integer(readNumber(2));
            case 0xce -> integer(readNumber(4));
            case 0xcf -> unsigned(readNumber(8));
            case 0xd0 -> integer((byte) readNumber(1));
            case 0xd1 -> integer((short) readNumber(2));
            case 0xd2 -> integer((int) readNumber(4));
            case 0xd3 -> integer(readNumber(8));
            case 0xd4 -> extension(1);
            case 0xd5 -> extension(2);
            case 0xd6 -> extension(4);
            case 0xd7 -> extension(8);
            case 0xd8 -> extension(16);
            case 0xd9 -> text(readNumber(1));
            case 0xda -> text(readNumber(2));
            case 0xdb -> text(readNumber(4));
            case 0xdc -> open(false, readNumber(2));
            case 0xdd -> open(false, readNumber(4));
            case 0xde -> open(true, readNumber(2));
            case 0xdf -> open(true, readNumber(4));
            default -> throw invalid(position - 1, "0x" + Integer.toHexString(head) + " is no head of a value");
        };
    }

    @Override
    boolean readBreak() {
        return false;
    }

    private Token unsigned(long value) {
        return value >= 0
                ? integer(value)
                : bigInteger(BigInteger.valueOf(value & Long.MAX_VALUE).setBit(63));
    }

    private Token text(long length) {
        int from = position;
        Token token = string(Token.TEXT, length);
        checkUtf8(from, position);
        return token;
    }

    private Token extension(long length) {
        int type = (byte) readByte();
        if (type != TIMESTAMP_TYPE || length != 4 && length != 8 && length != 12) {
            return extension(type, length);
        }
        int from = position;
        long seconds;
        long nanos;
        if (length == 4) {
            seconds = readNumber(4);
            nanos = 0;
        } else if (length == 8) {
            long both = readNumber(8);
            seconds = both & 0x3_ffff_ffffL;
            nanos = both >>> 34;
        } else {
            nanos = readNumber(4);
            seconds = readNumber(8);
        }
        if (nanos > MAX_NANOS || seconds < EARLIEST_SECOND || seconds > LATEST_SECOND) {
            // No date that text can say: handed on as what it is on the wire.
            position = from;
            return extension(type, length);
        }
        return timestamp(Instant.ofEpochSecond(seconds, nanos));
    }
}
