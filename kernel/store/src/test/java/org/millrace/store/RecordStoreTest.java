package org.millrace.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.millrace.store.TestNode.delete;
import static org.millrace.store.TestNode.patch;
import static org.millrace.store.TestNode.path;
import static org.millrace.store.TestNode.publish;
import static org.millrace.store.TestNode.put;

import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.millrace.spi.content.MediaType;
import org.millrace.spi.resource.Change;
import org.millrace.spi.resource.ChangeKind;
import org.millrace.spi.resource.Commit;
import org.millrace.spi.resource.Durability;
import org.millrace.spi.resource.Effect;
import org.millrace.spi.resource.Entry;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.Precondition;
import org.millrace.spi.resource.Properties;
import org.millrace.spi.resource.Qos;
import org.millrace.spi.resource.ResourceException;
import org.millrace.spi.resource.Version;
import org.millrace.spi.resource.Write;
import org.millrace.spi.resource.WriteOptions;

class RecordStoreTest {
    @TempDir
    Path directory;

    private TestNode node;

    @BeforeEach
    void open() {
        node = TestNode.open(directory);
    }

    @AfterEach
    void close() {
        node.close();
    }

    @Test
    void aPutCreatesThenReplaces() {
        Commit created = node.write(put("t/a", "1")).getFirst();
        Commit replaced = node.write(put("t/a", "2")).getFirst();
        assertThat(created.effect()).isEqualTo(Effect.CREATED);
        assertThat(replaced.effect()).isEqualTo(Effect.REPLACED);
        assertThat(replaced.version()).isGreaterThan(created.version());
        assertThat(replaced.cursor().position()).isEqualTo(created.cursor().position() + 1);
        assertThat(node.text("t/a")).isEqualTo("2");
    }

    @Test
    void aRecordIsReadBackWithEverythingThatWasWritten() {
        Properties properties = Properties.of(List.of(new Properties.Text("k", "v"), new Properties.Text("k", "w")));
        Instant expiry = Instant.now().plusSeconds(3_600).plusNanos(1);
        WriteOptions options = WriteOptions.DEFAULT
                .withProperties(properties)
                .withExpiresAt(expiry)
                .withQos(Qos.AT_LEAST_ONCE);
        Commit commit = node.write(put("t/a", "{\"x\":1}", options)).getFirst();
        assertRecord(commit, properties, expiry);
        node.close();
        node = TestNode.open(directory);
        assertRecord(commit, properties, expiry);
    }

    private void assertRecord(Commit commit, Properties properties, Instant expiry) {
        StoredEntry stored = node.store.get(path("t/a"));
        Entry entry = stored.entry();
        assertThat(stored.seq()).isEqualTo(commit.cursor().position());
        assertThat(entry.path()).isEqualTo(path("t/a"));
        assertThat(entry.version()).isEqualTo(commit.version());
        assertThat(entry.content().mediaType()).isEqualTo(MediaType.JSON);
        assertThat(TestNode.text(entry.content())).isEqualTo("{\"x\":1}");
        assertThat(entry.properties()).isEqualTo(properties);
        assertThat(entry.expiresAt()).isEqualTo(Instant.ofEpochMilli(expiry.toEpochMilli()));
        assertThat(entry.qos()).isEqualTo(Qos.AT_LEAST_ONCE);
    }

    @Test
    void aDeleteRemovesOnceAndThenChangesNothing() {
        node.write(put("t/a", "1"));
        assertThat(node.write(delete("t/a")).getFirst().effect()).isEqualTo(Effect.DELETED);
        long seq = node.journal.lastSeq();
        Commit again = node.write(delete("t/a")).getFirst();
        assertThat(again.effect()).isEqualTo(Effect.UNCHANGED);
        assertThat(again.version()).isEqualTo(Version.NONE);
        assertThat(node.journal.lastSeq()).isEqualTo(seq);
        assertThat(node.text("t/a")).isNull();
    }

    @Test
    void aPublishIsJournaledAndLeavesTheRecordAlone() {
        node.write(put("t/a", "1"));
        Commit commit = node.write(publish("t/a", "2")).getFirst();
        assertThat(commit.effect()).isEqualTo(Effect.PUBLISHED);
        assertThat(node.text("t/a")).isEqualTo("1");
        Change change = node.changes().getLast();
        assertThat(change.kind()).isEqualTo(ChangeKind.EVENT);
        assertThat(TestNode.text(change.content().orElseThrow())).isEqualTo("2");
        assertThat(change.cursor()).isEqualTo(commit.cursor());
    }

    @Test
    void aPatchMergesAndCarriesBothRecordAndPatch() {
        node.write(put("t/a", "{\"x\":1,\"y\":2}"));
        assertThat(node.write(patch("t/a", "{\"y\":null,\"z\":3}")).getFirst().effect())
                .isEqualTo(Effect.REPLACED);
        assertThat(node.text("t/a")).isEqualTo("{\"x\":1,\"z\":3}");
        Change change = node.changes().getLast();
        assertThat(change.kind()).isEqualTo(ChangeKind.PATCH);
        assertThat(TestNode.text(change.content().orElseThrow())).isEqualTo("{\"x\":1,\"z\":3}");
        assertThat(TestNode.text(change.patch().orElseThrow())).isEqualTo("{\"y\":null,\"z\":3}");
    }

    @Test
    void aPatchOfNothingCreatesTheRecord() {
        assertThat(node.write(patch("t/a", "{\"x\":1,\"y\":null}")).getFirst().effect())
                .isEqualTo(Effect.CREATED);
        assertThat(node.text("t/a")).isEqualTo("{\"x\":1}");
    }

    @Test
    void aPatchOfWhatIsOnDiskMergesToo() {
        node.write(put("t/a", "{\"x\":1}"));
        node.close();
        node = TestNode.open(directory);
        node.write(patch("t/a", "{\"y\":2}"));
        assertThat(node.text("t/a")).isEqualTo("{\"x\":1,\"y\":2}");
    }

    @Test
    void anOpaqueRecordCannotBePatchedAndOthersDoNotSuffer() {
        node.write(new Write.Put(path("t/a"), TestNode.bytes(10), WriteOptions.DEFAULT));
        var patched = node.submit(Durability.FSYNC, patch("t/a", "{\"x\":1}"));
        var other = node.submit(Durability.FSYNC, put("t/b", "1"));
        assertThat(TestNode.await(other)).hasSize(1);
        assertThatThrownBy(() -> TestNode.await(patched))
                .isInstanceOfSatisfying(
                        ResourceException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CONFLICT));
        assertThat(node.store.get(path("t/a")).entry().content().size()).isEqualTo(10);
    }

    @Test
    void aTransactionIsOneGroupWhoseLaterWritesSeeTheEarlier() {
        List<Commit> commits = node.write(
                put("t/a", "{\"x\":1}"),
                patch("t/a", "{\"y\":2}"),
                publish("t/a", "3"),
                put("t/b", "1"),
                delete("t/b"),
                delete("t/b"));
        assertThat(commits)
                .extracting(Commit::effect)
                .containsExactly(
                        Effect.CREATED,
                        Effect.REPLACED,
                        Effect.PUBLISHED,
                        Effect.CREATED,
                        Effect.DELETED,
                        Effect.UNCHANGED);
        assertThat(node.text("t/a")).isEqualTo("{\"x\":1,\"y\":2}");
        assertThat(node.text("t/b")).isNull();
        assertThat(node.changes())
                .extracting(change -> change.cursor().position())
                .containsExactly(1L, 2L, 3L, 4L, 5L);
    }

    @Test
    void aRefusedTransactionLeavesNothingBehind() {
        node.write(put("t/a", "{\"x\":1}"));
        Write impossible = put("t/c", "1", WriteOptions.DEFAULT.withPrecondition(Precondition.PRESENT));
        assertThatThrownBy(() -> node.write(put("t/a", "2"), put("t/b", "1"), delete("t/a"), impossible))
                .isInstanceOfSatisfying(
                        ResourceException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.PRECONDITION_FAILED));
        assertThat(node.text("t/a")).isEqualTo("{\"x\":1}");
        assertThat(node.text("t/b")).isNull();
        assertThat(node.changes()).hasSize(1);
        assertThat(node.write(patch("t/a", "{\"y\":2}")).getFirst().cursor().position())
                .isEqualTo(2);
        assertThat(node.text("t/a")).isEqualTo("{\"x\":1,\"y\":2}");
    }

    @Test
    void anEmptyTransactionIsCommittedWithoutAChange() {
        assertThat(node.write()).isEmpty();
        assertThat(node.journal.lastSeq()).isZero();
    }

    @Test
    void aLateRefusalInABatchRestoresWhatEarlierRequestsOfItDid() {
        // All but the first wait for the first one's sync and so share a batch.
        node.submit(Durability.FSYNC, put("t/x", "0"));
        node.submit(Durability.FSYNC, put("t/a", "{\"n\":1}"));
        Write impossible = put("t/c", "1", WriteOptions.DEFAULT.withPrecondition(Precondition.PRESENT));
        var refused = node.submit(Durability.FSYNC, put("t/a", "{\"n\":2}"), delete("t/a"), impossible);
        var last = node.submit(Durability.FSYNC, patch("t/a", "{\"m\":3}"));
        assertThat(TestNode.await(last).getFirst().effect()).isEqualTo(Effect.REPLACED);
        assertThat(refused).isCompletedExceptionally();
        assertThat(node.text("t/a")).isEqualTo("{\"n\":1,\"m\":3}");
    }

    @Test
    void changesNameTheirSourceAndAreNumberedWithoutAGap() {
        for (int i = 0; i < 500; i++) {
            node.submit(Durability.OS, put("t/" + i % 7, Integer.toString(i)));
        }
        node.write(put("t/last", "1"));
        List<Change> changes = node.changes();
        assertThat(changes)
                .extracting(change -> change.cursor().position())
                .containsExactlyElementsOf(
                        LongStream.rangeClosed(1, 501).boxed().toList());
        assertThat(changes).allMatch(change -> change.source().equals("tester"));
        assertThat(changes).extracting(Change::version).isSorted().doesNotHaveDuplicates();
    }

    @Test
    void longPathsThatShareTheirBeginningAreDistinctRecords() {
        String beginning = "t/" + "x".repeat(600);
        node.write(put(beginning + "a", "1"), put(beginning + "b", "2"), put(beginning, "0"));
        for (int restart = 0; restart < 2; restart++) {
            assertThat(node.text(beginning + "a")).isEqualTo("1");
            assertThat(node.text(beginning + "b")).isEqualTo("2");
            assertThat(node.text(beginning)).isEqualTo("0");
            assertThat(node.text(beginning + "c")).isNull();
            assertThat(node.scan(ScanRange.table("t"), 1))
                    .extracting(stored -> stored.entry().path().toString())
                    .containsExactlyInAnyOrder(beginning, beginning + "a", beginning + "b");
            node.close();
            node = TestNode.open(directory);
        }
        node.write(delete(beginning + "a"));
        assertThat(node.text(beginning + "a")).isNull();
        assertThat(node.text(beginning + "b")).isEqualTo("2");
    }

    @Test
    void aRecordMayBeAsLargeAsItsContentMayBe() {
        byte[] large = new byte[40 << 20];
        large[large.length - 1] = 42;
        node.write(new Write.Put(
                path("t/large"), TestNode.FORMATS.of(MediaType.OCTET_STREAM, large), WriteOptions.DEFAULT));
        node.close();
        node = TestNode.open(directory);
        assertThat(node.store.get(path("t/large")).entry().content().toByteArray())
                .isEqualTo(large);
    }

    @Test
    void aSliceEndsAtItsBounds() {
        for (int i = 0; i < 5; i++) {
            node.submit(Durability.OS, new Write.Put(path("t/" + i), TestNode.bytes(1_000), WriteOptions.DEFAULT));
        }
        node.write(put("t/5", "1"));
        ScanRange range = ScanRange.table("t");
        assertThat(node.store.scan(range, null, 2, 1 << 20)).hasSize(2);
        assertThat(node.store.scan(range, null, 10, 2_500)).hasSize(2);
        assertThat(node.store.scan(range, null, 10, 1)).hasSize(1);
        assertThat(node.store.scan(range, null, 0, 1_000)).isEmpty();
        assertThat(node.store.scan(range, path("t/4"), 10, 1 << 20)).hasSize(1);
        assertThat(node.store.scan(range, path("t/5"), 10, 1 << 20)).isEmpty();
        assertThat(node.store.scan(range, path("u"), 10, 1 << 20)).isEmpty();
        assertThat(node.store.scan(range, path("a"), 10, 1 << 20)).hasSize(6);
    }

    @Test
    void aScanOfATableLeavesItsNeighboursOut() {
        for (String path : List.of("t", "t/a", "t-old/a", "t/", "s/z", "u", "$sys/t", "t!")) {
            node.write(put(path, "1"));
        }
        assertThat(node.scan(ScanRange.table("t"), 1))
                .extracting(stored -> stored.entry().path().toString())
                .containsExactly("t", "t/", "t/a");
        assertThat(node.scan(ScanRange.NON_SYSTEM, 3))
                .extracting(stored -> stored.entry().path().toString())
                .containsExactly("s/z", "t", "t!", "t-old/a", "t/", "t/a", "u");
    }

    @Test
    void anAcknowledgedWriteIsReadAtOnceWhicheverItsDurability() {
        for (int i = 0; i < 200; i++) {
            String value = Integer.toString(i);
            TestNode.await(node.submit(i % 2 == 0 ? Durability.OS : Durability.TABLE, put("t/a", value)));
            assertThat(node.text("t/a")).isEqualTo(value);
            assertThat(node.store
                            .scan(ScanRange.table("t"), null, 1, 100)
                            .getFirst()
                            .seq())
                    .isEqualTo(i + 1);
        }
    }

    @Test
    void memoryDurabilityIsNotTheStores() {
        assertThatThrownBy(() ->
                        new WriteRequest(List.of(publish("t/a", "1")), "", Durability.MEMORY, new TestNode.Answer()))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void anUnchangedDeleteStillHasAPlaceInTheStream() {
        node.write(put("t/a", "1"));
        assertThat(node.write(delete("t/b")).getFirst().cursor().position()).isEqualTo(1);
    }
}
