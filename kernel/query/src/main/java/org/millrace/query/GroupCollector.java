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
 * come in the order of their values unless the query sorts them otherwise.
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
        this.aggregates = query.select().stream()
                .filter(selection -> !(selection instanceof Selection.Attribute))
                .toList();
        Stream<AttributePath> selected = query.select().stream()
                .filter(Selection.Attribute.class::isInstance)
                .map(selection -> ((Selection.Attribute) selection).attribute());
        Stream.concat(selected, query.sort().stream().map(SortKey::attribute))
                .filter(attribute -> !query.group().contains(attribute))
                .findFirst()
                .ifPresent(attribute -> {
                    throw new ResourceException(
                            ErrorCode.INVALID,
                            "query: '" + attribute + "' differs within a group; add it to group(), or leave it out of"
                                    + " select() and sort() of a query with aggregates");
                });
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
                    .sorted(Map.Entry.comparingByKey(order()))
                    .skip(query.offset())
                    .limit(query.limit())
                    .forEach(group -> ready.add(row(group.getKey(), group.getValue())));
            groups.clear();
        }
        return StreamCollector.take(ready, maxRows);
    }

    private Comparator<List<Value>> order() {
        Comparator<List<Value>> order = (_, _) -> 0;
        for (SortKey key : query.sort()) {
            int place = query.group().indexOf(key.attribute());
            Comparator<List<Value>> next = Comparator.comparing(values -> values.get(place));
            order = order.thenComparing(key.descending() ? next.reversed() : next);
        }
        for (int i = 0; i < query.group().size(); i++) {
            int place = i;
            order = order.thenComparing(values -> values.get(place));
        }
        return order;
    }

    private Row row(List<Value> key, List<Accumulator> results) {
        Map<String, Value> members = new LinkedHashMap<>();
        for (int i = 0; i < key.size(); i++) {
            members.put(query.group().get(i).toString(), key.get(i));
        }
        for (int i = 0; i < aggregates.size(); i++) {
            members.put(aggregates.get(i).key(), results.get(i).result());
        }
        return new Row(table, Version.NONE, formats.write(MediaType.JSON, new Value.Struct(members)));
    }

    @Override
    public boolean isEmpty() {
        return ready.isEmpty();
    }
}
