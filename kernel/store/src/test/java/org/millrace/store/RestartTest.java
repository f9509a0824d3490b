package org.millrace.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.millrace.store.TestNode.delete;
import static org.millrace.store.TestNode.path;
import static org.millrace.store.TestNode.publish;
import static org.millrace.store.TestNode.put;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.millrace.spi.resource.Commit;
import org.millrace.spi.resource.Durability;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.ResourceException;
import org.millrace.store.kv.Kv;
import org.millrace.store.kv.LmdbKv;

class RestartTest {
    @TempDir
    Path directory;

    @Test
    void afterACleanCloseThereIsNothingToReplay() {
        long last;
        try (TestNode node = TestNode.open(neverApplying())) {
            for (int i = 0; i < 300; i++) {
                node.submit(Durability.OS, put("t/" + i, "1"));
            }
            node.write(publish("t/e", "1"));
            last = node.journal.lastSeq();
            assertThat(node.store.status().appliedSeq()).isZero();
        }
        assertThat(appliedSeqOnDisk(directory)).isEqualTo(last);
    }

    @Test
    void closingFinishesWhatIsQueuedAndRefusesWhatComesLater() {
        TestNode node = TestNode.open(directory);
        List<CompletableFuture<List<Commit>>> outcomes = new ArrayList<>();
        for (int i = 0; i < 5_000; i++) {
            outcomes.add(node.submit(Durability.FSYNC, put("t/" + i, "1")));
        }
        node.close();
        assertThat(outcomes).allMatch(outcome -> outcome.isDone() && !outcome.isCompletedExceptionally());
        CompletableFuture<List<Commit>> late = node.submit(Durability.FSYNC, put("t/late", "1"));
        assertUnavailable(() -> TestNode.await(late));
        assertUnavailable(() -> node.store.get(path("t/x")));
        assertUnavailable(() -> node.store.scan(ScanRange.NON_SYSTEM, null, 1, 1));
        assertUnavailable(node.store::status);
        try (TestNode again = TestNode.open(directory)) {
            assertThat(again.scan(ScanRange.table("t"), 1_000)).hasSize(5_000);
        }
    }

    @Test
    void whatWasAcknowledgedBeforeACrashIsReplayed() {
        TestNode node = TestNode.open(neverApplying());
        node.write(put("t/a", "1"), put("t/b", "1"));
        node.write(put("t/a", "2"), delete("t/b"), put("t/c", "3"));
        node.crash();
        assertThat(appliedSeqOnDisk(directory)).isZero();
        try (TestNode again = TestNode.open(directory)) {
            assertThat(again.text("t/a")).isEqualTo("2");
            assertThat(again.text("t/b")).isNull();
            assertThat(again.text("t/c")).isEqualTo("3");
            assertThat(again.store.get(path("t/c")).seq()).isEqualTo(5);
            assertThat(again.store.status().appliedSeq()).isEqualTo(5);
            assertThat(again.write(put("t/a", "4")).getFirst().cursor().position())
                    .isEqualTo(6);
        }
    }

    @Test
    void replayingWhatIsOnDiskAlreadyDoesNoHarm() throws Exception {
        Path copy = directory.resolve("copy");
        Path data = directory.resolve("data");
        try (TestNode node = TestNode.open(data)) {
            for (int i = 0; i < 1_000; i++) {
                node.submit(Durability.OS, i % 5 == 0 ? delete("t/" + i % 17) : put("t/" + i % 17, "" + i));
            }
        }
        List<StoredEntry> before;
        try (TestNode node = TestNode.open(data)) {
            before = node.scan(ScanRange.table("t"), 100);
        }
        copy(data.resolve("journal"), copy.resolve("journal"));
        try (TestNode rebuilt = TestNode.open(copy)) {
            assertThat(rebuilt.scan(ScanRange.table("t"), 100))
                    .usingRecursiveComparison()
                    .ignoringFieldsMatchingRegexes(".*content.*")
                    .isEqualTo(before);
        }
        // As if only the note of how far it went had been lost.
        try (Kv kv = LmdbKv.open(data.resolve("records"), 1 << 20)) {
            new RecordTree(kv, new RecordCodec(TestNode.FORMATS)).commit(List.of(), 0);
        }
        try (TestNode again = TestNode.open(data)) {
            assertThat(again.scan(ScanRange.table("t"), 100))
                    .usingRecursiveComparison()
                    .ignoringFieldsMatchingRegexes(".*content.*")
                    .isEqualTo(before);
        }
    }

    @Test
    void recordsOfAnotherNodeAreRefused() throws Exception {
        Path data = directory.resolve("data");
        TestNode.open(data).close();
        deleteFolder(data.resolve("journal"));
        assertThatThrownBy(() -> TestNode.open(data))
                .isInstanceOf(StoreOpenException.class)
                .hasMessageContaining(data.resolve("records").toString())
                .hasMessageContaining("belong to node");
        DirectoryLock.acquire(data).close();
    }

    @Test
    void aJournalThatIsOlderThanTheRecordsIsRefused() throws Exception {
        Path data = directory.resolve("data");
        try (TestNode node = TestNode.open(data)) {
            node.write(put("t/a", "1"));
        }
        copy(data.resolve("journal"), directory.resolve("older"));
        try (TestNode node = TestNode.open(data)) {
            node.write(put("t/a", "2"));
        }
        deleteFolder(data.resolve("journal"));
        copy(directory.resolve("older"), data.resolve("journal"));
        assertThatThrownBy(() -> TestNode.open(data))
                .isInstanceOf(StoreOpenException.class)
                .hasMessageContaining("contain changes up to 2")
                .hasMessageContaining("ends at 1");
    }

    @Test
    void aStoreInUseIsRefusedNamingItsDirectory() {
        try (TestNode node = TestNode.open(directory)) {
            assertThatThrownBy(() -> RecordStore.open(
                            StoreOptions.at(directory), node.journal, TestNode.FORMATS, java.time.Clock.systemUTC()))
                    .isInstanceOf(StoreOpenException.class)
                    .hasMessageContaining(directory.toString());
        }
    }

    @Test
    void closingTwiceIsHarmless() {
        TestNode node = TestNode.open(directory);
        node.close();
        node.store.close();
    }

    @Test
    void aMapThatBeganSmallGrowsWithTheRecords() {
        StoreOptions small = StoreOptions.at(directory).withMapBytes(256 << 10);
        try (TestNode node = TestNode.open(small)) {
            for (int i = 0; i < 20_000; i++) {
                node.submit(Durability.OS, put("t/" + i, "\"" + "x".repeat(200) + "\""));
            }
            node.write(put("t/last", "1"));
            node.store.flush();
            assertThat(node.store.status().diskMapBytes()).isGreaterThan(1 << 20);
        }
        try (TestNode node = TestNode.open(small)) {
            assertThat(node.scan(ScanRange.table("t"), 1_000)).hasSize(20_001);
        }
    }

    /** Options under which nothing reaches the disk before the store is closed. */
    private StoreOptions neverApplying() {
        return StoreOptions.at(directory)
                .withIntervals(Duration.ofHours(1), Duration.ofMillis(100), Duration.ofHours(1));
    }

    static long appliedSeqOnDisk(Path directory) {
        try (Kv kv = LmdbKv.open(directory.resolve("records"), 1 << 20)) {
            return new RecordTree(kv, new RecordCodec(TestNode.FORMATS)).appliedSeq();
        }
    }

    private static void assertUnavailable(org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        ResourceException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.UNAVAILABLE));
    }

    private static void copy(Path from, Path to) throws Exception {
        Files.createDirectories(to);
        try (Stream<Path> files = Files.list(from)) {
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve(file.getFileName()));
            }
        }
    }

    private static void deleteFolder(Path folder) throws Exception {
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        Files.delete(folder);
    }
}
