package org.millrace.query;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.millrace.content.AttributePath;

/**
 * A query as it was understood.
 *
 * @param where what records must fulfil
 * @param select the columns; empty for whole records
 * @param group the attributes whose values form the groups of aggregates; empty for one group of all
 * @param sort how rows are ordered; empty for the order of ids
 * @param offset how many rows are skipped
 * @param limit how many rows are given at most; {@link Long#MAX_VALUE} for all
 * @param explain whether the plan is asked for instead of rows
 * @param places where its attributes are in the text
 */
public record ParsedQuery(
        Condition where,
        List<Selection> select,
        List<AttributePath> group,
        List<SortKey> sort,
        long offset,
        long limit,
        boolean explain,
        Places places) {
    /**
     * Where in the text attributes are, for messages.
     *
     * @param attributes where each comes first
     * @param nested those that are written as {@code customer(...)}, so that they have to be relationships
     */
    public record Places(Map<AttributePath, Integer> attributes, Map<AttributePath, Integer> nested) {
        /** Of no text. */
        public static final Places NONE = new Places(Map.of(), Map.of());
    }

    /** All records, whole, in the order of ids. */
    public static final ParsedQuery ALL =
            new ParsedQuery(Condition.ALWAYS, List.of(), List.of(), List.of(), 0, Long.MAX_VALUE, false, Places.NONE);

    /** Copies the lists. */
    public ParsedQuery {
        select = List.copyOf(select);
        group = List.copyOf(group);
        sort = List.copyOf(sort);
    }

    /**
     * The same with a limit from outside.
     *
     * @param most how many rows at most
     * @return this, or a query of fewer rows
     */
    public ParsedQuery limitedTo(long most) {
        return most >= limit ? this : new ParsedQuery(where, select, group, sort, offset, most, explain, places);
    }

    /** Where the last row that is wanted ends; {@link Long#MAX_VALUE} for the end of all. */
    long end() {
        long end = offset + limit;
        return end < 0 ? Long.MAX_VALUE : end;
    }

    /**
     * By what records have to be ordered that come in the order of ids. Nothing is behind an ascending {@code $id},
     * which no two records share.
     */
    List<SortKey> order() {
        for (int i = 0; i < sort.size(); i++) {
            if (sort.get(i).by() instanceof Selection.Attribute(AttributePath attribute)
                    && attribute.equals(RecordAttributes.ID)
                    && !sort.get(i).descending()) {
                return sort.subList(0, i);
            }
        }
        return sort;
    }

    /** For a lone {@code min(a)} or {@code max(a)}, the order in which the first record is all that is needed. */
    Optional<SortKey> extreme() {
        boolean alone = group.isEmpty() && select.size() == 1 && sort.isEmpty();
        return alone && select.getFirst() instanceof Selection.Aggregate(var function, var attribute)
                ? switch (function) {
                    case MIN -> Optional.of(new SortKey(attribute, false));
                    case MAX -> Optional.of(new SortKey(attribute, true));
                    case SUM, AVG -> Optional.empty();
                }
                : Optional.empty();
    }

    /**
     * Whether rows are computed from many records.
     *
     * @return true if there are aggregates or groups
     */
    public boolean isAggregate() {
        return !group.isEmpty() || select.stream().anyMatch(s -> !(s instanceof Selection.Attribute));
    }
}
