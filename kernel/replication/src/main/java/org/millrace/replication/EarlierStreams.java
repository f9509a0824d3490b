package org.millrace.replication;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.millrace.spi.resource.Change;

/**
 * What this node had applied of other nodes while the cluster had another number of streams, so that nothing of it is
 * applied again: the places were counted for each stream of then, and the nodes send again from further back. Immutable.
 */
final class EarlierStreams {
    private final Map<Long, List<Counted>> nodes;

    /** The last change of a node applied of each stream, of as many as there were. */
    private record Counted(List<Long> applied) {
        private boolean includes(Change change) {
            int lane = Lane.of(change.path(), applied.size());
            return change.cursor().position() <= applied.get(lane);
        }

        private static Counted parse(String text) {
            return new Counted(
                    Arrays.stream(text.split(" ", -1)).map(Long::valueOf).toList());
        }

        @Override
        public String toString() {
            return applied.stream().map(String::valueOf).collect(Collectors.joining(" "));
        }
    }

    private EarlierStreams(Map<Long, List<Counted>> nodes) {
        this.nodes = nodes;
    }

    /**
     * Reads what {@link #texts} gives.
     *
     * @param texts for each node
     */
    static EarlierStreams parse(Map<Long, String> texts) {
        Map<Long, List<Counted>> nodes = new HashMap<>();
        texts.forEach(
                (node, text) -> nodes.put(node, text.lines().map(Counted::parse).toList()));
        return new EarlierStreams(nodes);
    }

    /**
     * The same, when the number of streams changes once more.
     *
     * @param applied the last change applied, of each stream of before; 0 for none
     */
    EarlierStreams and(Map<Long, List<Long>> applied) {
        Map<Long, List<Counted>> more = new HashMap<>(nodes);
        applied.forEach((node, places) -> {
            List<Counted> all = new ArrayList<>(more.getOrDefault(node, List.of()));
            all.add(new Counted(List.copyOf(places)));
            more.put(node, all);
        });
        return new EarlierStreams(more);
    }

    /** What is to be kept of each node. */
    Map<Long, String> texts() {
        Map<Long, String> texts = new HashMap<>();
        nodes.forEach((node, all) ->
                texts.put(node, all.stream().map(Counted::toString).collect(Collectors.joining("\n"))));
        return texts;
    }

    /** Whether a change of a node was applied then. */
    boolean include(long node, Change change) {
        List<Counted> all = nodes.get(node);
        return all != null && all.stream().anyMatch(counted -> counted.includes(change));
    }
}
