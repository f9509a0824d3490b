package org.millrace.query;

import java.util.Comparator;
import java.util.List;

/**
 * The order of values: by type first (missing, null, booleans, numbers, strings, arrays, objects), then within the type:
 * false before true, numbers by magnitude, strings by their UTF-8 bytes, arrays element by element. Objects are all
 * equal in order.
 */
public enum ValueOrder implements Comparator<Value> {
    /** The one order there is. */
    ASCENDING;

    @Override
    public int compare(Value left, Value right) {
        if (left instanceof Value.Bool a && right instanceof Value.Bool b) {
            return Boolean.compare(a.value(), b.value());
        }
        if (left instanceof Value.Number a && right instanceof Value.Number b) {
            return a.value().compareTo(b.value());
        }
        if (left instanceof Value.Text a && right instanceof Value.Text b) {
            return Utf8.compare(a.value(), b.value());
        }
        if (left instanceof Value.Array a && right instanceof Value.Array b) {
            return compareElements(a.elements(), b.elements());
        }
        return Integer.compare(rank(left), rank(right));
    }

    private int compareElements(List<Value> a, List<Value> b) {
        for (int i = 0; i < Math.min(a.size(), b.size()); i++) {
            int byElement = compare(a.get(i), b.get(i));
            if (byElement != 0) {
                return byElement;
            }
        }
        return Integer.compare(a.size(), b.size());
    }

    private static int rank(Value value) {
        return switch (value) {
            case Value.Missing _ -> 0;
            case Value.Null _ -> 1;
            case Value.Bool _ -> 2;
            case Value.Number _ -> 3;
            case Value.Text _ -> 4;
            case Value.Array _ -> 5;
            case Value.Composite _ -> 6;
        };
    }
}
