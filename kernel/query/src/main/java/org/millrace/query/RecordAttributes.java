package org.millrace.query;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.millrace.content.AttributePath;
import org.millrace.content.AttributeSelection;
import org.millrace.content.Value;
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

    RecordAttributes(Entry entry, Wanted wanted) {
        this.entry = entry;
        this.wanted = wanted;
    }

    /** Which attributes a query needs. Immutable. */
    record Wanted(AttributeSelection conditions, AttributeSelection results) {
        static Wanted of(ParsedQuery query) {
            Set<AttributePath> where = new LinkedHashSet<>();
            collect(query.where(), where);
            Set<AttributePath> rest = new LinkedHashSet<>(query.group());
            query.sort().forEach(key -> rest.add(key.attribute()));
            for (Selection selection : query.select()) {
                switch (selection) {
                    case Selection.Attribute(AttributePath attribute) -> rest.add(attribute);
                    case Selection.Aggregate aggregate -> rest.add(aggregate.attribute());
                    case Selection.Count() -> {}
                }
            }
            rest.removeAll(where);
            return new Wanted(selection(where), selection(rest));
        }

        private static AttributeSelection selection(Set<AttributePath> paths) {
            List<AttributePath> inContent = new ArrayList<>(paths);
            inContent.remove(ID);
            return new AttributeSelection(inContent);
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
