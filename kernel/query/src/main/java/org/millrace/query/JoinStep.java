package org.millrace.query;

import java.math.BigDecimal;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.millrace.content.AttributePath;
import org.millrace.content.Value;
import org.millrace.spi.resource.Entry;
import org.millrace.spi.resource.Path;
import org.millrace.spi.resource.ResourceException;

/**
 * A relationship that a query follows.
 *
 * @param name its name
 * @param relationship where it leads
 * @param target what is wanted there
 * @param tables reads records
 * @param access the other table
 * @param visible which records the asker may see
 */
record JoinStep(
        String name,
        Relationship relationship,
        JoinNode target,
        JoinedTables tables,
        TableAccess access,
        Predicate<Path> visible) {
    private static final int SLICE_RECORDS = 64;

    /** Whether an index finds what this leads to, which needs none if that is a single record. */
    boolean isIndexed() {
        return !relationship.isToMany()
                || access.index(relationship.attribute())
                        .filter(TableAccess.IndexInfo::isReady)
                        .isPresent();
    }

    /** The record that another leads to; null if it is not there or hidden. */
    @Nullable
    RecordAttributes one(RecordAttributes from, JoinBudget budget) {
        String id = id(from.own(relationship.attribute()));
        if (id.isEmpty()) {
            return null;
        }
        Path path;
        try {
            path = Path.of(relationship.table(), id);
        } catch (ResourceException _) {
            // What cannot be an id leads nowhere.
            return null;
        }
        if (!visible.test(path)) {
            return null;
        }
        budget.look(this);
        Optional<Entry> found = tables.get(path);
        return found.map(entry -> new RecordAttributes(entry, target.wanted(), budget))
                .orElse(null);
    }

    /** Ids are texts; a whole number stands for its digits, however it is written. Empty for what is no id. */
    static String id(Value value) {
        return switch (value) {
            case Value.Text(String text) -> text;
            case Value.Whole(long number) -> Long.toString(number);
            case Value.Real(double number) -> whole(value, (long) number);
            case Value.Exact(BigDecimal number) -> whole(value, number.longValue());
            case Value.Missing _, Value.Null _, Value.Bool _, Value.Binary _, Value.Array _, Value.Struct _ -> "";
        };
    }

    private static String whole(Value value, long nearest) {
        return value.equals(new Value.Whole(nearest)) ? Long.toString(nearest) : "";
    }

    /** Goes over the records that another leads to, in the order of ids, until the visitor has enough. */
    void many(RecordAttributes from, JoinBudget budget, Predicate<RecordAttributes> visitor) {
        if (!(from.own(RecordAttributes.ID) instanceof Value.Text(String id))) {
            return;
        }
        Condition.Compare equal = holding(relationship.attribute(), id);
        boolean indexed = isIndexed();
        RecordSource source = indexed ? access.byId(read(equal)) : access.scan();
        Path after = null;
        while (true) {
            List<Entry> slice = source.read(after, SLICE_RECORDS);
            if (slice.isEmpty()) {
                return;
            }
            after = slice.getLast().path();
            boolean exact = indexed && source.isExact();
            for (Entry entry : slice) {
                budget.look(this);
                RecordAttributes record = new RecordAttributes(entry, target.wanted(), budget);
                if (visible.test(entry.path())
                        && (exact || equal.holds(record.own(relationship.attribute())))
                        && !visitor.test(record)) {
                    return;
                }
            }
        }
    }

    /** That an attribute holds an id. */
    static Condition.Compare holding(AttributePath attribute, String id) {
        boolean asNumber = isWhole(id) && !attribute.equals(RecordAttributes.ID);
        Literal literal = asNumber
                ? new Literal(new Value.Whole(Long.parseLong(id)), id, false)
                : new Literal(new Value.Text(id), id, true);
        return new Condition.Compare(attribute, Comparison.EQUAL, literal);
    }

    /** How an index finds what {@link #holding} tells. */
    static IndexRead read(Condition.Compare holding) {
        return Objects.requireNonNull(Reading.of(holding)).read();
    }

    /** Whether a text is the only spelling of a whole number. */
    private static boolean isWhole(String id) {
        try {
            return Long.toString(Long.parseLong(id)).equals(id);
        } catch (NumberFormatException _) {
            return false;
        }
    }
}
