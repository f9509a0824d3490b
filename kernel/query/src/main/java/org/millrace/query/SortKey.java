package org.millrace.query;

import org.millrace.content.AttributePath;

/**
 * One thing to sort by.
 *
 * @param by an attribute; where rows are groups, an aggregate too
 * @param descending whether the greatest comes first
 */
public record SortKey(Selection by, boolean descending) {
    /**
     * Sorts by an attribute.
     *
     * @param attribute which
     * @param descending whether the greatest comes first
     */
    public SortKey(AttributePath attribute, boolean descending) {
        this(new Selection.Attribute(attribute), descending);
    }

    /** The attribute, where rows are records. */
    AttributePath attribute() {
        if (by instanceof Selection.Attribute(AttributePath attribute)) {
            return attribute;
        }
        throw new IllegalStateException(by.key() + " is no attribute of a record");
    }
}
