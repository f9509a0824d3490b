package org.millrace.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.millrace.store.TestNode.delete;
import static org.millrace.store.TestNode.path;
import static org.millrace.store.TestNode.put;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.millrace.spi.resource.Change;
import org.millrace.spi.resource.ChangeKind;
import org.millrace.spi.resource.Durability;
import org.millrace.spi.resource.Effect;
import org.millrace.spi.resource.WriteOptions;

class RecordExpiryTest {
    private static final Duration SOON = Duration.ofMillis(10);

    @TempDir
    Path directory;

    private final SettableClock clock = new SettableClock();
    private TestNode node;

    @AfterEach
    void close() {
        node.close();
    }

    @Test
    void anExpiredRecordIsAbsentAtOnceInOverlayAndOnDisk() {
        node = TestNode.open(lazy(), clock);
        for (boolean onDisk : List.of(false, true)) {
            node.write(put("t/a", "1", expiringIn(SOON)), put("t/b", "2"));
            if (onDisk) {
                node.store.flush();
            }
            assertThat(node.text("t/a")).isEqualTo("1");
            clock.advance(SOON);
            assertThat(node.text("t/a")).isNull();
            assertThat(node.scan(ScanRange.table("t"), 1))
                    .extracting(stored -> stored.entry().path())
                    .containsExactly(path("t/b"));
        }
    }

    @Test
    void theSweepJournalsAnExpiryOnceAndRemovesTheRecord() {
        node = TestNode.open(eager(), clock);
        node.write(put("t/a", "1", expiringIn(SOON)), put("t/b", "2"));
        clock.advance(SOON);
        await().until(() -> node.changes().size() == 3);
        Change change = node.changes().getLast();
        assertThat(change.kind()).isEqualTo(ChangeKind.EXPIRE);
        assertThat(change.path()).isEqualTo(path("t/a"));
        await().until(() -> node.store.overlay().entries() == 0);
        await().pollDelay(Duration.ofMillis(60)).until(() -> node.changes().size() == 3);
    }

    @Test
    void aRecordThatIsRenewedDoesNotExpireAtItsFirstTime() {
        node = TestNode.open(eager(), clock);
        node.write(put("t/a", "1", expiringIn(SOON)));
        node.store.flush();
        node.write(put("t/a", "2", expiringIn(Duration.ofHours(1))));
        node.store.flush();
        node.write(put("t/b", "1", expiringIn(SOON)));
        clock.advance(SOON);
        await().until(() -> node.changes().size() == 4); // b's expiry
        assertThat(node.text("t/a")).isEqualTo("2");
        clock.advance(Duration.ofHours(1));
        await().until(() -> node.changes().size() == 5);
        assertThat(node.changes().getLast().path()).isEqualTo(path("t/a"));
    }

    @Test
    void aRecordThatIsDeletedOrMadePermanentLeavesNoExpiryBehind() {
        node = TestNode.open(eager(), clock);
        node.write(put("t/a", "1", expiringIn(SOON)), put("t/b", "1", expiringIn(SOON)));
        node.store.flush();
        node.write(delete("t/a"), put("t/b", "2"), put("t/c", "1", expiringIn(SOON)));
        node.store.flush();
        clock.advance(SOON);
        await().until(() -> node.changes().size() == 6); // c's expiry
        assertThat(node.changes().getLast().path()).isEqualTo(path("t/c"));
        assertThat(node.text("t/b")).isEqualTo("2");
    }

    @Test
    void manyRecordsExpireInSeveralRequests() {
        node = TestNode.open(eager(), clock);
        int count = 2 * ExpirySweep.LIMIT + 10;
        for (int i = 0; i < count; i++) {
            node.submit(Durability.OS, put("t/" + i, "1", expiringIn(SOON)));
        }
        String longPath = "t/" + "x".repeat(700);
        node.write(put(longPath, "1", expiringIn(SOON)));
        node.store.flush();
        clock.advance(SOON);
        await().until(() -> node.changes().size() == 2 * (count + 1));
        assertThat(node.changes().stream()
                        .filter(change -> change.kind() == ChangeKind.EXPIRE)
                        .map(Change::path)
                        .distinct())
                .hasSize(count + 1)
                .contains(path(longPath));
        node.store.flush();
        node.close();
        node = TestNode.open(eager(), clock);
        assertThat(node.scan(ScanRange.prefix(""), 100)).isEmpty();
    }

    @Test
    void deletingWhatHasExpiredChangesNothingAndPuttingItCreates() {
        node = TestNode.open(lazy(), clock);
        node.write(put("t/a", "1", expiringIn(SOON)));
        clock.advance(SOON);
        assertThat(node.write(delete("t/a")).getFirst().effect()).isEqualTo(Effect.UNCHANGED);
        assertThat(node.write(put("t/a", "2")).getFirst().effect()).isEqualTo(Effect.CREATED);
    }

    private WriteOptions expiringIn(Duration time) {
        return WriteOptions.DEFAULT.withExpiresAt(clock.instant().plus(time));
    }

    private StoreOptions eager() {
        return StoreOptions.at(directory)
                .withIntervals(Duration.ofMillis(10), Duration.ofMillis(10), Duration.ofMillis(10));
    }

    private StoreOptions lazy() {
        return StoreOptions.at(directory)
                .withIntervals(Duration.ofHours(1), Duration.ofMillis(100), Duration.ofHours(1));
    }
}
