package org.millrace.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.millrace.store.TestNode.delete;
import static org.millrace.store.TestNode.put;

import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.millrace.journal.JournalFiles;
import org.millrace.spi.resource.Commit;
import org.millrace.spi.resource.Durability;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.ResourceException;

/** What happens when the disk of the records, not that of the journal, is slow, full or broken. */
class RecordsTroubleTest {
    private static final int OVERLAY = 100;

    @TempDir
    Path directory;

    private final FaultyKv kv = new FaultyKv();
    private TestNode node;

    private StoreOptions options() {
        return StoreOptions.at(directory)
                .withOverlay(OVERLAY, 1 << 20)
                .withBatch(10, 1 << 20)
                .withIntervals(Duration.ofMillis(20), Duration.ofMillis(20), Duration.ofHours(1));
    }

    @BeforeEach
    void open() {
        node = new TestNode(
                options(), TestNode.journalOptions(directory), JournalFiles.system(), Clock.systemUTC(), kv::open);
    }

    @AfterEach
    void close() {
        kv.gate.countDown();
        kv.full = false;
        node.close();
    }

    @Test
    void aDiskThatStallsHoldsWritersBackAtTheOverlaysBoundAndLosesNothing() {
        kv.gate = new CountDownLatch(1);
        List<CompletableFuture<List<Commit>>> outcomes = submit(0, 1_000);
        await().until(() -> node.store.overlay().fill() >= 1);
        assertThat(node.store.isSaturated()).isTrue();
        // The writer looks at the bound after each batch.
        assertThat(node.store.overlay().entries()).isBetween(OVERLAY, OVERLAY + 10);
        assertThat(outcomes.getLast()).isNotDone();
        CompletableFuture<Void> ready = new CompletableFuture<>();
        node.store.whenReady(() -> ready.complete(null));
        kv.gate.countDown();
        outcomes.forEach(TestNode::await);
        ready.join();
        assertThat(node.scan(ScanRange.table("t"), 64)).hasSize(1_000);
    }

    @Test
    void recordsThatAreWrittenAgainDoNotFillTheOverlay() {
        kv.gate = new CountDownLatch(1);
        for (int round = 0; round < 20; round++) {
            submit(0, 40).forEach(TestNode::await);
        }
        // At most the frozen generation's and the active one's forty.
        assertThat(node.store.overlay().entries()).isBetween(40, 80);
    }

    @Test
    void aFullDiskIsHeldOutUntilTheOverlayIsFullAndThenRefusesWrites() {
        node.write(put("t/a", "1"));
        kv.full = true;
        List<CompletableFuture<List<Commit>>> outcomes = submit(0, 200);
        CompletableFuture<?> last = outcomes.getLast();
        assertRefused(last, ErrorCode.QUOTA_EXCEEDED);
        assertThat(outcomes.stream().filter(outcome -> !outcome.isCompletedExceptionally()))
                .hasSizeGreaterThanOrEqualTo(OVERLAY - 1);
        assertThat(node.text("t/a")).isEqualTo("1");
        kv.full = false;
        await().until(() -> node.submit(Durability.FSYNC, put("t/a", "2"))
                .handle((commits, refused) -> refused == null)
                .join());
        assertThat(node.text("t/a")).isEqualTo("2");
    }

    @Test
    void nobodyIsAskedToWaitForAFullDiskSinceItRefusesAtOnce() {
        kv.full = true;
        List<CompletableFuture<List<Commit>>> outcomes = submit(0, 200);
        CompletableFuture<Void> ready = new CompletableFuture<>();
        node.store.whenReady(() -> ready.complete(null));
        assertRefused(outcomes.getLast(), ErrorCode.QUOTA_EXCEEDED);
        assertThat(node.store.overlay().fill()).isGreaterThanOrEqualTo(1);
        TestNode.await(ready);
        await().until(() -> !node.store.isSaturated());
        kv.full = false;
        await().until(() -> node.store.overlay().fill() < 1);
    }

    @Test
    void removalsThatAFullDiskCannotForgetDoNotEndWriting() {
        SettableClock clock = new SettableClock();
        node.close();
        node = new TestNode(
                options().withTombstones(Duration.ofMillis(16)),
                TestNode.journalOptions(directory),
                JournalFiles.system(),
                clock,
                kv::open);
        node.write(put("t/a", "1"));
        node.write(delete("t/a"));
        node.store.flush();
        kv.full = true;
        clock.advance(Duration.ofDays(36_500));
        await().until(() -> kv.refused.get() > 1);
        assertThat(node.store.status().refusal()).isEmpty();
        kv.full = false;
        node.write(put("t/b", "1"));
        node.store.flush();
        assertThat(node.text("t/b")).isEqualTo("1");
    }

    @Test
    void aBrokenDiskEndsWritingWhileReadsGoOnAndARestartHasEverything() {
        node.write(put("t/a", "1"));
        kv.broken = true;
        node.write(put("t/a", "2"), put("t/b", "1"));
        await().until(() -> node.store.status().refusal().isPresent());
        assertRefused(node.submit(Durability.FSYNC, put("t/a", "3")), ErrorCode.UNAVAILABLE);
        assertThat(node.text("t/a")).isEqualTo("2");
        assertThat(node.scan(ScanRange.table("t"), 10)).hasSize(2);
        node.close();
        node = TestNode.open(directory);
        assertThat(node.text("t/a")).isEqualTo("2");
        assertThat(node.text("t/b")).isEqualTo("1");
    }

    @Test
    void closingWithAFullDiskLeavesTheRestToTheNextStart() {
        kv.full = true;
        node.write(put("t/a", "1"));
        node.close();
        node = TestNode.open(directory);
        assertThat(node.text("t/a")).isEqualTo("1");
    }

    private List<CompletableFuture<List<Commit>>> submit(int from, int to) {
        List<CompletableFuture<List<Commit>>> outcomes = new ArrayList<>();
        for (int i = from; i < to; i++) {
            outcomes.add(node.submit(Durability.OS, put("t/" + i, "1")));
        }
        return outcomes;
    }

    private static void assertRefused(CompletableFuture<?> outcome, ErrorCode code) {
        assertThatThrownBy(() -> TestNode.await(outcome))
                .isInstanceOfSatisfying(
                        ResourceException.class, e -> assertThat(e.code()).isEqualTo(code));
    }
}
