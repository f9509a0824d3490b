package org.millrace.query;

import java.util.List;

/**
 * Names an attribute: {@code a.b.c}, where each step is an object's key or an array's index. {@code $id} is the record's
 * id.
 *
 * @param steps at least one, none empty
 */
public record AttributePath(List<String> steps) {
    /** Copies the steps. */
    public AttributePath {
        steps = List.copyOf(steps);
    }

    /** The steps joined by dots. */
    @Override
    public String toString() {
        return String.join(".", steps);
    }
}
