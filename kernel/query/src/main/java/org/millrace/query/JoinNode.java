package org.millrace.query;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.millrace.content.AttributePath;
import org.millrace.content.AttributeSelection;

/**
 * What a query wants of the records of one table that it came to by relationships, and where it goes from there. The
 * root is the table that is asked. Not altered once {@link JoinPaths} has made it.
 */
final class JoinNode {
    /** A query that follows no relationship. */
    static final JoinNode NONE = new JoinNode("", Map.of());

    private final String table;
    private final Map<String, Relationship> relationships;
    private final Map<String, JoinStep> steps = new LinkedHashMap<>();
    private final Set<AttributePath> attributes = new LinkedHashSet<>();
    private final Set<AttributePath> selected = new LinkedHashSet<>();
    private boolean wholeSelected;
    private RecordAttributes.Wanted wanted;

    JoinNode(String table, Map<String, Relationship> relationships) {
        this.table = table;
        this.relationships = relationships;
        this.wanted = wanted(List.of());
    }

    String table() {
        return table;
    }

    /** What is declared, followed or not. */
    Map<String, Relationship> relationships() {
        return relationships;
    }

    /** Which relationships are followed from here. */
    Map<String, JoinStep> steps() {
        return steps;
    }

    /** Whether a path begins with a relationship that is followed from here. */
    boolean leads(AttributePath path) {
        return !steps.isEmpty() && steps.containsKey(path.names().getFirst());
    }

    /** The step that such a path begins with. */
    JoinStep step(AttributePath path) {
        JoinStep step = steps.get(path.names().getFirst());
        if (step == null) {
            throw new IllegalArgumentException("attribute " + path + " begins with no relationship");
        }
        return step;
    }

    /** Which attributes a row shows of a record here, in the order in which they were asked for. */
    Set<AttributePath> selected() {
        return selected;
    }

    boolean isWholeSelected() {
        return wholeSelected;
    }

    RecordAttributes.Wanted wanted() {
        return wanted;
    }

    void want(AttributePath attribute) {
        attributes.add(attribute);
    }

    void select(AttributePath attribute) {
        selected.add(attribute);
    }

    void selectWhole() {
        wholeSelected = true;
    }

    /** Ends the making of this node and of those behind it. */
    void complete() {
        List<AttributePath> inContent = new ArrayList<>(attributes);
        inContent.remove(RecordAttributes.ID);
        wanted = wanted(inContent);
        steps.values().forEach(step -> step.target().complete());
    }

    private RecordAttributes.Wanted wanted(List<AttributePath> inContent) {
        return new RecordAttributes.Wanted(
                new AttributeSelection(inContent), new AttributeSelection(List.of()), this, QueryLimits.DEFAULTS);
    }
}
