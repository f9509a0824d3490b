package org.millrace.replication;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.millrace.spi.resource.Change;
import org.millrace.spi.resource.ChangeKind;
import org.millrace.spi.resource.Version;
import org.millrace.store.ConflictRule;

/**
 * A few nodes and a stream, with a clock and a link of its own, run from one seed: writes, deletes and events on a few
 * paths; messages lost, stored without an answer, repeated, out of order; partitions, crashes, clocks that are wrong. After
 * that everything is let heal, and the nodes must agree.
 */
final class Simulation {
    private static final int NODES = 3;
    private static final int STEPS = 120;
    private static final int SETTLING = 4_000;

    private final Random random;
    private final ConflictRule rule;
    private final SimulatedStream stream;
    private final List<SimulatedNode> nodes = new ArrayList<>();
    private final List<Change> acknowledged = new ArrayList<>();
    private long nowMillis = 1_700_000_000_000L;

    Simulation(long seed, ConflictRule rule) {
        this.random = new Random(seed);
        this.rule = rule;
        this.stream = new SimulatedStream(random);
        for (int i = 1; i <= NODES; i++) {
            nodes.add(new SimulatedNode(i, random, stream, this.rule));
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
                case 3 -> stream.disturb();
                case 4, 5, 6, 7, 8, 9 -> acknowledged.add(node.write(nowMillis, kind(), "t/" + random.nextInt(4)));
                case 10, 11, 12, 13, 14 -> node.send();
                case 15, 16 -> stream.settleOne();
                default -> node.receive(nowMillis);
            }
        }
        return heal();
    }

    private ChangeKind kind() {
        return switch (random.nextInt(6)) {
            case 0 -> ChangeKind.DELETE;
            case 1 -> ChangeKind.EVENT;
            default -> ChangeKind.PUT;
        };
    }

    private String heal() {
        nodes.forEach(node -> {
            node.partitioned = false;
            node.skewMillis = 0;
        });
        stream.calm();
        // Longer than any clock was ahead.
        nowMillis += 1_000_000;
        for (int i = 0; i < SETTLING; i++) {
            nodes.forEach(SimulatedNode::send);
            stream.settleAll();
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
        Map<String, Version> latest = new TreeMap<>();
        Set<Version> events = new HashSet<>();
        for (Change change : acknowledged) {
            if (change.kind() == ChangeKind.EVENT) {
                events.add(change.version());
            } else {
                latest.merge(change.path().toString(), change.version(), (a, b) -> a.compareTo(b) > 0 ? a : b);
            }
        }
        for (SimulatedNode node : nodes) {
            if (!node.versions().equals(latest)) {
                return "node " + node.id + " ends with " + node.versions() + ", the latest acknowledged are " + latest;
            }
            Map<Version, Integer> seen = new HashMap<>();
            node.events().forEach(version -> seen.merge(version, 1, Integer::sum));
            if (!seen.keySet().equals(events) || seen.values().stream().anyMatch(times -> times != 1)) {
                return "node " + node.id + " has seen the events " + seen + ", published were " + events;
            }
        }
        return "";
    }
}
