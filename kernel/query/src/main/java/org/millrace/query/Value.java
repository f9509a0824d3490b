package org.millrace.query;

import java.math.BigDecimal;
import java.util.List;

/** A value as queries see it. {@link ValueOrder} orders values. */
// Not Comparable: an interface with a default method would be initialised with its records, which may deadlock.
@SuppressWarnings({"ClassInitializationDeadlock", "AvoidCommonTypeNames"})
public sealed interface Value {
    /** The attribute is not there. */
    Value MISSING = new Missing();
    /** JSON's null. */
    Value NULL = new Null();

    /** The attribute is not there; use {@link #MISSING}. */
    record Missing() implements Value {}

    /** JSON's null; use {@link #NULL}. */
    record Null() implements Value {}

    /**
     * A boolean.
     *
     * @param value true or false
     */
    record Bool(boolean value) implements Value {}

    /**
     * A number, compared by magnitude whatever its spelling: 1, 1.0 and 1e0 are equal.
     *
     * @param value the exact value
     */
    record Number(BigDecimal value) implements Value {
        @Override
        public boolean equals(Object other) {
            return other instanceof Number n && n.value.compareTo(value) == 0;
        }

        @Override
        public int hashCode() {
            return value.stripTrailingZeros().hashCode();
        }
    }

    /**
     * A string, ordered by its UTF-8 bytes.
     *
     * @param value the string
     */
    record Text(String value) implements Value {}

    /**
     * An array.
     *
     * @param elements in order
     */
    record Array(List<Value> elements) implements Value {
        /** Copies the list. */
        public Array {
            elements = List.copyOf(elements);
        }
    }

    /** An object; queries look at its attributes, never at the whole. All objects are equal in order. */
    record Composite() implements Value {}
}
