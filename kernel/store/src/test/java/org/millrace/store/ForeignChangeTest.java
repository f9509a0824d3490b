package org.millrace.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.millrace.store.TestNode.delete;
import static org.millrace.store.TestNode.json;
import static org.millrace.store.TestNode.path;
import static org.millrace.store.TestNode.put;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.millrace.spi.resource.Change;
import org.millrace.spi.resource.ChangeKind;
import org.millrace.spi.resource.Cursor;
import org.millrace.spi.resource.Entry;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.ResourceException;
import org.millrace.spi.resource.Version;
import org.millrace.spi.resource.Write;
import org.millrace.store.kv.KvException;

/** Changes that other nodes have decided. */
class ForeignChangeTest {
    private static final long OTHER = 0x77;
    /** Short, so that what is too old is soon looked for; the test's clock stands still until it is advanced. */
    private static final Duration HORIZON = Duration.ofSeconds(8);

    @TempDir
    Path directory;

    private final SettableClock clock = new SettableClock();
    private TestNode node;

    @AfterEach
    void close() {
        node.close();
    }

    @Test
    void aForeignChangeKeepsItsVersionAndHasAPlaceInThisJournal() {
        node = TestNode.open(options(), clock);
        Version version = later(1);
        Result result = apply(foreign(ChangeKind.PUT, "t/a", version, "1"));
        assertThat(result.superseded).isZero();
        assertThat(node.text("t/a")).isEqualTo("1");
        assertThat(node.store.get(path("t/a")).entry().version()).isEqualTo(version);
        assertThat(node.changes()).hasSize(1);
        assertThat(node.changes().getFirst().version()).isEqualTo(version);
        assertThat(node.changes().getFirst().cursor()).isEqualTo(new Cursor(node.journal.node(), 1));
    }

    @Test
    void theLaterVersionPrevailsWhateverTheOrderAlsoAgainstRemovals() {
        node = TestNode.open(options(), clock);
        for (boolean onDisk : List.of(false, true)) {
            String name = "t/" + onDisk;
            Version first = later(1);
            Version second = later(2);
            Version third = later(3);
            apply(foreign(ChangeKind.DELETE, name, second, null));
            flush(onDisk);
            assertThat(apply(foreign(ChangeKind.PUT, name, first, "1")).superseded)
                    .isEqualTo(1);
            assertThat(node.text(name)).isNull();
            assertThat(apply(foreign(ChangeKind.PUT, name, third, "3")).superseded)
                    .isZero();
            flush(onDisk);
            assertThat(apply(foreign(ChangeKind.PUT, name, third, "3")).superseded)
                    .isEqualTo(1);
            assertThat(apply(foreign(ChangeKind.DELETE, name, second, null)).superseded)
                    .isEqualTo(1);
            assertThat(node.text(name)).isEqualTo("3");
        }
    }

    @Test
    void ofTwoVersionsOfOneMomentTheGreaterNodePrevails() {
        node = TestNode.open(options(), clock);
        long moment = later(1).clock();
        apply(foreign(ChangeKind.PUT, "t/a", new Version(moment, -2), "of the greater"));
        assertThat(apply(foreign(ChangeKind.PUT, "t/a", new Version(moment, 5), "of the smaller")).superseded)
                .isEqualTo(1);
        assertThat(node.text("t/a")).isEqualTo("\"of the greater\"");
    }

    @Test
    void whatIsWrittenHereAfterAForeignChangeIsLater() {
        node = TestNode.open(options(), clock);
        Version ahead = new Version((clockMillis() + 30_000) << 16, OTHER);
        apply(foreign(ChangeKind.PUT, "t/a", ahead, "1"));
        Version written = node.write(put("t/a", "2")).getFirst().version();
        assertThat(written).isGreaterThan(ahead);
        assertThat(node.text("t/a")).isEqualTo("2");
    }

    @Test
    void aVersionFromTheFutureIsRefusedWithEverythingBesideIt() {
        node = TestNode.open(options(), clock);
        Version future = new Version((clockMillis() + 3_600_000) << 16, OTHER);
        assertThatThrownBy(() -> apply(
                        foreign(ChangeKind.PUT, "t/a", later(1), "1"), foreign(ChangeKind.PUT, "t/b", future, "1")))
                .isInstanceOfSatisfying(
                        ResourceException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID))
                .hasMessageContaining("set the clocks");
        assertThat(node.changes()).isEmpty();
        assertThat(node.text("t/a")).isNull();
        assertThat(node.journal.clock().last()).isLessThan(future.clock());
    }

    @Test
    void whatGoesAlongIsPartOfTheSameGroupAndOutlivesACrash() {
        node = TestNode.open(options(), clock);
        for (int i = 1; i <= 20; i++) {
            apply(List.of(put("$internal/r/place", "" + i)), foreign(ChangeKind.PUT, "t/a", later(i), "" + i));
        }
        node.crash();
        node = TestNode.open(options(), clock);
        assertThat(node.text("t/a")).isEqualTo(node.text("$internal/r/place")).isEqualTo("20");
    }

    @Test
    void eventsAreJournaledAndAlterNothing() {
        node = TestNode.open(options(), clock);
        apply(foreign(ChangeKind.EVENT, "t/a", later(1), "1"));
        assertThat(node.text("t/a")).isNull();
        assertThat(node.changes()).singleElement().satisfies(change -> {
            assertThat(change.kind()).isEqualTo(ChangeKind.EVENT);
            assertThat(change.version().node()).isEqualTo(OTHER);
        });
    }

    @Test
    void aRemovalIsRememberedOverACrashAndForgottenBehindTheHorizon() {
        node = TestNode.open(options(), clock);
        Version before = later(1);
        node.write(put("t/a", "1"));
        node.write(delete("t/a"));
        node.crash();
        node = TestNode.open(options(), clock);
        assertThat(apply(foreign(ChangeKind.PUT, "t/a", before, "old")).superseded)
                .isEqualTo(1);
        // Versions are given by the machine's clock, which is not this test's.
        Duration apart = Duration.between(clock.instant(), Instant.now());
        clock.advance((apart.isNegative() ? Duration.ZERO : apart).plus(HORIZON).plusMinutes(10));
        await().untilAsserted(() -> assertThat(apply(foreign(ChangeKind.PUT, "t/a", before, "old")).superseded)
                .isZero());
    }

    @Test
    void anExpiredRecordGivesWayToWhatIsLaterAndNotToItself() {
        node = TestNode.open(options(), clock);
        Version version = later(1);
        Change mortal = Change.of(ChangeKind.PUT, path("t/a"), version, new Cursor(OTHER, 1))
                .content(json("1"))
                .expiresAt(clock.instant().plusMillis(10))
                .build();
        apply(mortal);
        node.store.flush();
        clock.advance(Duration.ofMillis(20));
        await().until(() -> node.changes().getLast().kind() == ChangeKind.EXPIRE);
        assertThat(node.changes().getLast().version()).isEqualTo(version);
        assertThat(apply(mortal).superseded).isEqualTo(1);
        assertThat(apply(foreign(ChangeKind.PUT, "t/a", later(2), "2")).superseded)
                .isZero();
    }

    @Test
    void theVersionsOfFieldsOutliveDiskAndRestart() {
        node = TestNode.open(options(), clock);
        Version early = later(1);
        node.write(put("t/a", "{\"x\":1,\"y\":1}"));
        node.write(TestNode.patch("t/a", "{\"x\":2}"));
        node.store.flush();
        node.crash();
        node = TestNode.open(options(), clock);
        Entry here = node.store.get(path("t/a")).entry();
        // Another node knew the first state only, and has patched the other field since.
        Version version = new Version(here.version().clock() + 9, OTHER);
        RecordState known = RecordState.of(
                foreign(ChangeKind.PUT, "t/a", RecordState.of(here).fields().base(), "1"));
        RecordState patched = new FieldMerge(TestNode.FORMATS)
                .patched(known, true, json("{\"y\":9}"), json("{\"x\":1,\"y\":9}"), version);
        apply(Change.of(ChangeKind.PATCH, path("t/a"), version, new Cursor(OTHER, 1))
                .content(json("{\"x\":1,\"y\":9}"))
                .properties(patched.stored())
                .build());
        assertThat(node.text("t/a")).isEqualTo("{\"x\":2,\"y\":9}");
        assertThat(apply(foreign(ChangeKind.PUT, "t/a", early, "0")).superseded).isEqualTo(1);
    }

    @Test
    void withoutAMemoryOfRemovalsNothingIsWrittenOfThem() throws Exception {
        node = TestNode.open(StoreOptions.at(directory), clock);
        node.write(put("t/a", "1"));
        node.write(delete("t/a"));
        node.close();
        try (var kv = org.millrace.store.kv.LmdbKv.openReadOnly(directory.resolve("records"))) {
            assertThat(kv.entries(org.millrace.store.kv.Tree.TOMBSTONES)).isZero();
        } catch (KvException e) {
            throw new AssertionError(e);
        } finally {
            node = TestNode.open(StoreOptions.at(directory), clock);
        }
    }

    @Test
    void changesInAnyOrderEndInTheSameRecords() {
        node = TestNode.open(options(), clock);
        long base = later(1).clock();
        for (long seed = 0; seed < 40; seed++) {
            Random random = new Random(seed);
            List<Change> changes = new ArrayList<>();
            for (int i = 0; i < 12; i++) {
                Version version = new Version(base + random.nextInt(6), 1 + random.nextInt(3));
                String content = random.nextInt(3) == 0 ? null : "\"" + version + "\"";
                boolean taken = changes.stream().anyMatch(c -> c.version().equals(version));
                if (!taken) {
                    changes.add(foreign(
                            content == null ? ChangeKind.DELETE : ChangeKind.PUT, "s" + seed + "/a", version, content));
                }
            }
            Change latest = Collections.max(changes, java.util.Comparator.comparing(Change::version));
            for (int order = 0; order < 3; order++) {
                String table = "s" + seed + "-" + order + "/a";
                List<Change> shuffled = new ArrayList<>(changes);
                Collections.shuffle(shuffled, random);
                for (Change change : shuffled) {
                    apply(foreign(
                            change.kind(),
                            table,
                            change.version(),
                            change.content().map(TestNode::text).orElse(null)));
                    flush(random.nextInt(8) == 0);
                }
                assertThat(node.text(table))
                        .as("seed %d", seed)
                        .isEqualTo(latest.content().map(TestNode::text).orElse(null));
            }
        }
    }

    private void flush(boolean really) {
        if (really) {
            node.store.flush();
        }
    }

    private StoreOptions options() {
        return StoreOptions.at(directory)
                .withIntervals(Duration.ofMillis(10), Duration.ofMillis(10), Duration.ofMillis(10))
                .withTombstones(HORIZON);
    }

    private long clockMillis() {
        return System.currentTimeMillis();
    }

    /** A version of the other node; greater for a greater number. The journal reads the machine's clock. */
    private Version later(int number) {
        return new Version((Math.min(clockMillis(), clock.millis()) << 16) + number, OTHER);
    }

    private static Change foreign(ChangeKind kind, String path, Version version, String json) {
        Change.Builder change = Change.of(kind, path(path), version, new Cursor(version.node(), 1));
        if (json != null) {
            change.content(
                    json(json.startsWith("\"") || Character.isDigit(json.charAt(0)) ? json : "\"" + json + "\""));
        }
        return change.build();
    }

    private record Result(List<Change> taken, int superseded) {}

    private Result apply(Change... changes) {
        return apply(List.of(), changes);
    }

    private Result apply(List<Write> along, Change... changes) {
        CompletableFuture<Result> result = new CompletableFuture<>();
        boolean taken = node.store.submit(new ForeignRequest(List.of(changes), along, new ForeignRequest.Outcome() {
            @Override
            public void applied(List<Change> taken, int superseded) {
                result.complete(new Result(taken, superseded));
            }

            @Override
            public void refused(ResourceException reason) {
                result.completeExceptionally(reason);
            }
        }));
        assertThat(taken).isTrue();
        return TestNode.await(result);
    }
}
