package org.millrace.distribution;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.millrace.distribution.Write.Kind;

/**
 * What the clients of a cluster did, against which is held what the nodes have at the end and what those saw who follow
 * them. It rests on this: of the versions that one node gives, each is later than those before. So a write whose version the
 * client was not told is later than the one told last before it at the same node.
 */
final class ClusterHistory {
    private static final Pattern NUMBER = Pattern.compile("\"n\":(\\d+)");
    private static final Pattern FIELD = Pattern.compile("\"([fp])(\\d)\":(\\d+)");
    private static final Pattern BASE = Pattern.compile("\"by\":(\\d+),\"n\":(\\d+)");

    private final List<ClusterWriter> writers;

    ClusterHistory(List<ClusterWriter> writers) {
        this.writers = List.copyOf(writers);
    }

    /**
     * A record at the end.
     *
     * @param clock its version's
     */
    record Row(long clock, String value) {}

    /** A write, and what is known of its version's clock: the least it can be, and the greatest. */
    private record Placed(Write write, long least, long most) {}

    private List<Placed> placed() {
        List<Placed> all = new ArrayList<>();
        for (ClusterWriter writer : writers) {
            List<Write> writes = writer.writes();
            long[] most = new long[writes.size()];
            long next = Long.MAX_VALUE;
            for (int i = writes.size() - 1; i >= 0; i--) {
                Write write = writes.get(i);
                // Of what was not answered it is not known how much later it was done.
                most[i] = write.acknowledged() ? next : Long.MAX_VALUE;
                next = write.clock() > 0 ? write.clock() : next;
            }
            long least = 0;
            for (int i = 0; i < writes.size(); i++) {
                Write write = writes.get(i);
                least = Math.max(least, write.clock());
                boolean told = write.clock() > 0;
                all.add(new Placed(write, told ? least : least + 1, told ? least : most[i]));
            }
        }
        return all;
    }

    int acknowledged() {
        return (int) writes().filter(Write::acknowledged).count();
    }

    private Stream<Write> writes() {
        return writers.stream().flatMap(writer -> writer.writes().stream());
    }

    /** What all clients have been left without an answer for. */
    List<String> unanswered() {
        return writers.stream().flatMap(writer -> writer.unanswered().stream()).toList();
    }

    /** What is wrong with the records that all nodes have: none if each acknowledged write is there or superseded. */
    List<String> wrong(Map<String, Row> rows) {
        List<String> wrong = new ArrayList<>();
        List<Placed> placed = placed();
        for (Placed each : placed) {
            Write write = each.write();
            Row row = rows.get(write.id());
            if (!write.acknowledged() || mayHaveFoundNothing(write)) {
                continue;
            }
            if (row != null) {
                boolean passedOver = row.clock() < each.least() || isOwn(write.id()) && number(row) < write.number();
                if (passedOver) {
                    wrong.add("neither there nor superseded: " + write + ", there is " + row);
                }
            } else if (write.kind() != Kind.REMOVAL && !removedAfter(placed, each)) {
                wrong.add("missing, and nobody removed it: " + write);
            }
        }
        rows.forEach((id, row) -> {
            if (!wasWritten(id, row.value())) {
                wrong.add("nobody wrote that, or it was refused: " + id + " is " + row.value());
            }
        });
        wrong.addAll(wrongFields(rows));
        return wrong;
    }

    /** Of a removal only HTTP tells whether there was something, and what finds nothing leaves nothing. */
    private static boolean mayHaveFoundNothing(Write write) {
        return write.kind() == Kind.REMOVAL && !write.protocol().equals(HttpWriter.class.getSimpleName());
    }

    private static boolean isOwn(String id) {
        return id.startsWith("own");
    }

    private static int number(Row row) {
        Matcher number = NUMBER.matcher(row.value());
        return number.find() ? Integer.parseInt(number.group(1)) : 0;
    }

    private static boolean removedAfter(List<Placed> placed, Placed put) {
        return placed.stream()
                .anyMatch(other -> other.write().kind() == Kind.REMOVAL
                        && !other.write().refused()
                        && other.write().id().equals(put.write().id())
                        && other.most() > put.least());
    }

    /** Whether a record consists of one put and of patches that clients made and that were not refused. */
    private boolean wasWritten(String id, String value) {
        Matcher base = BASE.matcher(value);
        boolean written = id.equals(ClusterWriter.COUNT)
                || !base.find()
                || wrote(Integer.parseInt(base.group(1)), Integer.parseInt(base.group(2)), id, Kind.PUT);
        Matcher field = FIELD.matcher(value);
        while (written && field.find()) {
            written = wrote(Integer.parseInt(field.group(2)), Integer.parseInt(field.group(3)), id, Kind.PATCH);
        }
        return written;
    }

    private boolean wrote(int node, int number, String id, Kind kind) {
        return writers.get(node).writes().stream()
                .anyMatch(write -> write.number() == number
                        && write.kind() == kind
                        && write.id().equals(id)
                        && !write.refused());
    }

    /** The last patch of each node prevails in its own field, and every increment counts once. */
    private List<String> wrongFields(Map<String, Row> rows) {
        List<String> wrong = new ArrayList<>();
        Row fields = rows.getOrDefault(ClusterWriter.FIELDS, new Row(0, ""));
        for (ClusterWriter writer : writers) {
            int last = writer.writes().stream()
                    .filter(write -> write.acknowledged() && write.id().equals(ClusterWriter.FIELDS))
                    .mapToInt(Write::number)
                    .max()
                    .orElse(0);
            Matcher field = Pattern.compile("\"f" + writer.node() + "\":(\\d+)").matcher(fields.value());
            if ((field.find() ? Integer.parseInt(field.group(1)) : 0) < last) {
                wrong.add("the field of node " + writer.node() + " is not " + last + " in " + fields);
            }
        }
        long least = writers.stream().mapToLong(ClusterWriter::counted).sum();
        long most =
                least + writers.stream().mapToLong(ClusterWriter::maybeCounted).sum();
        int count = number(rows.getOrDefault(ClusterWriter.COUNT, new Row(0, "")));
        if (count < least || count > most) {
            wrong.add("the count is " + count + ", not between " + least + " and " + most);
        }
        return wrong;
    }

    /**
     * What is wrong with what a follower of a node was shown of each record. It has to see all that was put into records that
     * one client alone writes, and all that was put at its own node; nothing that was refused; and nothing for the first time
     * after something later.
     */
    List<String> wrongSeen(int node, Map<String, List<String>> shown) {
        List<String> wrong = new ArrayList<>();
        Map<String, Set<String>> seen = new HashMap<>();
        shown.forEach((id, values) -> seen.put(id, new LinkedHashSet<>(values)));
        Map<String, Write> known = new HashMap<>();
        writes().filter(write -> write.kind() == Kind.PUT).forEach(write -> {
            boolean was = seen.getOrDefault(write.id(), Set.of()).contains(write.content());
            if (was && write.refused()) {
                wrong.add("shown though it was refused: " + write);
            }
            if (!was && write.acknowledged() && (isOwn(write.id()) || write.node() == node)) {
                wrong.add("never shown: " + write);
            }
            if (write.clock() > 0) {
                known.put(write.id() + write.content(), write);
            }
        });
        seen.forEach((id, values) -> {
            long latest = 0;
            for (String value : values) {
                Write write = known.get(id + value);
                if (write != null && write.clock() < latest) {
                    wrong.add("shown after something later: " + write);
                }
                latest = Math.max(latest, write == null ? 0 : write.clock());
            }
        });
        return wrong;
    }
}
