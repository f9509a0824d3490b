package org.millrace.query;

import org.millrace.content.AttributePath;

/** One column of a query's rows. */
public sealed interface Selection {
    /**
     * The key under which the row holds it.
     *
     * @return the attribute's path, or an aggregate's spelling such as {@code avg(temp)}
     */
    String key();

    /**
     * An attribute of the record.
     *
     * @param attribute which
     */
    record Attribute(AttributePath attribute) implements Selection {
        @Override
        public String key() {
            return attribute.toString();
        }
    }

    /**
     * How many records there are.
     */
    record Count() implements Selection {
        @Override
        public String key() {
            return "count()";
        }
    }

    /**
     * A value computed from an attribute of many records.
     *
     * @param function how
     * @param attribute of what
     */
    record Aggregate(Function function, AttributePath attribute) implements Selection {
        @Override
        public String key() {
            return function.spelling() + '(' + attribute + ')';
        }
    }

    /** How an aggregate computes. Values that are no numbers are left out by sum and avg. */
    enum Function {
        /** The sum of the numbers. */
        SUM,
        /** The mean of the numbers; null if there are none. */
        AVG,
        /** The least value, missing ones and nulls left out. */
        MIN,
        /** The greatest value, missing ones and nulls left out. */
        MAX;

        String spelling() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }
    }
}
