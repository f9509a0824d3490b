package org.millrace.content;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Walks over one structured value without building a tree. Used by one thread. The accessors tell about the token that
 * {@link #next} gave last, and hold only for the tokens they name.
 *
 * <p>Malformed bytes are refused with an {@code INVALID} {@link org.millrace.spi.resource.ResourceException} that gives
 * the position.
 */
abstract sealed class ValueReader implements AutoCloseable permits JsonReader, BinaryReader {
    static final Base64.Encoder BASE64URL = Base64.getUrlEncoder().withoutPadding();

    /** Moves on; {@link Token#END} once the value is behind. */
    abstract Token next();

    /** {@code TEXT}, {@code KEY} and {@code INTEGER_KEY}. */
    abstract String text();

    /** {@code INTEGER} and {@code INTEGER_KEY}. */
    abstract long integer();

    /** {@code BIG_INTEGER}. */
    abstract BigInteger bigInteger();

    /** {@code FLOAT32} and {@code FLOAT64}. */
    abstract double real();

    /** {@code DECIMAL}. */
    abstract BigDecimal decimal();

    /** {@code BINARY} and {@code EXTENSION}: a copy of the bytes. */
    abstract byte[] binary();

    /** {@code EXTENSION}: its type. */
    abstract int extensionType();

    /** {@code TIMESTAMP}. */
    abstract Instant timestamp();

    /** On {@code ARRAY_START} or {@code MAP_START}, moves to the end of it; otherwise does nothing. */
    abstract void skipChildren();

    /** Where the token begins in the bytes; CBOR tags belong to the value behind them. */
    abstract int start();

    /** Where the bytes after the token begin. */
    abstract int end();

    /** Gives buffers back. */
    @Override
    public void close() {}

    /** Reads on to the end of the value that the given token, the present one, begins. */
    final Value value(Token token) {
        return switch (token) {
            case NULL -> Value.NULL;
            case TRUE -> Value.TRUE;
            case FALSE -> Value.FALSE;
            case INTEGER -> new Value.Whole(integer());
            case BIG_INTEGER -> Value.of(bigInteger());
            case FLOAT32, FLOAT64 -> Value.of(real());
            case DECIMAL -> Value.of(decimal());
            case TEXT -> new Value.Text(text());
            case BINARY -> new Value.Binary(binary());
            case TIMESTAMP -> new Value.Text(timestamp().toString());
            case EXTENSION ->
                new Value.Struct(Map.of("type", new Value.Whole(extensionType()), "data", new Value.Binary(binary())));
            case ARRAY_START -> {
                List<Value> items = new ArrayList<>();
                for (Token t = next(); t != Token.ARRAY_END; t = next()) {
                    items.add(value(t));
                }
                yield new Value.Array(items);
            }
            case MAP_START -> {
                Map<String, Value> members = new LinkedHashMap<>();
                while (next() != Token.MAP_END) {
                    String name = text();
                    members.put(name, value(next()));
                }
                yield new Value.Struct(members);
            }
            case ARRAY_END, MAP_END, KEY, INTEGER_KEY, END ->
                throw new IllegalStateException(token + " begins no value");
        };
    }
}
