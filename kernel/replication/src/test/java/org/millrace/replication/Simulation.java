package org.millrace.replication;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.millrace.content.Document;
import org.millrace.content.Value;
import org.millrace.spi.content.Content;
import org.millrace.spi.content.MediaType;
import org.millrace.spi.resource.Change;
import org.millrace.spi.resource.ChangeKind;
import org.millrace.spi.resource.Version;
import org.millrace.store.ConflictRule;
import org.millrace.store.RecordState;

/**
 * A few nodes and one stream or several, with a clock and a link of its own, run from one seed: writes, patches, increments, removals
 * and events on a few paths; messages lost, stored without an answer, repeated, out of order; partitions, crashes, clocks that are wrong. After
 * that everything is let heal. The nodes must agree, and what they agree on must be what all acknowledged writes make if
 * they are done one after another in the order of their versions.
 */
final class Simulation {
    private static final String COUNTER = "t0/counter";
    private static final int MOST_STREAMS = 3;
    private static final int NODES = 3;
    private static final int STEPS = 120;
    private static final int SETTLING = 4_000;

    private final Random random;
    private final ConflictRule rule;
    private final List<SimulatedStream> streams = new ArrayList<>();
    private final List<SimulatedNode> nodes = new ArrayList<>();
    private final List<Change> acknowledged = new ArrayList<>();
    private int number;
    private long counted;
    private long nowMillis = 1_700_000_000_000L;

    Simulation(long seed, ConflictRule rule) {
        this.random = new Random(seed);
        this.rule = rule;
        int lanes = 1 + random.nextInt(MOST_STREAMS);
        for (int i = 0; i < lanes; i++) {
            streams.add(new SimulatedStream(random));
        }
        for (int i = 1; i <= NODES; i++) {
            nodes.add(new SimulatedNode(i, random, streams, this.rule));
        }
    }

    /** Runs the schedule; returns what is wrong in the end, or an empty text. */
    String run() {
        for (int i = 0; i < STEPS; i++) {
            nowMillis += random.nextInt(2_000);
            SimulatedNode node = nodes.get(random.nextInt(NODES));
            switch (random.nextInt(24)) {
                case 0 -> node.crash();
                case 1 -> node.partitioned = !node.partitioned;
                case 2 -> node.skewMillis = random.nextInt(4) == 0 ? random.nextInt(400_000) - 100_000 : 0;
                case 3 -> anyStream().disturb();
                case 4, 5, 6, 7, 8, 9 -> write(node);
                case 10, 11, 12, 13, 14 -> node.send();
                case 15, 16 -> anyStream().settleOne();
                default -> node.receive(nowMillis);
            }
        }
        return heal();
    }

    private SimulatedStream anyStream() {
        return streams.get(random.nextInt(streams.size()));
    }

    private void write(SimulatedNode node) {
        ChangeKind kind = switch (random.nextInt(12)) {
            case 0, 1 -> ChangeKind.DELETE;
            case 2, 3 -> ChangeKind.EVENT;
            case 4, 5, 6, 7, 8 -> ChangeKind.PATCH;
            default -> ChangeKind.PUT;
        };
        // With several streams, tables of different ones; few records, so that they are fought for.
        String path = "t" + random.nextInt(streams.size()) + "/" + random.nextInt(streams.size() == 1 ? 3 : 2);
        int value = ++number;
        String field = "abc".substring(random.nextInt(3)).substring(0, 1);
        if (kind == ChangeKind.PATCH && random.nextInt(3) == 0) {
            String increment = "[{\"op\":\"increment\",\"path\":\"/n\",\"value\":" + value + "}]";
            counted += value;
            node.write(nowMillis, kind, COUNTER, content(MediaType.JSON_PATCH, increment));
            return;
        }
        Content content = switch (kind) {
            case DELETE, EXPIRE -> null;
            case EVENT, PUT -> content(MediaType.JSON, "{\"a\":{\"x\":" + value + "},\"d\":" + value + "}");
            case PATCH ->
                content(
                        MediaType.MERGE_PATCH,
                        "{\"" + field + "\":"
                                + switch (random.nextInt(4)) {
                                    case 0 -> "null";
                                    case 1 -> "{\"" + "xy".charAt(random.nextInt(2)) + "\":" + value + "}";
                                    default -> "" + value;
                                }
                                + "}");
        };
        acknowledged.add(node.write(nowMillis, kind, path, content));
    }

    private static Content content(MediaType type, String text) {
        return SimulatedNode.FORMATS.of(type, text.getBytes(StandardCharsets.UTF_8));
    }

    private String heal() {
        nodes.forEach(node -> {
            node.partitioned = false;
            node.skewMillis = 0;
        });
        streams.forEach(SimulatedStream::calm);
        // Longer than any clock was ahead.
        nowMillis += 1_000_000;
        for (int i = 0; i < SETTLING; i++) {
            nodes.forEach(SimulatedNode::send);
            streams.forEach(SimulatedStream::settleAll);
            boolean idle = true;
            for (SimulatedNode node : nodes) {
                idle &= !node.receive(nowMillis);
                idle &= node.isAllSent();
            }
            if (idle) {
                return verdict();
            }
        }
        return "the nodes do not come to rest";
    }

    private String verdict() {
        Map<String, @Nullable Content> expected = serial();
        Set<Version> events = new HashSet<>();
        for (Change change : acknowledged) {
            if (change.kind() == ChangeKind.EVENT) {
                events.add(change.version());
            }
        }
        Map<String, String> first = told(nodes.getFirst());
        for (SimulatedNode node : nodes) {
            if (!told(node).equals(first)) {
                return "node " + node.id + " ends with " + told(node) + ", the first one with " + first;
            }
            for (Map.Entry<String, RecordState> record : node.states().entrySet()) {
                Value value = value(record.getValue().content());
                if (record.getKey().equals(COUNTER)) {
                    expected.put(COUNTER, content(MediaType.JSON, "{\"n\":" + counted + "}"));
                }
                if (!value.equals(value(expected.get(record.getKey())))) {
                    return "node " + node.id + " ends with " + record.getKey() + " = " + value
                            + ", one after another the writes make " + value(expected.get(record.getKey()));
                }
            }
            Map<Version, Integer> seen = new HashMap<>();
            node.events().forEach(version -> seen.merge(version, 1, Integer::sum));
            if (!seen.keySet().equals(events) || seen.values().stream().anyMatch(times -> times != 1)) {
                return "node " + node.id + " has seen the events " + seen + ", published were " + events;
            }
        }
        return "";
    }

    /** What the records are if all was done at one place, in the order of the versions. */
    private Map<String, @Nullable Content> serial() {
        Map<String, @Nullable Content> records = new TreeMap<>();
        acknowledged.stream()
                .filter(change -> change.kind().altersRecord())
                .sorted(Comparator.comparing(Change::version))
                .forEach(change -> {
                    String path = change.path().toString();
                    records.put(
                            path,
                            change.patch()
                                    .map(patch -> SimulatedNode.FORMATS.merge(records.get(path), patch))
                                    .or(change::content)
                                    .orElse(null));
                });
        return records;
    }

    private static Value value(@Nullable Content content) {
        return content == null ? Value.MISSING : Document.of(content).root();
    }

    private static Map<String, String> told(SimulatedNode node) {
        Map<String, String> told = new TreeMap<>();
        node.states().forEach((path, state) -> {
            Content content = state.content();
            told.put(
                    path,
                    state.version() + " "
                            + (content == null ? "" : new String(content.toByteArray(), StandardCharsets.UTF_8)));
        });
        return told;
    }
}
