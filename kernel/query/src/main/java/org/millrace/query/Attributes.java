package org.millrace.query;

import org.millrace.content.AttributePath;
import org.millrace.content.Value;

/** A record as conditions see it. */
@FunctionalInterface
public interface Attributes {
    /**
     * The value of an attribute.
     *
     * @param path which attribute
     * @return {@link Value#MISSING} if it is not there
     */
    Value value(AttributePath path);

    /**
     * Whether an attribute fulfils a condition. Where its path leads to many records, one of them has to.
     *
     * @param condition about one attribute
     * @return true if it does
     */
    default boolean fulfil(Condition.Compare condition) {
        return condition.holds(value(condition.attribute()));
    }
}
