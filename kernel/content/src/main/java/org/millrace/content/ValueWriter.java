package org.millrace.content;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Instant;

/**
 * Writes one structured value. Used by one thread, once. What a format cannot say is written as the package's fidelity
 * table has it.
 */
abstract sealed class ValueWriter permits JsonWriter, BinaryWriter {
    abstract void nil();

    abstract void bool(boolean value);

    abstract void integer(long value);

    abstract void bigInteger(BigInteger value);

    abstract void float32(float value);

    abstract void float64(double value);

    abstract void decimal(BigDecimal value);

    abstract void text(String value);

    abstract void binary(byte[] value);

    abstract void timestamp(Instant value);

    abstract void startArray();

    abstract void endArray();

    abstract void startMap();

    abstract void endMap();

    abstract void key(String name);

    abstract void key(long name);

    /** A whole value that is in this writer's format already. */
    abstract void raw(byte[] bytes, int from, int to);

    /** About how many bytes were written so far. */
    abstract int size();

    /** Everything written, in an array of its own. */
    abstract byte[] finish();

    /** Writes all that the reader gives. */
    final void copy(ValueReader in) {
        for (Token token = in.next(); token != Token.END; token = in.next()) {
            switch (token) {
                case NULL -> nil();
                case TRUE -> bool(true);
                case FALSE -> bool(false);
                case INTEGER -> integer(in.integer());
                case BIG_INTEGER -> bigInteger(in.bigInteger());
                case FLOAT32 -> float32((float) in.real());
                case FLOAT64 -> float64(in.real());
                case DECIMAL -> decimal(in.decimal());
                case TEXT -> text(in.text());
                case BINARY -> binary(in.binary());
                case TIMESTAMP -> timestamp(in.timestamp());
                case EXTENSION -> {
                    startMap();
                    key("type");
                    integer(in.extensionType());
                    key("data");
                    binary(in.binary());
                    endMap();
                }
                case ARRAY_START -> startArray();
                case ARRAY_END -> endArray();
                case MAP_START -> startMap();
                case MAP_END -> endMap();
                case KEY -> key(in.text());
                case INTEGER_KEY -> key(in.integer());
                case END -> throw new IllegalStateException("the loop ends before");
            }
        }
    }

    /** Writes a value; {@link Value#MISSING} as null, except in a map, where its member is left away. */
    final void value(Value value) {
        switch (value) {
            case Value.Missing _, Value.Null _ -> nil();
            case Value.Bool(boolean bool) -> bool(bool);
            case Value.Whole(long whole) -> integer(whole);
            case Value.Real(double real) -> float64(real);
            case Value.Exact(BigDecimal exact)
            when exact.scale() <= 0 && exact.precision() - exact.scale() <= ContentLimits.MAX_DIGITS ->
                bigInteger(exact.toBigIntegerExact());
            case Value.Exact(BigDecimal exact) -> decimal(exact);
            case Value.Text(String text) -> text(text);
            case Value.Binary binary -> binary(binary.bytes());
            case Value.Array array -> {
                startArray();
                array.items().forEach(this::value);
                endArray();
            }
            case Value.Struct struct -> {
                startMap();
                struct.members().forEach((name, member) -> {
                    if (!(member instanceof Value.Missing)) {
                        key(name);
                        value(member);
                    }
                });
                endMap();
            }
        }
    }
}
