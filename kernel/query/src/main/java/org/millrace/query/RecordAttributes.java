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
import org.millrace.content.AttributeSelection;
import org.millrace.content.Document;
import org.millrace.content.Value;
import org.millrace.spi.content.MediaType;
import org.millrace.spi.resource.Entry;
import org.millrace.spi.resource.Path;

/**
 * One record's attributes, as far as a query needs them: those of its conditions are taken out of the content in one
 * pass, the others in a second one that only matching records see.
 */
final class RecordAttributes implements Attributes {
    static final AttributePath ID = new AttributePath(List.of("$id"));

    private final Entry entry;
    private final Wanted wanted;
    private @Nullable List<Value> conditions;
    private @Nullable List<Value> results;
    /** Single records that this one leads to, by relationship; made when there is one. */
    private @Nullable Map<JoinStep, Optional<RecordAttributes>> joined;

    private @Nullable JoinBudget budget;

    RecordAttributes(Entry entry, Wanted wanted) {
        this.entry = entry;
        this.wanted = wanted;
    }

    /** A record that was come to by a relationship. */
    RecordAttributes(Entry entry, Wanted wanted, JoinBudget budget) {
        this(entry, wanted);
        this.budget = budget;
    }

    /** Which attributes a query needs. Immutable. */
    record Wanted(AttributeSelection conditions, AttributeSelection results, JoinNode joins, QueryLimits limits) {
        static Wanted of(ParsedQuery query) {
            return of(query, JoinNode.NONE, QueryLimits.DEFAULTS);
        }

        static Wanted of(ParsedQuery query, JoinNode joins, QueryLimits limits) {
            Set<AttributePath> where = new LinkedHashSet<>();
            collect(query.where(), where);
            Set<AttributePath> rest = new LinkedHashSet<>(query.group());
            query.sort().forEach(key -> collect(key.by(), rest));
            query.select().forEach(selection -> collect(selection, rest));
            own(where, joins);
            own(rest, joins);
            rest.removeAll(where);
            return new Wanted(selection(where), selection(rest), joins, limits);
        }

        /** Puts in the place of what is in other tables the attributes that lead there. */
        private static void own(Set<AttributePath> paths, JoinNode joins) {
            for (AttributePath path : List.copyOf(paths)) {
                if (joins.leads(path)) {
                    paths.remove(path);
                    Relationship relationship = joins.step(path).relationship();
                    if (!relationship.isToMany()) {
                        paths.add(relationship.attribute());
                    }
                }
            }
        }

        private static AttributeSelection selection(Set<AttributePath> paths) {
            List<AttributePath> inContent = new ArrayList<>(paths);
            inContent.remove(ID);
            return new AttributeSelection(inContent);
        }

        private static void collect(Selection selection, Set<AttributePath> found) {
            switch (selection) {
                case Selection.Attribute(AttributePath attribute) -> found.add(attribute);
                case Selection.Aggregate aggregate -> found.add(aggregate.attribute());
                case Selection.Count() -> {}
            }
        }

        private static void collect(Condition condition, Set<AttributePath> found) {
            switch (condition) {
                case Condition.And(List<Condition> parts) -> parts.forEach(part -> collect(part, found));
                case Condition.Or(List<Condition> parts) -> parts.forEach(part -> collect(part, found));
                case Condition.Compare compare -> found.add(compare.attribute());
            }
        }
    }

    /** The value of {@code $id}. */
    static Value id(Path path) {
        return path.toString().indexOf('/') < 0 ? Value.NULL : new Value.Text(path.id());
    }

    Entry entry() {
        return entry;
    }

    @Override
    public Value value(AttributePath path) {
        if (!wanted.joins.leads(path)) {
            return own(path);
        }
        JoinStep step = wanted.joins.step(path);
        if (step.relationship().isToMany()) {
            throw new IllegalArgumentException("attribute " + path + " has many values");
        }
        RecordAttributes target = one(step);
        boolean last = path.names().size() == 1;
        if (target == null) {
            return last ? Value.NULL : Value.MISSING;
        }
        return last ? target.whole() : target.value(behind(path));
    }

    @Override
    public boolean fulfil(Condition.Compare condition) {
        return fulfil(condition.attribute(), condition);
    }

    private boolean fulfil(AttributePath path, Condition.Compare condition) {
        if (!wanted.joins.leads(path)) {
            return condition.holds(own(path));
        }
        JoinStep step = wanted.joins.step(path);
        boolean last = path.names().size() == 1;
        if (!step.relationship().isToMany()) {
            RecordAttributes target = one(step);
            return target == null
                    ? condition.holds(last ? Value.NULL : Value.MISSING)
                    : last ? condition.holds(target.whole()) : target.fulfil(behind(path), condition);
        }
        boolean[] seen = new boolean[2];
        step.many(this, budget(), target -> {
            seen[0] = true;
            seen[1] = last ? condition.holds(target.whole()) : target.fulfil(behind(path), condition);
            return !seen[1];
        });
        return seen[1] || !seen[0] && condition.holds(last ? Value.NULL : Value.MISSING);
    }

    private static AttributePath behind(AttributePath path) {
        return new AttributePath(path.names().subList(1, path.names().size()));
    }

    /** What a row shows of the records that this one leads to. */
    Value shown(JoinStep step) {
        if (!step.relationship().isToMany()) {
            RecordAttributes target = one(step);
            return target == null ? Value.NULL : target.shown();
        }
        List<Value> items = new ArrayList<>();
        step.many(this, budget(), target -> items.add(target.shown()));
        return new Value.Array(items);
    }

    private Value shown() {
        budget().show(entry);
        JoinNode node = wanted.joins;
        Map<String, Value> members = new LinkedHashMap<>();
        if (node.isWholeSelected()) {
            Value whole = whole();
            if (!(whole instanceof Value.Struct(Map<String, Value> all))) {
                return whole;
            }
            members.putAll(all);
        }
        Projection.show(this, node.selected(), members);
        return new Value.Struct(members);
    }

    /** The content as a value; null if it is opaque. */
    private Value whole() {
        return entry.content().canBe(MediaType.JSON)
                ? Document.of(entry.content()).root()
                : Value.NULL;
    }

    private @Nullable RecordAttributes one(JoinStep step) {
        if (joined == null) {
            joined = new IdentityHashMap<>();
        }
        Optional<RecordAttributes> known = joined.get(step);
        if (known == null) {
            known = Optional.ofNullable(step.one(this, budget()));
            joined.put(step, known);
        }
        return known.orElse(null);
    }

    private JoinBudget budget() {
        if (budget == null) {
            budget = new JoinBudget(wanted.limits);
        }
        return budget;
    }

    JoinNode joins() {
        return wanted.joins;
    }

    /** The value of an attribute of this record itself, even if a relationship has its name. */
    Value own(AttributePath path) {
        if (path.equals(ID)) {
            return id(entry.path());
        }
        int inConditions = wanted.conditions.paths().indexOf(path);
        if (inConditions >= 0) {
            if (conditions == null) {
                conditions = wanted.conditions.extract(entry.content());
            }
            return conditions.get(inConditions);
        }
        int inResults = wanted.results.paths().indexOf(path);
        if (inResults < 0) {
            throw new IllegalArgumentException("attribute " + path + " is not part of the query");
        }
        if (results == null) {
            results = wanted.results.extract(entry.content());
        }
        return results.get(inResults);
    }
}
