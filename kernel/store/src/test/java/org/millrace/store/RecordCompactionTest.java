package org.millrace.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.millrace.store.TestNode.delete;
import static org.millrace.store.TestNode.put;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.millrace.spi.resource.Durability;

class RecordCompactionTest {
    @TempDir
    Path directory;

    @Test
    void theFileIsSmallerAndHasTheSameRecords() throws Exception {
        String large = "\"" + "x".repeat(20_000) + "\"";
        try (TestNode node = TestNode.open(directory)) {
            for (int i = 0; i < 200; i++) {
                node.submit(Durability.OS, put("t/" + i, large));
            }
            node.write(put("t/kept", "1"));
            node.store.flush();
            for (int i = 0; i < 200; i++) {
                node.submit(Durability.OS, delete("t/" + i));
            }
            node.write(put("t/kept", "2"));
        }

        RecordCompaction.Outcome done;
        try (DirectoryLock lock = DirectoryLock.acquire(directory)) {
            done = new RecordCompaction(lock).run();
        }

        assertThat(done.bytesAfter()).isLessThan(done.bytesBefore() / 10);
        assertThat(Files.size(directory.resolve("records").resolve("data.mdb"))).isEqualTo(done.bytesAfter());
        assertThat(directory.resolve("records.compact")).doesNotExist();
        try (TestNode node = TestNode.open(directory)) {
            assertThat(node.scan(ScanRange.NON_SYSTEM, 10)).hasSize(1);
            assertThat(node.text("t/kept")).isEqualTo("2");
            node.write(put("t/more", "3"));
        }
    }

    @Test
    void whereThereAreNoRecordsNothingIsMade() {
        try (DirectoryLock lock = DirectoryLock.acquire(directory)) {
            assertThatExceptionOfType(StoreOpenException.class)
                    .isThrownBy(() -> new RecordCompaction(lock).run())
                    .withMessageContaining("no records");
        }
        assertThat(directory.resolve("records")).doesNotExist();
    }

    @Test
    void recordsAreCopiedWhileTheyAreWritten() throws Exception {
        try (TestNode node = TestNode.open(directory.resolve("live"))) {
            for (int i = 0; i < 1_000; i++) {
                node.submit(Durability.OS, put("t/" + i, "1"));
            }
            node.write(put("t/last", "1"));
            node.store.flush();
            long applied = node.store.status().appliedSeq();
            CompletableFuture<Void> copied = CompletableFuture.runAsync(
                    () -> node.store.copyTo(directory.resolve("copy").resolve("records")));
            for (int i = 0; i < 1_000; i++) {
                node.submit(Durability.OS, put("t/" + i, "2"));
            }
            node.write(put("t/last", "2"));
            copied.join();
            node.journal.copyTo(directory.resolve("copy").resolve("journal"), applied, bytes -> {});
        }

        try (TestNode node = TestNode.open(directory.resolve("copy"))) {
            assertThat(node.scan(ScanRange.NON_SYSTEM, 500))
                    .hasSize(1_001)
                    .allMatch(stored -> TestNode.text(stored.entry().content()).equals("2"));
        }
    }
}
