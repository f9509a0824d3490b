package org.millrace.content;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.ResourceException;

/**
 * What the readers of CBOR and MessagePack share: the stack of open arrays and maps, the present token's value, and the
 * rules of both (one value, nothing behind it, text is UTF-8, names are scalars, no deeper than allowed).
 */
abstract sealed class BinaryReader extends ValueReader permits CborReader, MessagePackReader {
    /** A count that only a break byte ends (CBOR). */
    static final long INDEFINITE = -1;

    // Stands for an indefinite count: negative, and even so that its lowest bit alternates between name and value.
    private static final int OPEN_END = -2;
    private static final byte[] NO_BYTES = {};

    final byte[] bytes;
    int position;

    private final int limit;
    private final int maxDepth;
    private final String format;

    private Token present = Token.END;
    private int start;
    private boolean begun;
    private int depth;
    // What is left of each open container; a map counts names and values apart, so an even number expects a name.
    private int[] left = new int[8];
    private boolean[] isMap = new boolean[8];

    private long integer;
    private double real;
    private BigInteger bigInteger = BigInteger.ZERO;
    private BigDecimal decimal = BigDecimal.ZERO;
    private Instant timestamp = Instant.EPOCH;
    private int extensionType;
    private byte[] slice = NO_BYTES;
    private int sliceFrom;
    private int sliceTo;
    private @Nullable String name;

    BinaryReader(String format, byte[] bytes, int from, int to, int maxDepth) {
        this.format = format;
        this.bytes = bytes;
        this.position = from;
        this.limit = to;
        this.maxDepth = maxDepth;
    }

    /** Reads the token at {@link #position} and moves behind its head, or behind all of it for a scalar. */
    abstract Token read();

    /** Whether the next byte ends an array or map of indefinite length; if so, moves behind it. */
    abstract boolean readBreak();

    @Override
    final Token next() {
        present = advance();
        return present;
    }

    private Token advance() {
        if (depth == 0) {
            if (!begun) {
                begun = true;
                start = position;
                return read();
            }
            if (position != limit) {
                throw invalid(position, (limit - position) + " bytes follow the value; a content is exactly one");
            }
            return Token.END;
        }
        int open = depth - 1;
        int count = left[open];
        boolean map = isMap[open];
        boolean expectsName = map && (count & 1) == 0;
        start = position;
        if (count == 0 || count < 0 && (expectsName || !map) && readBreak()) {
            depth = open;
            return map ? Token.MAP_END : Token.ARRAY_END;
        }
        left[open] = count - 1;
        return expectsName ? name(read()) : read();
    }

    private Token name(Token token) {
        name = null;
        switch (token) {
            case TEXT -> {
                return Token.KEY;
            }
            case INTEGER -> {
                return Token.INTEGER_KEY;
            }
            case NULL -> name = "null";
            case TRUE -> name = "true";
            case FALSE -> name = "false";
            case BIG_INTEGER -> name = bigInteger.toString();
            case FLOAT32, FLOAT64 -> name = Double.toString(real);
            case DECIMAL -> name = decimal.toString();
            case BINARY, EXTENSION -> name = BASE64URL.encodeToString(binary());
            case TIMESTAMP -> name = timestamp.toString();
            case ARRAY_START, MAP_START ->
                throw invalid(start, "a map's key is an array or a map; keys must be scalar values");
            case ARRAY_END, MAP_END, KEY, INTEGER_KEY, END ->
                throw new IllegalStateException(token + " cannot be read as a name");
        }
        return Token.KEY;
    }

    @Override
    final void skipChildren() {
        if (present == Token.ARRAY_START || present == Token.MAP_START) {
            int outside = depth - 1;
            while (depth > outside) {
                next();
            }
        }
    }

    /** Opens an array or a map of so many items or members. */
    final Token open(boolean map, long count) {
        if (depth == maxDepth) {
            throw new ResourceException(
                    ErrorCode.TOO_LARGE,
                    format + " nests deeper than the " + maxDepth + " levels allowed, at byte " + start);
        }
        // Each item takes at least one byte: a count beyond that is a lie, found before anyone allocates for it.
        if (count > (limit - position) / (map ? 2 : 1) || count < INDEFINITE) {
            throw truncated();
        }
        if (depth == left.length) {
            left = Arrays.copyOf(left, depth * 2);
            isMap = Arrays.copyOf(isMap, depth * 2);
        }
        isMap[depth] = map;
        left[depth] = count == INDEFINITE ? OPEN_END : (int) count * (map ? 2 : 1);
        depth++;
        return map ? Token.MAP_START : Token.ARRAY_START;
    }

    /** Text or bytes of this length at the present position. */
    final Token string(Token token, long length) {
        int from = position;
        skip(length);
        return string(token, bytes, from, position);
    }

    final Token string(Token token, byte[] source, int from, int to) {
        slice = source;
        sliceFrom = from;
        sliceTo = to;
        name = null;
        return token;
    }

    final void checkUtf8(int from, int to) {
        int malformed = Utf8.firstMalformed(bytes, from, to);
        if (malformed >= 0) {
            throw invalid(malformed, "text is not UTF-8");
        }
    }

    final Token integer(long value) {
        integer = value;
        return Token.INTEGER;
    }

    /** A whole number of any size, however long it was written. */
    final Token bigInteger(BigInteger value) {
        if (value.bitLength() < Long.SIZE) {
            return integer(value.longValue());
        }
        bigInteger = value;
        return Token.BIG_INTEGER;
    }

    final Token real(Token token, double value) {
        real = value;
        return token;
    }

    final Token decimal(BigDecimal value) {
        decimal = value;
        return Token.DECIMAL;
    }

    final Token timestamp(Instant value) {
        timestamp = value;
        return Token.TIMESTAMP;
    }

    final Token extension(int type, long length) {
        extensionType = type;
        return string(Token.EXTENSION, length);
    }

    final int readByte() {
        if (position >= limit) {
            throw truncated();
        }
        return bytes[position++] & 0xff;
    }

    /** Reads an unsigned number of 1, 2, 4 or 8 bytes in network order; 8 bytes may come out negative. */
    final long readNumber(int size) {
        int from = position;
        skip(size);
        long value = 0;
        for (int i = from; i < position; i++) {
            value = value << 8 | bytes[i] & 0xff;
        }
        return value;
    }

    final boolean isAt(int expected) {
        return position < limit && (bytes[position] & 0xff) == expected;
    }

    final void skip(long length) {
        if (length < 0 || length > limit - position) {
            throw truncated();
        }
        position += (int) length;
    }

    final ResourceException truncated() {
        return invalid(limit, "the bytes end within a value");
    }

    final ResourceException invalid(int at, String what) {
        return new ResourceException(ErrorCode.INVALID, "malformed " + format + " at byte " + at + ": " + what);
    }

    @Override
    final String text() {
        if (present == Token.INTEGER_KEY) {
            return Long.toString(integer);
        }
        return name != null ? name : new String(slice, sliceFrom, sliceTo - sliceFrom, StandardCharsets.UTF_8);
    }

    @Override
    final long integer() {
        return integer;
    }

    @Override
    final BigInteger bigInteger() {
        return bigInteger;
    }

    @Override
    final double real() {
        return real;
    }

    @Override
    final BigDecimal decimal() {
        return decimal;
    }

    @Override
    final byte[] binary() {
        return Arrays.copyOfRange(slice, sliceFrom, sliceTo);
    }

    @Override
    final int extensionType() {
        return extensionType;
    }

    @Override
    final Instant timestamp() {
        return timestamp;
    }

    @Override
    final int start() {
        return start;
    }

    @Override
    final int end() {
        return position;
    }
}
