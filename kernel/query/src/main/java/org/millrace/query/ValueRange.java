package org.millrace.query;

import org.jspecify.annotations.Nullable;
import org.millrace.content.Value;

/** A stretch in the order of values, as an index can be asked for it. Values of one kind only are in it, but for all. */
public sealed interface ValueRange {
    /** Every value, missing ones included. */
    ValueRange EVERYTHING = new Everything();

    /** Every value, missing ones included. */
    record Everything() implements ValueRange {}

    /** Every value that is there: neither missing nor null. */
    ValueRange PRESENT = new Present();

    /** Every value that is there: neither missing nor null. */
    record Present() implements ValueRange {}

    /**
     * One value.
     *
     * @param value which
     */
    record Point(Value value) implements ValueRange {}

    /**
     * What lies between two values of one kind, or beyond one.
     *
     * @param lower where it begins; null for the kind's least value
     * @param includesLower whether {@code lower} itself is in it
     * @param upper where it ends; null for the kind's greatest value; not both are null
     * @param includesUpper whether {@code upper} itself is in it
     */
    record Between(
            @Nullable Value lower,
            boolean includesLower,
            @Nullable Value upper,
            boolean includesUpper) implements ValueRange {
        /**
         * Checks that there is a bound.
         *
         * @throws IllegalArgumentException if there is none
         */
        public Between {
            if (lower == null && upper == null) {
                throw new IllegalArgumentException("a range needs a bound");
            }
        }
    }

    /**
     * Texts with a beginning.
     *
     * @param prefix what they start with
     */
    record StartsWith(String prefix) implements ValueRange {}
}
