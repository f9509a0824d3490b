package org.millrace.query;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.millrace.content.AttributePath;
import org.millrace.content.ContentFormats;
import org.millrace.content.Value;
import org.millrace.spi.content.MediaType;
import org.millrace.spi.resource.Path;
import org.millrace.spi.resource.Row;
import org.millrace.spi.resource.Version;

/**
 * What a query would do, as its {@code explain()} tells.
 *
 * @param table where
 * @param query what is asked
 * @param plan how its records are found
 * @param planner counts them
 * @param joins which relationships are followed
 */
record Explanation(String table, ParsedQuery query, Plan plan, Planner planner, JoinNode joins) {
    Row row(Path path, ContentFormats formats) {
        Map<String, Value> members = new LinkedHashMap<>();
        members.put("table", new Value.Text(table));
        switch (plan) {
            case Plan.Scan(String reason, String idPrefix) -> {
                members.put("access", new Value.Text("scan"));
                if (!idPrefix.isEmpty()) {
                    members.put(
                            "reads", new Value.Text(shown(RecordAttributes.ID, new ValueRange.StartsWith(idPrefix))));
                }
                members.put("reason", new Value.Text(reason));
            }
            case Plan.ById(IndexRead read, var _) -> {
                members.put("access", new Value.Text("index"));
                members.put("reads", new Value.Text(shown(read, planner.shown())));
                members.put("records", count(read));
            }
            case Plan.InOrder(IndexRead.Range range, boolean descending) -> {
                members.put("access", new Value.Text("index order"));
                members.put("reads", new Value.Text(shown(range, Map.of()) + (descending ? ", descending" : "")));
                members.put("records", count(range));
            }
            case Plan.Extreme(IndexRead.Range range, SortKey key) -> {
                members.put("access", new Value.Text("index order"));
                members.put(
                        "reads",
                        new Value.Text(shown(range, Map.of()) + (key.descending() ? ", the greatest" : ", the least")));
                members.put("records", new Value.Whole(Math.min(1, planner.count(range))));
            }
        }
        Condition tested = plan instanceof Plan.ById(var _, Condition residual) ? residual : query.where();
        members.put("filter", tested.equals(Condition.ALWAYS) ? Value.FALSE : Value.TRUE);
        members.put("sort", new Value.Text(sort()));
        if (!joins.steps().isEmpty()) {
            members.put("joins", joins(joins));
        }
        if (query.limit() != Long.MAX_VALUE) {
            members.put("limit", new Value.Whole(query.limit()));
        }
        return new Row(path, Version.NONE, formats.write(MediaType.JSON, new Value.Struct(members)));
    }

    private static Value joins(JoinNode node) {
        List<Value> all = new ArrayList<>();
        for (JoinStep step : node.steps().values()) {
            Relationship relationship = step.relationship();
            Map<String, Value> members = new LinkedHashMap<>();
            members.put("relationship", new Value.Text(step.name()));
            members.put("table", new Value.Text(relationship.table()));
            members.put("to", new Value.Text(relationship.isToMany() ? "many" : "one"));
            members.put(
                    "access", new Value.Text(!relationship.isToMany() ? "id" : step.isIndexed() ? "index" : "scan"));
            members.put("by", new Value.Text(relationship.attribute().toString()));
            if (!step.isIndexed()) {
                members.put(
                        "reason",
                        new Value.Text("table '" + relationship.table() + "' has no index of '"
                                + relationship.attribute() + "' that is ready"));
            }
            if (!step.target().steps().isEmpty()) {
                members.put("joins", joins(step.target()));
            }
            all.add(new Value.Struct(members));
        }
        return new Value.Array(all);
    }

    private Value count(IndexRead read) {
        int count = planner.count(read);
        return count < Planner.FEW ? new Value.Whole(count) : new Value.Text(Planner.FEW + " or more");
    }

    /** A read in words, or as it is called. */
    static String shown(IndexRead read, Map<IndexRead, String> names) {
        String name = names.get(read);
        return name != null
                ? name
                : switch (read) {
                    case IndexRead.All(List<IndexRead> parts) ->
                        parts.stream().map(part -> shown(part, names)).collect(Collectors.joining(" and "));
                    case IndexRead.Any(List<IndexRead> parts) ->
                        parts.stream().map(part -> shown(part, names)).collect(Collectors.joining(" or ", "(", ")"));
                    case IndexRead.Range(AttributePath attribute, ValueRange range) -> shown(attribute, range);
                };
    }

    private static String shown(AttributePath attribute, ValueRange range) {
        return switch (range) {
            case ValueRange.Everything(), ValueRange.Present() -> attribute.toString();
            case ValueRange.Point(Value.Missing _) -> attribute + " is missing";
            case ValueRange.Point(Value value) -> attribute + " = " + shown(value);
            case ValueRange.StartsWith(String prefix) -> attribute + " starts with " + shown(new Value.Text(prefix));
            case ValueRange.Between(Value lower, boolean withLower, Value upper, boolean withUpper) ->
                (lower == null ? "" : shown(lower) + (withLower ? " <= " : " < "))
                        + attribute
                        + (upper == null ? "" : (withUpper ? " <= " : " < ") + shown(upper));
        };
    }

    private static String shown(Value value) {
        return switch (value) {
            case Value.Text(String text) -> '"' + text + '"';
            case Value.Whole(long whole) -> Long.toString(whole);
            case Value.Real(double real) -> Double.toString(real);
            case Value.Exact(var exact) -> exact.toString();
            case Value.Bool(boolean bool) -> Boolean.toString(bool);
            case Value.Null() -> "null";
            case Value.Missing _, Value.Binary _, Value.Array _, Value.Struct _ -> value.toString();
        };
    }

    private String sort() {
        if (plan instanceof Plan.InOrder) {
            return query.order().size() == 1 ? "by the index" : "by the index, equal records in memory";
        }
        if (query.isAggregate()) {
            return query.group().isEmpty() ? "none" : "groups in memory";
        }
        if (query.order().isEmpty()) {
            return "none";
        }
        return query.limit() == Long.MAX_VALUE ? "all rows in memory" : "first rows in memory";
    }
}
