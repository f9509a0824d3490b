package org.millrace.query;

import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.millrace.content.AttributePath;
import org.millrace.content.ContentFormats;
import org.millrace.content.Value;
import org.millrace.spi.content.MediaType;
import org.millrace.spi.resource.Row;

/**
 * Makes a record's row: the record itself, or an object of the attributes that were selected, each where it is in the
 * record. Immutable.
 */
final class Projection {
    private final List<AttributePath> selected;
    private final ContentFormats formats;

    Projection(List<Selection> select, ContentFormats formats) {
        this.selected = select.stream()
                .filter(Selection.Attribute.class::isInstance)
                .map(selection -> ((Selection.Attribute) selection).attribute())
                .toList();
        this.formats = formats;
    }

    Row row(RecordAttributes record) {
        var entry = record.entry();
        if (selected.isEmpty()) {
            return new Row(entry.path(), entry.version(), entry.content());
        }
        Map<String, Value> members = new LinkedHashMap<>();
        show(record, selected, members);
        return new Row(entry.path(), entry.version(), formats.write(MediaType.JSON, new Value.Struct(members)));
    }

    /** Puts attributes of a record, and of those it leads to, where they are in the row. */
    static void show(RecordAttributes record, Collection<AttributePath> selected, Map<String, Value> members) {
        Set<JoinStep> shown = record.joins().steps().isEmpty() ? Set.of() : new HashSet<>();
        for (AttributePath attribute : selected) {
            if (record.joins().leads(attribute)) {
                JoinStep step = record.joins().step(attribute);
                if (shown.add(step)) {
                    members.put(step.name(), record.shown(step));
                }
            } else {
                Value value = record.value(attribute);
                if (!(value instanceof Value.Missing)) {
                    place(members, attribute.names(), value);
                }
            }
        }
    }

    /** Puts a value at a path; what was selected as a whole before already holds it. */
    private static void place(Map<String, Value> members, List<String> names, Value value) {
        String name = names.getFirst();
        if (names.size() == 1) {
            members.put(name, value);
            return;
        }
        Map<String, Value> inner = new LinkedHashMap<>();
        Value there = members.get(name);
        if (there instanceof Value.Struct(Map<String, Value> known)) {
            inner.putAll(known);
        } else if (there != null) {
            return;
        }
        place(inner, names.subList(1, names.size()), value);
        members.put(name, new Value.Struct(inner));
    }
}
