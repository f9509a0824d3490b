package org.millrace.query;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.millrace.content.AttributePath;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.Path;
import org.millrace.spi.resource.ResourceException;

/**
 * Finds the relationships in a query's attributes, and checks them. A path such as {@code customer.city} leads to
 * another table if {@code customer} is a relationship of the table; what is behind is looked for there.
 */
final class JoinPaths {
    /** So many relationships may follow each other. */
    private static final int DEEPEST = 4;
    /** So many may be followed in a query. */
    private static final int MOST_STEPS = 16;

    private final ParsedQuery query;
    private final JoinedTables tables;
    private final Predicate<Path> visible;
    private final JoinNode root;
    private int steps;

    private JoinPaths(String table, ParsedQuery query, JoinedTables tables, Predicate<Path> visible) {
        this.query = query;
        this.tables = tables;
        this.visible = visible;
        this.root = new JoinNode(table, tables.relationships(table));
    }

    /**
     * Reads a query's attributes.
     *
     * @throws ResourceException {@link ErrorCode#INVALID} with the position, for what is no relationship, is cyclic, or
     *     leads to many where there can be one only; {@link ErrorCode#FORBIDDEN} if the asker may not read a table
     */
    static JoinNode of(String table, ParsedQuery query, JoinedTables tables, Predicate<Path> visible) {
        return new JoinPaths(table, query, tables, visible).read();
    }

    private JoinNode read() {
        query.places().nested().forEach(this::requireRelationships);
        if (root.relationships().isEmpty()) {
            return JoinNode.NONE;
        }
        conditions(query.where());
        query.group().forEach(attribute -> follow(attribute, false, true));
        query.sort().forEach(key -> follow(key.by(), false, true));
        query.select().forEach(selection -> follow(selection, !query.isAggregate(), false));
        root.complete();
        return root.steps().isEmpty() ? JoinNode.NONE : root;
    }

    private void follow(Selection selection, boolean shown, boolean single) {
        switch (selection) {
            case Selection.Attribute(AttributePath attribute) -> follow(attribute, shown, single);
            case Selection.Aggregate aggregate -> follow(aggregate.attribute(), false, true);
            case Selection.Count() -> {}
        }
    }

    /** Follows what is written as {@code customer(...)}, which can be nothing but a relationship. */
    private void requireRelationships(AttributePath path, int position) {
        String table = root.table();
        for (String name : path.names()) {
            Map<String, Relationship> there = tables.relationships(table);
            Relationship relationship = there.get(name);
            if (relationship == null) {
                throw QueryText.error(
                        "table '" + table + "' has no relationship '" + QueryText.shown(name) + "', nor is there such"
                                + " an aggregate" + Nearest.hint(QueryText.shown(name), there.keySet()),
                        position);
            }
            table = relationship.table();
        }
    }

    private void conditions(Condition condition) {
        switch (condition) {
            case Condition.And(List<Condition> parts) -> parts.forEach(this::conditions);
            case Condition.Or(List<Condition> parts) -> parts.forEach(this::conditions);
            case Condition.Compare compare -> follow(compare.attribute(), false, false);
        }
    }

    /** Follows the relationships that a path begins with. */
    private void follow(AttributePath path, boolean selected, boolean single) {
        List<String> passed = new ArrayList<>();
        JoinNode node = root;
        int at = 0;
        for (; at < path.names().size(); at++) {
            String name = path.names().get(at);
            Relationship relationship = node.relationships().get(name);
            if (relationship == null) {
                break;
            }
            if (selected) {
                node.select(rest(path, at));
            }
            check(path, at, node, relationship, passed);
            if (single && relationship.isToMany()) {
                throw error(
                        path,
                        at,
                        "'" + name + "' leads to many records of table '" + relationship.table()
                                + "', so rows cannot be sorted, grouped or computed by '" + path + "'");
            }
            passed.add(node.table());
            node = step(node, name, relationship).target();
        }
        if (node == root) {
            return;
        }
        if (at == path.names().size()) {
            if (selected) {
                node.selectWhole();
            }
        } else {
            node.want(rest(path, at));
            if (selected) {
                node.select(rest(path, at));
            }
        }
    }

    private static AttributePath rest(AttributePath path, int from) {
        return new AttributePath(path.names().subList(from, path.names().size()));
    }

    private void check(AttributePath path, int at, JoinNode node, Relationship relationship, List<String> passed) {
        String to = relationship.table();
        if (passed.contains(to)) {
            throw error(
                    path,
                    at,
                    "'" + path + "' is cyclic: relationship '" + path.names().get(at) + "' of table '" + node.table()
                            + "' leads back to table '" + to
                            + "'; a path passes a table once, or follows one relationship within it");
        }
        if (passed.size() == DEEPEST) {
            throw error(path, at, "'" + path + "' follows more than " + DEEPEST + " relationships");
        }
    }

    private JoinStep step(JoinNode node, String name, Relationship relationship) {
        JoinStep known = node.steps().get(name);
        if (known != null) {
            return known;
        }
        if (++steps > MOST_STEPS) {
            throw new ResourceException(
                    ErrorCode.INVALID, "query: more than " + MOST_STEPS + " relationships are followed");
        }
        tables.requireReadable(relationship.table());
        JoinNode target = new JoinNode(relationship.table(), tables.relationships(relationship.table()));
        if (relationship.isToMany()) {
            target.want(relationship.attribute());
        } else {
            node.want(relationship.attribute());
        }
        JoinStep step = new JoinStep(name, relationship, target, tables, tables.access(relationship.table()), visible);
        node.steps().put(name, step);
        return step;
    }

    /** What is wrong with a name of a path: with its own place if it is written as {@code customer(...)}. */
    private ResourceException error(AttributePath path, int at, String what) {
        AttributePath nested = new AttributePath(path.names().subList(0, at + 1));
        Integer place = query.places().nested().get(nested);
        return QueryText.error(
                what, place != null ? place : query.places().attributes().getOrDefault(path, 0));
    }
}
