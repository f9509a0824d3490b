package org.millrace.subscription;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.millrace.journal.ChangeReader;
import org.millrace.spi.plugin.Registration;
import org.millrace.spi.resource.Change;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.ResourceException;

class RecentReadsTest {
    private static final int CHANGES = 1_000;

    private final MemoryTree tree = new MemoryTree();
    private final List<Long> opened = new ArrayList<>();
    private final RecentReads reads = new RecentReads(new Counting());

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
            return tree.read(afterSeq);
        }

        @Override
        public Registration onPublished(Runnable wakeup) {
            return tree.onPublished(wakeup);
        }
    }

    private void write(int size) {
        for (int i = 0; i < CHANGES; i++) {
            tree.put("a", "x".repeat(size));
        }
        tree.publish();
    }

    private List<Change> readFrom(long after) {
        List<Change> found = new ArrayList<>();
        try (ChangeReader reader = reads.read(after)) {
            for (Change next = reader.next(); next != null; next = reader.next()) {
                found.add(next);
                assertThat(next.cursor().position()).isEqualTo(after + found.size());
                assertThat(reader.position()).isEqualTo(after + found.size());
            }
        }
        return found;
    }

    @Test
    void everyChangeIsReadInOrderFromAnyPlace() {
        write(1);
        for (long after : new long[] {0, 1, 254, 255, 256, 257, 700, 999, 1_000}) {
            assertThat(readFrom(after)).hasSize((int) (CHANGES - after));
        }
    }

    @Test
    void theSecondReaderReadsOnlyTheIncompleteEndAnew() {
        write(1);
        List<Change> first = readFrom(0);
        opened.clear();
        List<Change> second = readFrom(10);

        assertThat(opened).containsExactly(767L);
        assertThat(second.subList(0, 700)).isEqualTo(first.subList(10, 710));
    }

    @Test
    void largeContentsAreReadWithoutBeingKeptBeyondTheLimit() {
        write(20_000);

        assertThat(readFrom(0)).hasSize(CHANGES);
        assertThat(readFrom(100)).hasSize(CHANGES - 100);
    }

    @Test
    void whatRetentionHasDeletedIsExpiredThoughItWasReadBefore() {
        write(1);
        readFrom(0);
        tree.forget(500);

        assertThatExceptionOfType(ResourceException.class)
                .isThrownBy(() -> readFrom(300))
                .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.EXPIRED_CURSOR));
        assertThat(readFrom(600)).hasSize(400);
    }
}
