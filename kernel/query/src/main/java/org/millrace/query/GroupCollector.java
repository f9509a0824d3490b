package org.millrace.query;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.stream.Stream;
import org.millrace.content.AttributePath;
import org.millrace.content.ContentFormats;
import org.millrace.content.Value;
import org.millrace.spi.content.MediaType;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.Path;
import org.millrace.spi.resource.ResourceException;
import org.millrace.spi.resource.Row;
import org.millrace.spi.resource.Version;

/**
 * Computes one row for each group: the values that make the group, then the aggregates, each under its spelling. Groups
 * come in the order of their values unless the query sorts them otherwise, by these values or by aggregates.
 */
final class GroupCollector implements Collector {
    private final ParsedQuery query;
    private final Path table;
    private final ContentFormats formats;
    private final QueryLimits limits;
    private final List<Selection> aggregates;
    private final Map<List<Value>, List<Accumulator>> groups = new LinkedHashMap<>();
    private final Queue<Row> ready = new ArrayDeque<>();
    private boolean computed;

    GroupCollector(ParsedQuery query, Path table, ContentFormats formats, QueryLimits limits) {
        this.query = query;
        this.table = table;
        this.formats = formats;
        this.limits = limits;
        this.aggregates = Stream.concat(
                        query.select().stream(), query.sort().stream().map(SortKey::by))
                .filter(selection -> !(selection instanceof Selection.Attribute))
                .distinct()
                .toList();
        if (query.group().isEmpty()) {
            groups.put(List.of(), accumulators());
        }
    }

    private List<Accumulator> accumulators() {
        List<Accumulator> fresh = new ArrayList<>(aggregates.size());
        for (Selection selection : aggregates) {
            fresh.add(
                    new Accumulator(selection instanceof Selection.Aggregate aggregate ? aggregate.function() : null));
        }
        return fresh;
    }

    @Override
    public void add(RecordAttributes entry) {
        List<Value> key = query.group().stream().map(entry::value).toList();
        List<Accumulator> group = groups.get(key);
        if (group == null) {
            if (groups.size() == limits.groups()) {
                throw new ResourceException(
                        ErrorCode.TOO_LARGE,
                        "the query has more than " + limits.groups()
                                + " groups; narrow its conditions, group by fewer attributes, or raise"
                                + " queries.groups");
            }
            group = accumulators();
            groups.put(key, group);
        }
        for (int i = 0; i < aggregates.size(); i++) {
            group.get(i)
                    .add(
                            aggregates.get(i) instanceof Selection.Aggregate aggregate
                                    ? entry.value(aggregate.attribute())
                                    : Value.NULL);
        }
    }

    @Override
    public boolean isFull() {
        return query.limit() == 0;
    }

    @Override
    public List<Row> take(int maxRows, boolean scanned) {
        if (scanned && !computed) {
            computed = true;
            groups.entrySet().stream()
                    .map(group -> new Group(
                            group.getKey(),
                            group.getValue().stream().map(Accumulator::result).toList()))
                    .sorted(order())
                    .skip(query.offset())
                    .limit(query.limit())
                    .forEach(group -> ready.add(row(group)));
            groups.clear();
        }
        return StreamCollector.take(ready, maxRows);
    }

    /** A group when all its records were seen. */
    private record Group(List<Value> key, List<Value> results) {}

    private Comparator<Group> order() {
        Comparator<Group> order = (_, _) -> 0;
        for (SortKey key : query.sort()) {
            Comparator<Group> next = by(key.by());
            order = order.thenComparing(key.descending() ? next.reversed() : next);
        }
        for (AttributePath attribute : query.group()) {
            order = order.thenComparing(by(new Selection.Attribute(attribute)));
        }
        return order;
    }

    private Comparator<Group> by(Selection selection) {
        if (selection instanceof Selection.Attribute(AttributePath attribute)) {
            int place = query.group().indexOf(attribute);
            return Comparator.comparing(group -> group.key.get(place));
        }
        int place = aggregates.indexOf(selection);
        return Comparator.comparing(group -> group.results.get(place));
    }

    private Row row(Group group) {
        Map<String, Value> members = new LinkedHashMap<>();
        for (int i = 0; i < group.key.size(); i++) {
            members.put(query.group().get(i).toString(), group.key.get(i));
        }
        for (int i = 0; i < aggregates.size(); i++) {
            if (query.select().contains(aggregates.get(i))) {
                members.put(aggregates.get(i).key(), group.results.get(i));
            }
        }
        return new Row(table, Version.NONE, formats.write(MediaType.JSON, new Value.Struct(members)));
    }

    @Override
    public boolean isEmpty() {
        return ready.isEmpty();
    }
}
