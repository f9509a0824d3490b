package org.millrace.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.millrace.store.TestNode.put;

import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.millrace.spi.resource.Commit;
import org.millrace.spi.resource.Durability;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.ResourceException;
import org.millrace.spi.resource.Write;
import org.millrace.spi.resource.WriteOptions;

class JournalTroubleTest {
    @TempDir
    Path directory;

    private final FaultyFiles files = new FaultyFiles();
    private TestNode node;

    @BeforeEach
    void open() {
        node = open(StoreOptions.at(directory));
    }

    private TestNode open(StoreOptions options) {
        return new TestNode(options, TestNode.journalOptions(directory), files, Clock.systemUTC());
    }

    @AfterEach
    void close() {
        files.gate.countDown();
        node.close();
    }

    @Test
    void aFullDiskRefusesWritesAndTheyResumeWhenItHasSpace() {
        Write large = new Write.Put(TestNode.path("t/a"), TestNode.bytes(300_000), WriteOptions.DEFAULT);
        node.write(large);
        files.full = true;
        // What has been set aside already is used up first.
        await().until(() -> node.submit(Durability.FSYNC, large)
                .handle((done, refused) -> refused != null)
                .join());
        long last = node.journal.lastSeq();
        for (int i = 0; i < 3; i++) {
            assertRefused(node.submit(Durability.FSYNC, large), ErrorCode.QUOTA_EXCEEDED);
        }
        assertThat(node.store.get(TestNode.path("t/a")).seq()).isEqualTo(last);
        files.full = false;
        await().until(() -> node.submit(Durability.FSYNC, large, put("t/b", "1"))
                .handle((done, refused) -> refused == null)
                .join());
        assertThat(node.journal.lastSeq()).isEqualTo(last + 2);
        node.close();
        node = open(StoreOptions.at(directory));
        assertThat(node.text("t/b")).isEqualTo("1");
        assertThat(node.store.get(TestNode.path("t/a")).seq()).isEqualTo(last + 1);
    }

    @Test
    void aFailedSyncEndsWritingForGoodWhileReadsGoOn() {
        node.write(put("t/a", "1"));
        files.broken = true;
        assertRefused(node.submit(Durability.FSYNC, put("t/a", "2")), ErrorCode.UNAVAILABLE);
        files.broken = false;
        assertRefused(node.submit(Durability.FSYNC, put("t/a", "3")), ErrorCode.UNAVAILABLE);
        assertThat(node.text("t/a")).isEqualTo("1");
        assertThat(node.scan(ScanRange.table("t"), 10)).hasSize(1);
        assertThat(node.store.status().refusal())
                .hasValueSatisfying(reason -> assertThat(reason.code()).isEqualTo(ErrorCode.UNAVAILABLE));
    }

    @Test
    void everyRequestThatWaitsIsAnsweredWhenTheSyncFails() {
        List<CompletableFuture<List<Commit>>> outcomes = stall(50);
        files.broken = true;
        files.gate.countDown();
        outcomes.forEach(outcome -> assertRefused(outcome, ErrorCode.UNAVAILABLE));
    }

    @Test
    void aFailedLateSyncEndsWritingAndKeepsTheUnsyncedOutOfTheDisk() {
        node.write(put("t/a", "1"));
        files.broken = true;
        TestNode.await(node.submit(Durability.OS, put("t/a", "2")));
        await().until(() -> node.store.status().refusal().isPresent());
        assertThat(node.text("t/a")).isEqualTo("2");
        assertThat(node.store.status().appliedSeq()).isLessThan(2);
        node.close();
        assertThat(appliedSeqOnDisk()).isLessThanOrEqualTo(1);
        files.broken = false;
        node = open(StoreOptions.at(directory));
        assertThat(node.text("t/a")).isIn("1", "2");
    }

    @Test
    void theDiskIsNeverAheadOfTheJournalsLastSync() {
        node.write(put("t/a", "1"));
        node.store.flush();
        stall(1);
        CompletableFuture<Void> flushed = CompletableFuture.runAsync(node.store::flush);
        await().pollDelay(java.time.Duration.ofMillis(50))
                .until(() -> node.store.status().appliedSeq() == 1);
        assertThat(node.journal.syncedSeq()).isEqualTo(1);
        files.gate.countDown();
        flushed.join();
        await().until(() -> node.journal.syncedSeq() == 2);
        node.store.flush();
        assertThat(node.store.status().appliedSeq()).isEqualTo(2);
    }

    @Test
    void aQueueThatIsFullSaysSoAndTellsWhenItIsReadyAgain() {
        node.close();
        node = open(StoreOptions.at(directory).withQueue(8, 1 << 20));
        List<CompletableFuture<List<Commit>>> outcomes = stall(1);
        TestNode.Answer answer = new TestNode.Answer();
        int taken = 0;
        while (node.store.submit(new WriteRequest(List.of(put("t/b", "1")), "", Durability.FSYNC, answer))) {
            taken++;
        }
        assertThat(taken).isEqualTo(8);
        assertThat(node.store.isSaturated()).isTrue();
        CompletableFuture<Boolean> ready = new CompletableFuture<>();
        node.store.whenReady(() -> ready.complete(node.store.isSaturated()));
        assertThat(ready).isNotDone();
        files.gate.countDown();
        assertThat(ready.join()).isFalse();
        assertThat(TestNode.await(outcomes.getFirst())).hasSize(1);
    }

    @Test
    void whenReadyRunsAtOnceIfThereIsRoom() {
        CompletableFuture<Void> ready = new CompletableFuture<>();
        node.store.whenReady(() -> ready.complete(null));
        assertThat(ready).isDone();
    }

    @Test
    void aQueueIsBoundedByBytesToo() {
        node.close();
        node = open(StoreOptions.at(directory).withQueue(1_000, 100_000));
        stall(1);
        Write large = new Write.Put(TestNode.path("t/l"), TestNode.bytes(30_000), WriteOptions.DEFAULT);
        TestNode.Answer answer = new TestNode.Answer();
        int taken = 0;
        while (node.store.submit(new WriteRequest(List.of(large), "", Durability.FSYNC, answer))) {
            taken++;
        }
        assertThat(taken).isEqualTo(3);
        files.gate.countDown();
    }

    @Test
    void requestsGatherIntoOneBatchWhileASyncIsUnderWay() {
        List<CompletableFuture<List<Commit>>> outcomes = stall(100);
        int before = files.syncsBegun;
        files.gate.countDown();
        outcomes.forEach(TestNode::await);
        assertThat(files.syncsBegun - before).isEqualTo(1);
    }

    @Test
    void anOsWriteIsAcknowledgedWithoutASyncAndSyncedSoonAfter() {
        TestNode.await(node.submit(Durability.OS, put("t/a", "1")));
        await().until(() -> node.journal.syncedSeq() == 1);
    }

    /** Lets one write wait in its sync and submits more behind it; their outcomes. */
    private List<CompletableFuture<List<Commit>>> stall(int more) {
        files.gate = new CountDownLatch(1);
        int before = files.syncsBegun;
        List<CompletableFuture<List<Commit>>> outcomes = new ArrayList<>();
        outcomes.add(node.submit(Durability.FSYNC, put("t/stalled", "1")));
        await().until(() -> files.syncsBegun > before);
        for (int i = 1; i < more; i++) {
            outcomes.add(node.submit(Durability.FSYNC, put("t/" + i, "1")));
        }
        return outcomes;
    }

    private static void assertRefused(CompletableFuture<List<Commit>> outcome, ErrorCode code) {
        assertThatThrownBy(() -> TestNode.await(outcome))
                .isInstanceOfSatisfying(
                        ResourceException.class, e -> assertThat(e.code()).isEqualTo(code));
    }

    private long appliedSeqOnDisk() {
        return RestartTest.appliedSeqOnDisk(directory);
    }
}
