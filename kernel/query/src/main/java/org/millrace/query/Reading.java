package org.millrace.query;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.millrace.content.AttributePath;
import org.millrace.content.Value;

/**
 * How the records of a condition are read.
 *
 * @param read finds all of them, and perhaps others
 * @param covers whether it finds no others, if it is exact
 */
record Reading(IndexRead read, boolean covers) {
    /**
     * How an index of its attribute, or the order of ids, finds what fulfils a condition.
     *
     * @return null if it cannot
     */
    static @Nullable Reading of(Condition.Compare compare) {
        AttributePath attribute = compare.attribute();
        Literal literal = compare.literal();
        Value value = literal.value();
        return switch (compare.comparison()) {
            case EQUAL -> {
                IndexRead point = point(attribute, value);
                if (literal.typed() || value instanceof Value.Text) {
                    yield new Reading(point, true);
                }
                List<IndexRead> points =
                        new ArrayList<>(List.of(point, point(attribute, new Value.Text(literal.text()))));
                if (value instanceof Value.Null) {
                    points.add(point(attribute, Value.MISSING));
                }
                yield new Reading(new IndexRead.Any(points), true);
            }
            case STRICTLY_EQUAL -> new Reading(point(attribute, value), true);
            case LESS -> range(attribute, new ValueRange.Between(null, false, value, false));
            case LESS_OR_EQUAL -> range(attribute, new ValueRange.Between(null, false, value, true));
            case GREATER -> range(attribute, new ValueRange.Between(value, false, null, false));
            case GREATER_OR_EQUAL -> range(attribute, new ValueRange.Between(value, true, null, false));
            case STARTS_WITH -> range(attribute, new ValueRange.StartsWith(literal.text()));
            case NOT_EQUAL, CONTAINS, ENDS_WITH -> null;
        };
    }

    private static IndexRead point(AttributePath attribute, Value value) {
        return new IndexRead.Range(attribute, new ValueRange.Point(value));
    }

    /** Ids are found one by one; a stretch of them is scanned. */
    private static @Nullable Reading range(AttributePath attribute, ValueRange range) {
        return attribute.equals(RecordAttributes.ID) ? null : new Reading(new IndexRead.Range(attribute, range), false);
    }
}
