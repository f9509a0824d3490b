package org.millrace.query;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.millrace.content.AttributePath;
import org.millrace.content.Value;
import org.millrace.spi.resource.Entry;
import org.millrace.spi.resource.Path;

/**
 * Finds what fulfils a condition on a joined attribute from its far end: an index there finds records of the other table,
 * and their ids find those of the nearer one, up to the table that is asked. What the other tables have is looked up when
 * the query is planned; reading them blocks. Used for one query.
 */
final class JoinedReads {
    private static final int SLICE_RECORDS = 64;

    private final int most;
    private final Consumer<String> obstacles;
    private final Map<IndexRead, String> shown = new IdentityHashMap<>();

    /** At most so many records of each other table are read; why something cannot be found goes to the consumer. */
    JoinedReads(int most, Consumer<String> obstacles) {
        this.most = most;
        this.obstacles = obstacles;
    }

    /**
     * How records of the asked table are found.
     *
     * @return finds all that fulfil the condition, and perhaps others; null if indexes are missing, or find too much
     */
    @Nullable
    IndexRead read(JoinNode node, TableAccess access, Condition.Compare compare) {
        AttributePath path = compare.attribute();
        if (!node.leads(path)) {
            return atTheEnd(node, access, compare);
        }
        JoinStep step = node.step(path);
        if (path.names().size() == 1) {
            obstacles.accept("'" + path + "' is a record of table '"
                    + step.relationship().table() + "', no attribute");
            return null;
        }
        if (compare.comparison() == Comparison.EQUAL && compare.holds(Value.MISSING)) {
            obstacles.accept(
                    "'" + path + "=" + compare.literal().text() + "' also holds where there is no record of table '"
                            + step.relationship().table() + "'");
            return null;
        }
        AttributePath near = step.relationship().isToMany()
                ? RecordAttributes.ID
                : step.relationship().attribute();
        if (!isReady(node, access, near)) {
            return null;
        }
        Condition.Compare rest = new Condition.Compare(
                new AttributePath(path.names().subList(1, path.names().size())),
                compare.comparison(),
                compare.literal());
        IndexRead there = read(step.target(), step.access(), rest);
        Set<String> ids = there == null ? null : ids(step, there, rest);
        if (there == null || ids == null) {
            return null;
        }
        List<IndexRead> points = new ArrayList<>();
        for (String id : ids) {
            points.add(JoinStep.read(JoinStep.holding(near, id)));
        }
        IndexRead all = new IndexRead.Any(points);
        shown.put(
                all,
                near + " of " + ids.size() + " that table '"
                        + step.relationship().table() + "' has with " + Explanation.shown(there, shown));
        return all;
    }

    /** How what was found is told, which has too many parts to be listed. */
    Map<IndexRead, String> shown() {
        return shown;
    }

    private @Nullable IndexRead atTheEnd(JoinNode node, TableAccess access, Condition.Compare compare) {
        if (!isReady(node, access, compare.attribute())) {
            return null;
        }
        Reading reading = Reading.of(compare);
        if (reading == null) {
            obstacles.accept("'" + compare.comparison() + "' cannot use the index of '" + compare.attribute()
                    + "' in table '" + node.table() + "'");
            return null;
        }
        return reading.read();
    }

    private boolean isReady(JoinNode node, TableAccess access, AttributePath attribute) {
        boolean ready =
                access.index(attribute).filter(TableAccess.IndexInfo::isReady).isPresent();
        if (!ready) {
            obstacles.accept("there is no index of '" + attribute + "' in table '" + node.table() + "' that is ready");
        }
        return ready;
    }

    /** The ids that records of the other table stand for on this side; null if there are too many. */
    private @Nullable Set<String> ids(JoinStep step, IndexRead there, Condition.Compare rest) {
        Set<String> ids = new LinkedHashSet<>();
        RecordSource source = step.access().byId(there);
        Path after = null;
        int looked = 0;
        while (true) {
            List<Entry> slice = source.read(after, SLICE_RECORDS);
            if (slice.isEmpty()) {
                return ids;
            }
            after = slice.getLast().path();
            for (Entry entry : slice) {
                if (++looked > most) {
                    obstacles.accept("more than " + most + " records of table '"
                            + step.relationship().table() + "' would have to be read for '" + rest.attribute() + "'");
                    return null;
                }
                if (step.visible().test(entry.path())) {
                    RecordAttributes record =
                            new RecordAttributes(entry, step.target().wanted());
                    if (step.target().leads(rest.attribute()) || rest.holds(record.own(rest.attribute()))) {
                        String id = near(step, record);
                        if (!id.isEmpty()) {
                            ids.add(id);
                        }
                    }
                }
            }
        }
    }

    private static String near(JoinStep step, RecordAttributes record) {
        return JoinStep.id(
                step.relationship().isToMany()
                        ? record.own(step.relationship().attribute())
                        : record.own(RecordAttributes.ID));
    }
}
