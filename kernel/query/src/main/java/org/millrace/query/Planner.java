package org.millrace.query;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.millrace.content.AttributePath;
import org.millrace.content.Value;

/**
 * Chooses how a query's records are found. Attributes compared for equality are read as points, which come in the order
 * of ids and are intersected as they are walked; without one, the smallest range is; alternatives are united if each of
 * them can be read. An index in the order of {@code sort} is walked if the query has a limit and its conditions alone
 * would find much. Conditions on joined attributes are read by {@link JoinedReads}. Used for one query.
 */
final class Planner {
    /** Fewer records than this are rather read and sorted than looked for in the order of another index. */
    static final int FEW = 10_000;
    /** A range is intersected with a smaller one if it has at most so many times as many records. */
    private static final int ALIKE = 4;

    private final ParsedQuery query;
    private final TableAccess table;
    private final JoinNode joins;
    private final QueryLimits limits;
    private final Set<String> obstacles = new LinkedHashSet<>();
    private final JoinedReads joinedReads;
    /** Conditions are looked at more than once, and looking may mean to read other tables. */
    private final Map<Condition.Compare, Optional<Reading>> compared = new IdentityHashMap<>();

    Planner(ParsedQuery query, TableAccess table, JoinNode joins, QueryLimits limits) {
        this.query = query;
        this.joins = joins;
        this.table = table;
        this.limits = limits;
        this.joinedReads = new JoinedReads(limits.joinedMatches(), obstacles::add);
    }

    /** Chooses; {@code ordered} says that the order of an attribute may be used. */
    Plan plan(boolean ordered) {
        List<Condition> parts =
                query.where() instanceof Condition.And(List<Condition> all) ? all : List.of(query.where());
        List<Condition> residual = new ArrayList<>();
        IndexRead read = all(parts, residual);
        if (ordered) {
            Plan.InOrder inOrder = inOrder(parts, read);
            if (inOrder != null) {
                return inOrder;
            }
            Plan.Extreme extreme = extreme(parts, read);
            if (extreme != null) {
                return extreme;
            }
        }
        if (read != null) {
            return new Plan.ById(read, residual.size() == 1 ? residual.getFirst() : new Condition.And(residual));
        }
        return new Plan.Scan(
                query.where().equals(Condition.ALWAYS)
                        ? "there is no condition"
                        : obstacles.isEmpty() ? "no index serves the conditions" : String.join("; ", obstacles),
                idPrefix(parts));
    }

    /** What the ids of all records start with that fulfil the conditions. */
    private static String idPrefix(List<Condition> parts) {
        String longest = "";
        for (Condition part : parts) {
            if (part instanceof Condition.Compare(AttributePath attribute, Comparison comparison, Literal literal)
                    && attribute.equals(RecordAttributes.ID)
                    && comparison == Comparison.STARTS_WITH
                    && literal.text().length() > longest.length()) {
                longest = literal.text();
            }
        }
        return longest;
    }

    private Plan.@Nullable InOrder inOrder(List<Condition> parts, @Nullable IndexRead read) {
        List<SortKey> order = query.order();
        if (query.isAggregate() || order.isEmpty() || query.end() > limits.sortedRows()) {
            return null;
        }
        SortKey key = order.getFirst();
        return isWorthWalking(key.attribute(), read)
                ? new Plan.InOrder(part(key.attribute(), parts, ValueRange.EVERYTHING), key.descending())
                : null;
    }

    private Plan.@Nullable Extreme extreme(List<Condition> parts, @Nullable IndexRead read) {
        SortKey key = query.extreme().orElse(null);
        return key != null && isWorthWalking(key.attribute(), read)
                ? new Plan.Extreme(part(key.attribute(), parts, ValueRange.PRESENT), key)
                : null;
    }

    /** Whether an attribute's index can be walked, and the conditions alone would find much. */
    private boolean isWorthWalking(AttributePath attribute, @Nullable IndexRead read) {
        if (!isReady(attribute)) {
            return false;
        }
        boolean same = read instanceof IndexRead.Range by && by.attribute().equals(attribute);
        return read == null || same || count(read) >= FEW;
    }

    /** The part of an index in which what fulfils the conditions is. */
    private IndexRead.Range part(AttributePath attribute, List<Condition> parts, ValueRange otherwise) {
        IndexRead.Range range = ranges(parts).get(attribute);
        return range != null ? range : new IndexRead.Range(attribute, otherwise);
    }

    /** About how many records are found, {@link #FEW} standing for as many or more. */
    int count(IndexRead read) {
        return switch (read) {
            case IndexRead.Range range -> table.count(range, FEW);
            case IndexRead.All(List<IndexRead> parts) ->
                parts.stream().mapToInt(this::count).min().orElse(FEW);
            case IndexRead.Any(List<IndexRead> parts) ->
                Math.min(FEW, parts.stream().mapToInt(this::count).sum());
        };
    }

    /** How reads are told that have too many parts to be listed. */
    Map<IndexRead, String> shown() {
        return joinedReads.shown();
    }

    private @Nullable Reading read(Condition condition) {
        return switch (condition) {
            case Condition.And(List<Condition> parts) -> {
                List<Condition> residual = new ArrayList<>();
                IndexRead read = all(parts, residual);
                yield read == null ? null : new Reading(read, residual.isEmpty());
            }
            case Condition.Or(List<Condition> parts) -> any(parts);
            case Condition.Compare compare -> compare(compare);
        };
    }

    private @Nullable Reading any(List<Condition> parts) {
        List<IndexRead> reads = new ArrayList<>();
        boolean covers = true;
        for (Condition part : parts) {
            Reading reading = read(part);
            if (reading == null) {
                return null;
            }
            reads.add(reading.read());
            covers &= reading.covers();
        }
        return new Reading(new IndexRead.Any(reads), covers);
    }

    /** What fulfils all conditions; adds those that are left to be tested. */
    private @Nullable IndexRead all(List<Condition> parts, List<Condition> residual) {
        List<IndexRead> points = new ArrayList<>();
        List<IndexRead> others = new ArrayList<>(ranges(parts).values());
        for (Condition part : parts) {
            Reading reading = read(part);
            if (reading == null) {
                residual.add(part);
            } else if (isPoints(reading.read())) {
                points.add(reading.read());
                if (!reading.covers()) {
                    residual.add(part);
                }
            } else {
                if (!(reading.read() instanceof IndexRead.Range)) {
                    others.add(reading.read());
                }
                residual.add(part);
            }
        }
        if (!points.isEmpty()) {
            return together(points);
        }
        return others.isEmpty() ? null : others.size() == 1 ? others.getFirst() : smallest(others);
    }

    private static IndexRead together(List<IndexRead> reads) {
        return reads.size() == 1 ? reads.getFirst() : new IndexRead.All(reads);
    }

    private IndexRead smallest(List<IndexRead> reads) {
        Map<IndexRead, Integer> counts = new LinkedHashMap<>();
        reads.forEach(read -> counts.put(read, count(read)));
        int least = counts.values().stream().mapToInt(Integer::intValue).min().orElse(0);
        List<IndexRead> chosen = new ArrayList<>();
        for (Map.Entry<IndexRead, Integer> one : counts.entrySet()) {
            boolean isLeast = one.getValue() == least;
            if (isLeast && chosen.isEmpty() || one.getValue() < FEW && one.getValue() <= (long) ALIKE * least) {
                chosen.add(one.getKey());
            }
        }
        return together(chosen);
    }

    private static boolean isPoints(IndexRead read) {
        return switch (read) {
            case IndexRead.Range range -> range.range() instanceof ValueRange.Point;
            case IndexRead.All(List<IndexRead> parts) -> parts.stream().allMatch(Planner::isPoints);
            case IndexRead.Any(List<IndexRead> parts) -> parts.stream().allMatch(Planner::isPoints);
        };
    }

    /** The ranges of conditions that all hold; two bounds of one attribute make one range. */
    private Map<AttributePath, IndexRead.Range> ranges(List<Condition> parts) {
        Map<AttributePath, IndexRead.Range> ranges = new LinkedHashMap<>();
        for (Condition part : parts) {
            if (part instanceof Condition.Compare compare
                    && compare(compare) instanceof Reading(IndexRead.Range range, var _)
                    && !(range.range() instanceof ValueRange.Point)) {
                ranges.merge(compare.attribute(), range, Planner::narrower);
            }
        }
        return ranges;
    }

    private static IndexRead.Range narrower(IndexRead.Range a, IndexRead.Range b) {
        return a.range() instanceof ValueRange.Between first
                        && b.range() instanceof ValueRange.Between second
                        && (first.lower() == null) != (second.lower() == null)
                        && kind(first) == kind(second)
                        && (first.upper() == null) != (second.upper() == null)
                ? new IndexRead.Range(a.attribute(), joined(first, second))
                : a;
    }

    private static ValueRange joined(ValueRange.Between a, ValueRange.Between b) {
        ValueRange.Between lower = a.lower() != null ? a : b;
        ValueRange.Between upper = a.lower() != null ? b : a;
        return new ValueRange.Between(lower.lower(), lower.includesLower(), upper.upper(), upper.includesUpper());
    }

    private static int kind(ValueRange.Between range) {
        Value value = range.lower() != null ? range.lower() : range.upper();
        return switch (value) {
            case Value.Whole _, Value.Real _, Value.Exact _ -> 1;
            case Value.Text _ -> 2;
            case Value.Bool _ -> 3;
            case null, default -> 4;
        };
    }

    private boolean isReady(AttributePath attribute) {
        return !joins.leads(attribute)
                && !attribute.equals(RecordAttributes.ID)
                && table.index(attribute).filter(TableAccess.IndexInfo::isReady).isPresent();
    }

    private @Nullable Reading compare(Condition.Compare compare) {
        return compared.computeIfAbsent(
                        compare, one -> Optional.ofNullable(joins.leads(one.attribute()) ? joined(one) : own(one)))
                .orElse(null);
    }

    private @Nullable Reading joined(Condition.Compare compare) {
        IndexRead read = joinedReads.read(joins, table, compare);
        return read == null ? null : new Reading(read, false);
    }

    private @Nullable Reading own(Condition.Compare compare) {
        AttributePath attribute = compare.attribute();
        var index = table.index(attribute);
        if (index.isEmpty() || !index.get().isReady()) {
            obstacles.add(
                    index.isEmpty()
                            ? "there is no index of '" + attribute + "'"
                            : "the index of '" + attribute + "' is "
                                    + index.get().state());
            return null;
        }
        Reading reading = Reading.of(compare);
        if (reading == null) {
            obstacles.add("'" + compare.comparison() + "' cannot use the index of '" + attribute + "'");
        }
        return reading;
    }
}
