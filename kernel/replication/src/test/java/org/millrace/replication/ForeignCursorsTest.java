package org.millrace.replication;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Places of other nodes' journals. */
class ForeignCursorsTest {
    /** A change by its origin, the stream it goes to, and its place in the origin's journal. */
    private record Made(Origin origin, long place) {}

    /** A node with a journal of what it has made and what it has applied. */
    private static final class Node {
        private final int id;
        private final List<Made> journal = new ArrayList<>();
        private final Map<Origin, Long> seen = new HashMap<>();
        private final ForeignCursors cursors;

        private Node(int id) {
            this.id = id;
            this.cursors = new ForeignCursors(id);
        }

        private void make(int lane) {
            add(new Made(new Origin(id, lane), journal.size() + 1));
        }

        /** Applies the next change that a stream has of another node. */
        private void hear(Node other, int lane) {
            Origin origin = new Origin(other.id, lane);
            long after = seen.getOrDefault(origin, 0L);
            other.journal.stream()
                    .filter(made -> made.origin().equals(origin) && made.place() > after)
                    .findFirst()
                    .ifPresent(this::add);
        }

        private void add(Made made) {
            journal.add(made);
            seen.put(made.origin(), made.place());
        }

        private ForeignCursors.Sight sight() {
            return new ForeignCursors.Sight(journal.size(), seen);
        }
    }

    @Test
    void nothingIsMissedWhoeverIsGoneOnAt() {
        int found = 0;
        for (long seed = 0; seed < 300; seed++) {
            Random random = new Random(seed);
            int lanes = 1 + random.nextInt(3);
            List<Node> nodes = List.of(new Node(1), new Node(2), new Node(3));
            for (int step = 0; step < 200; step++) {
                Node node = nodes.get(random.nextInt(3));
                Node other = nodes.get(random.nextInt(3));
                switch (random.nextInt(6)) {
                    case 0 -> node.make(random.nextInt(lanes));
                    case 1, 2, 3 -> {
                        if (node != other) {
                            node.hear(other, random.nextInt(lanes));
                        }
                    }
                    case 4 -> node.cursors.note(node.sight());
                    default -> node.cursors.heard(other.id, other.sight());
                }
            }
            Node from = nodes.get(random.nextInt(3));
            for (Node to : nodes) {
                for (int place = 0; place <= from.journal.size() && to != from; place++) {
                    OptionalLong here = to.cursors.here(from.id, place);
                    if (here.isPresent()) {
                        found++;
                        assertThat(from.journal.subList(0, place))
                                .as("seed %d", seed)
                                .containsAll(to.journal.subList(0, (int) here.getAsLong()));
                    }
                }
            }
        }
        assertThat(found).isGreaterThan(1_000);
    }

    @Test
    void whatIsKnownOutlivesARestart() {
        ForeignCursors cursors = new ForeignCursors(1);
        cursors.note(new ForeignCursors.Sight(10, Map.of(new Origin(1, 0), 10L, new Origin(2, 0), 5L)));
        assertThat(cursors.heard(2, new ForeignCursors.Sight(20, Map.of(new Origin(1, 0), 10L, new Origin(2, 0), 18L))))
                .isTrue();
        ForeignCursors again = new ForeignCursors(1);
        again.restore(cursors.text());
        assertThat(again.here(2, 25)).hasValue(10);
        assertThat(again.here(2, 19)).isEmpty();
        assertThat(again.here(3, 25)).isEmpty();
    }
}
