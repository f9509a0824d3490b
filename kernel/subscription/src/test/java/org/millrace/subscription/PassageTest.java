package org.millrace.subscription;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.millrace.journal.ChangeReader;
import org.millrace.spi.plugin.Registration;
import org.millrace.spi.resource.Change;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.ResourceException;
import org.millrace.spi.resource.TopicFilter;

class PassageTest {
    private static final int CHANGES = 1_000;
    /** What fills its last block. */
    private static final int WHOLE_BLOCKS = 1_023;

    private final MemoryTree tree = new MemoryTree();
    private final List<Long> opened = new ArrayList<>();
    private int read;
    private final Counting source = new Counting();
    private final PathHashes hashes = new PathHashes(1_024);
    private final Passage.Ground ground = new Passage.Ground(source, new RecentReads(source), hashes);

    private final class Counting implements ChangeSource {
        @Override
        public long node() {
            return tree.node();
        }

        @Override
        public long publishedSeq() {
            return tree.publishedSeq();
        }

        @Override
        public long firstSeq() {
            return tree.firstSeq();
        }

        @Override
        public ChangeReader read(long afterSeq) {
            opened.add(afterSeq);
            ChangeReader reader = tree.read(afterSeq);
            return new ChangeReader() {
                @Override
                public @Nullable Change next() {
                    read++;
                    return reader.next();
                }

                @Override
                public long position() {
                    return reader.position();
                }

                @Override
                public void close() {
                    reader.close();
                }
            };
        }

        @Override
        public Registration onPublished(Runnable wakeup) {
            return tree.onPublished(wakeup);
        }
    }

    private void write(int size, String... paths) {
        write(CHANGES, size, paths);
    }

    private void write(int changes, int size, String... paths) {
        for (int i = 0; i < changes; i++) {
            tree.put(paths[i % paths.length], "x".repeat(size));
        }
        tree.publish();
    }

    /** As fan-out does. */
    private void index() {
        tree.changes().forEach(hashes::add);
    }

    private List<Change> passFrom(long after, String... filters) {
        Interest interest = new Interest(Stream.of(filters).map(TopicFilter::of).toList(), _ -> true, null);
        List<Change> found = new ArrayList<>();
        try (Passage passage = new Passage(ground, after, interest)) {
            for (Change next = passage.next(tree.publishedSeq());
                    next != null;
                    next = passage.next(tree.publishedSeq())) {
                found.add(next);
                assertThat(passage.position()).isEqualTo(next.cursor().position());
            }
            assertThat(passage.position()).isEqualTo(tree.publishedSeq());
        }
        return found;
    }

    private List<Change> written(long after, String... paths) {
        return tree.changes().stream()
                .filter(change -> change.cursor().position() > after)
                .filter(change -> List.of(paths).contains(change.path().toString()))
                .toList();
    }

    @Test
    void everyChangeIsShownInOrderFromAnyPlace() {
        write(1, "a");
        for (long after : new long[] {0, 1, 254, 255, 256, 257, 700, 999, 1_000}) {
            assertThat(passFrom(after, "#")).isEqualTo(written(after, "a"));
        }
    }

    @Test
    void theSecondPassageReadsOnlyTheIncompleteEndAnew() {
        write(1, "a");
        List<Change> first = passFrom(0, "#");
        opened.clear();
        List<Change> second = passFrom(10, "#");

        assertThat(opened).containsExactly(767L);
        assertThat(second.subList(0, 700)).isEqualTo(first.subList(10, 710));
    }

    @Test
    void largeContentsAreReadWithoutBeingKeptBeyondTheLimit() {
        write(20_000, "a");

        assertThat(passFrom(0, "#")).hasSize(CHANGES);
        assertThat(passFrom(100, "#")).hasSize(CHANGES - 100);
    }

    @Test
    void whatRetentionHasDeletedIsExpiredThoughItWasReadBefore() {
        write(1, "a");
        passFrom(0, "#");
        tree.forget(500);

        assertThatExceptionOfType(ResourceException.class)
                .isThrownBy(() -> passFrom(300, "#"))
                .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.EXPIRED_CURSOR));
        assertThat(passFrom(600, "#")).hasSize(400);
    }

    @Test
    void aPathsOwnChangesAreShownWhereverTheKnowledgeOfPathsEnds() {
        write(1, "a", "b", "c", "d", "e");
        index();
        for (long after : new long[] {0, 1, 4, 250, 251, 255, 256, 257, 500, 511, 512, 995, 996, 999, 1_000}) {
            assertThat(passFrom(after, "b")).isEqualTo(written(after, "b"));
            assertThat(passFrom(after, "d", "a")).isEqualTo(written(after, "d", "a"));
            assertThat(passFrom(after, "nothing")).isEmpty();
        }
    }

    @Test
    void pathsOfOneHashCodeAreToldApart() {
        assertThat("Aa").hasSameHashCodeAs("BB");
        write(1, "Aa", "BB", "c");
        index();

        assertThat(passFrom(0, "BB")).isEqualTo(written(0, "BB"));
    }

    @Test
    void manyPathsTogetherReadEachChangeOnce() {
        String[] paths = IntStream.range(0, 100).mapToObj(i -> "q/" + i).toArray(String[]::new);
        write(WHOLE_BLOCKS, 1, paths);
        index();
        for (String path : paths) {
            assertThat(passFrom(0, path)).isEqualTo(written(0, path));
        }

        assertThat(read).isEqualTo(WHOLE_BLOCKS);
    }

    @Test
    void ofLargeContentsOnlyItsOwnAreRead() {
        write(WHOLE_BLOCKS, 200_000, "a", "b", "c", "d", "e", "f", "g", "h", "i", "j");
        index();

        List<Change> own = passFrom(0, "c");
        assertThat(own).isEqualTo(written(0, "c"));
        // Beside them the beginnings of four blocks, which end with their third change.
        assertThat(read).isLessThanOrEqualTo(own.size() + 4 * 3);
    }

    @Test
    void deletedChangesOfOthersAreNoLoss() {
        write(1, "a", "b");
        index();
        tree.forget(301);

        assertThat(passFrom(300, "b")).isEqualTo(written(301, "b"));
    }
}
