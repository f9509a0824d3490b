package org.millrace.replication;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.nats.client.Connection;
import io.nats.client.Nats;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.millrace.spi.content.MediaType;
import org.millrace.spi.resource.Change;
import org.millrace.spi.resource.ChangeKind;
import org.millrace.spi.resource.Cursor;
import org.millrace.spi.resource.Version;

/** Nodes in this process, with a real NATS server. */
class ReplicatorTest {
    private static final Duration LONG = Duration.ofSeconds(60);

    @TempDir
    Path directory;

    private NatsServer nats;
    private final List<ClusterNode> nodes = new ArrayList<>();

    @BeforeEach
    void startNats() throws IOException {
        nats = NatsServer.start(directory.resolve("nats"));
    }

    @AfterEach
    void stop() {
        nodes.forEach(ClusterNode::close);
        nats.close();
    }

    @Test
    void whatIsWrittenOnAnyNodeIsOnAllWithTheSameVersions() {
        ClusterNode a = node("a");
        ClusterNode b = node("b");
        ClusterNode c = node("c");
        for (int i = 0; i < 50; i++) {
            a.put("t/a" + i, "1");
            b.put("t/" + i % 5, "\"b" + i + "\"");
            c.put("t/" + i % 5, "\"c" + i + "\"");
        }
        b.delete("t/a7");
        awaitAlike(a, b, c);
        assertThat(a.text("t/a7")).isNull();
        assertThat(a.records()).hasSize(54);
        assertThat(a.status().alerts()).isEmpty();
        assertThat(a.status().origins()).hasSize(2).allMatch(ClusterStatus.Origin::present);
    }

    @Test
    void patchesOfDifferentFieldsBothPrevailAndIncrementsAddUp() throws IOException {
        ClusterNode a = node("a");
        ClusterNode b = node("b");
        a.put("t/r", "{\"x\":0,\"y\":0}");
        awaitAlike(a, b);
        nats.kill();
        await().atMost(LONG).until(() -> a.status().state() == ClusterStatus.State.CONNECTING);
        for (int i = 1; i <= 20; i++) {
            a.patch("t/r", "{\"x\":" + i + "}");
            b.patch("t/r", "{\"y\":" + i + "}");
            a.increment("t/n", "/count", 1);
            b.increment("t/n", "/count", 10);
        }
        nats.start();
        awaitAlike(a, b);
        assertThat(a.text("t/r")).isEqualTo("{\"x\":20,\"y\":20}");
        assertThat(a.text("t/n")).isEqualTo("{\"count\":220}");
        assertThat(b.text("t/n")).isEqualTo("{\"count\":220}");
        assertThat(a.status().merged()).isPositive();
        assertThat(a.status().superseded() + b.status().superseded()).isLessThan(80);
        b.increment("t/n", "/count", 1);
        awaitAlike(a, b);
        assertThat(a.text("t/n")).isEqualTo("{\"count\":221}");
    }

    @Test
    void eventsReachEachNodeOnceAndLeaveNoRecord() {
        ClusterNode a = node("a");
        ClusterNode b = node("b");
        for (int i = 0; i < 20; i++) {
            a.publish("t/e", "" + i);
        }
        await().atMost(LONG).until(() -> b.changes().size() == 20);
        assertThat(b.changes()).allMatch(change -> change.kind() == ChangeKind.EVENT);
        b.put("t/done", "1");
        await().atMost(LONG).until(() -> a.text("t/done") != null);
        assertThat(a.changes()).as("events do not come back").hasSize(21);
        assertThat(b.text("t/e")).isNull();
    }

    @Test
    void eventsKeptNowhereGoOnlyToNodesThatListenToTheirTable() {
        ClusterNode a = node("a");
        ClusterNode b = node("b");
        ClusterNode c = node("c");
        b.listeners.tables = Set.of("t", "with space.and*dot");
        c.listeners.tables = Set.of("other");
        // Who listens since a moment hears what is published from then on.
        await().atMost(LONG).until(() -> {
            a.pass("t/first", "1");
            a.pass("with space.and*dot/first", "1");
            return b.listeners.heard.stream()
                            .map(event -> event.path().table())
                            .distinct()
                            .count()
                    == 2;
        });
        for (int i = 0; i < 100; i++) {
            a.pass("t/n", "" + i);
        }
        await().atMost(LONG).until(() -> numbers(b).size() == 100);
        assertThat(numbers(b)).isSorted();
        assertThat(b.listeners.heard).allMatch(event -> event.cursor().node() == b.journal.node());
        assertThat(c.listeners.heard).isEmpty();
        assertThat(a.status().lostEvents()).isZero();
        assertThat(b.journal.lastSeq()).isLessThan(100);
    }

    @Test
    void whoWasAtAnotherNodeGoesOnWithoutMissingAnything() {
        ClusterNode a = node("a");
        ClusterNode b = node("b");
        a.put("t/1", "1");
        b.put("t/2", "2");
        awaitAlike(a, b);
        // Once the nodes have told each other how far they are, any later place of one is known to the other.
        await().atMost(LONG)
                .until(() -> b.replicator
                        .here(new Cursor(a.journal.node(), a.journal.publishedSeq()))
                        .isPresent());
        Cursor atA = new Cursor(a.journal.node(), a.journal.publishedSeq());
        a.put("t/3", "3");
        b.put("t/4", "4");
        awaitAlike(a, b);
        Cursor atB = b.replicator.here(atA).orElseThrow();
        assertThat(atB.node()).isEqualTo(b.journal.node());
        assertThat(b.changes())
                .filteredOn(change -> change.cursor().position() > atB.position())
                .extracting(change -> change.path().toString())
                .contains("t/3", "t/4");
        assertThat(b.replicator.here(new Cursor(77, 1))).isEmpty();
    }

    @Test
    void aNodeThatTakesSomeTablesHasThoseAndKeepsOthersToItself() {
        ClusterNode a = node("a");
        ClusterNode b = add(ClusterNode.start(
                directory.resolve("b"),
                ClusterNode.options(
                        "b", nats.url(), new ClusterOptions.Login("", "", "", Optional.empty()), List.of("t", "u*"))));
        a.put("t/1", "1");
        a.put("other/1", "2");
        b.put("other/2", "3");
        b.put("us/1", "4");
        a.put("t/2", "5");
        await().atMost(LONG).until(() -> b.text("t/2") != null && a.text("us/1") != null);
        // Two comparisons later each still has what it should have: ranges that differ bring nothing it does not take.
        long later = System.currentTimeMillis() + 2_000;
        await().atMost(LONG)
                .until(() -> b.status().summedAt() > later && a.status().summedAt() > later);
        assertThat(b.records()).containsOnlyKeys("t/1", "t/2", "us/1", "other/2");
        assertThat(a.records()).containsOnlyKeys("t/1", "t/2", "us/1", "other/1");
        assertThat(b.status().tableHashes()).containsOnlyKeys("t", "us");
        assertThat(b.status().tableHashes().get("t"))
                .isEqualTo(a.status().tableHashes().get("t"));
        assertThat(a.status().repaired() + b.status().repaired()).isZero();
    }

    @Test
    void whatDiffersIsFoundByComparingAndRepairedByTheNodeThatLacksIt() {
        ClusterNode a = node("a");
        ClusterNode b = node("b");
        for (int i = 0; i < 200; i++) {
            a.put("t/" + i, "1");
            b.put("u/" + i, "1");
        }
        awaitAlike(a, b);
        // As if the stream had lost them unnoticed.
        Version later = new Version(a.journal.clock().next(), 99);
        a.differ(Change.of(ChangeKind.DELETE, path("t/7"), later, new Cursor(99, 1))
                .build());
        a.differ(Change.of(ChangeKind.PUT, path("v/only-here"), later, new Cursor(99, 2))
                .content(ClusterNode.FORMATS.of(MediaType.JSON, new byte[] {'2'}))
                .build());
        b.differ(Change.of(ChangeKind.PUT, path("t/8"), later, new Cursor(99, 3))
                .content(ClusterNode.FORMATS.of(MediaType.JSON, new byte[] {'3'}))
                .build());
        awaitAlike(a, b);
        assertThat(a.text("t/7")).isNull();
        assertThat(a.text("t/8")).isEqualTo("3");
        assertThat(b.text("v/only-here")).isEqualTo("2");
        await().atMost(LONG)
                .untilAsserted(
                        () -> assertThat(a.status().repaired() + b.status().repaired())
                                .isEqualTo(3));
        await().atMost(LONG)
                .until(() -> a.status().hash() == b.status().hash()
                        && a.status().summedAt() == b.status().summedAt());
        assertThat(a.status().tableHashes()).containsOnlyKeys("t", "u", "v");
    }

    private static org.millrace.spi.resource.Path path(String text) {
        return org.millrace.spi.resource.Path.of(text);
    }

    private static List<Integer> numbers(ClusterNode node) {
        return node.listeners.heard.stream()
                .filter(event -> event.path().toString().equals("t/n"))
                .map(event -> Integer.valueOf(
                        new String(event.content().orElseThrow().toByteArray(), StandardCharsets.UTF_8)))
                .toList();
    }

    @Test
    void aNodeThatWasAwayCatchesUpAndAppliesNothingTwice() {
        ClusterNode a = node("a");
        ClusterNode b = node("b");
        a.publish("t/e", "1");
        await().atMost(LONG).until(() -> b.changes().size() == 1);
        stop(b);
        for (int i = 0; i < 200; i++) {
            a.put("t/" + i, "1");
            a.publish("t/e", "2");
        }
        ClusterNode again = node("b");
        awaitAlike(a, again);
        await().atMost(LONG)
                .untilAsserted(() -> assertThat(
                                again.changes().stream().filter(change -> change.kind() == ChangeKind.EVENT))
                        .hasSize(201));
    }

    @Test
    void withoutNatsTheHostServesAndGoesOnWhenItIsBack() throws IOException {
        nats.kill();
        ClusterNode a = node("a");
        ClusterNode b = node("b");
        await().atMost(LONG).until(() -> a.status().detail().contains("Start nats-server"));
        a.put("t/1", "1");
        nats.start();
        await().atMost(LONG).until(() -> "1".equals(b.text("t/1")));
        nats.kill();
        b.put("t/2", "2");
        // Within one millisecond the two nodes' clocks need not agree on what came later.
        long earlier = System.currentTimeMillis();
        await().until(() -> System.currentTimeMillis() > earlier);
        a.put("t/2", "3");
        await().atMost(LONG).until(() -> b.status().state() == ClusterStatus.State.CONNECTING);
        nats.start();
        awaitAlike(a, b);
        assertThat(b.text("t/2")).isEqualTo("3");
    }

    @Test
    void aStreamThatWasDeletedIsMadeAnewAndNothingIsLost() throws Exception {
        ClusterNode a = node("a");
        ClusterNode b = node("b");
        a.put("t/1", "1");
        await().atMost(LONG).until(() -> "1".equals(b.text("t/1")));
        stop(b);
        a.put("t/2", "2");
        await().atMost(LONG).until(() -> a.status().unsent() <= 1);
        try (Connection connection = Nats.connect(nats.url())) {
            connection.jetStreamManagement().deleteStream("MILLRACE_test");
        }
        ClusterNode again = node("b");
        again.put("t/3", "3");
        a.put("t/4", "4");
        awaitAlike(a, again);
        assertThat(a.records()).hasSize(4);
    }

    @Test
    void whatTheStreamHasLostIsAskedForAgain() throws Exception {
        ClusterNode a = node("a");
        ClusterNode b = node("b");
        a.put("t/1", "1");
        await().atMost(LONG).until(() -> "1".equals(b.text("t/1")));
        stop(b);
        a.put("t/2", "2");
        await().atMost(LONG).until(() -> a.status().sent() == 2);
        try (Connection connection = Nats.connect(nats.url())) {
            connection.jetStreamManagement().purgeStream("MILLRACE_test");
        }
        ClusterNode again = node("b");
        await().atMost(LONG).until(() -> "2".equals(again.text("t/2")));
    }

    @Test
    void aNewNodeTakesACopyOfWhatIsNoLongerKept() throws Exception {
        ClusterNode a = add(ClusterNode.start(
                directory.resolve("a"),
                ClusterNode.options("a", nats.url(), new ClusterOptions.Login("", "", "", Optional.empty())),
                1 << 20));
        String longPath = "t/" + "x".repeat(700);
        a.put(longPath, "1");
        a.delete(longPath);
        a.put("t/gone", "1");
        a.delete("t/gone");
        String filler = "\"" + "f".repeat(10_000) + "\"";
        for (int i = 0; i < 500; i++) {
            a.put("t/" + i, filler);
        }
        await().atMost(LONG).until(() -> {
            a.journal.enforceRetention();
            return a.journal.firstSeq() > 300 && a.status().unsent() < 3;
        });
        try (Connection connection = Nats.connect(nats.url())) {
            connection.jetStreamManagement().purgeStream("MILLRACE_test");
        }
        ClusterNode b = node("b");
        b.put("t/b", "2");
        a.put("t/a", "3");
        awaitAlike(a, b);
        assertThat(b.records()).hasSize(502);
        // Removals are read where they are remembered: on disk, which comes behind what readers see.
        await().atMost(LONG)
                .untilAsserted(() -> assertThat(b.store.removals(null, 10))
                        .extracting(removal -> removal.path().toString())
                        .contains(longPath, "t/gone"));
        a.put("t/after", "4");
        await().atMost(LONG).until(() -> "4".equals(b.text("t/after")));
        await().atMost(LONG).until(() -> b.status().alerts().isEmpty());
    }

    @Test
    void whatIsLargerThanTheServersTakeGoesInParts() throws Exception {
        ClusterNode a = add(ClusterNode.start(
                directory.resolve("a"),
                ClusterNode.options("a", nats.url(), new ClusterOptions.Login("", "", "", Optional.empty())),
                1 << 20));
        ClusterNode b = node("b");
        String large = "\"" + "l".repeat(2_500_000) + "\"";
        a.put("t/small", "1");
        a.put("t/large", large);
        a.put("t/last", "2");
        awaitAlike(a, b);
        assertThat(b.text("t/large")).isEqualTo(large);
        // The same as pieces of a copy.
        stop(b);
        await().atMost(LONG).until(() -> {
            a.put("t/filler", large);
            a.journal.enforceRetention();
            return a.journal.firstSeq() > 3 && a.status().unsent() < 3;
        });
        try (Connection connection = Nats.connect(nats.url())) {
            connection.jetStreamManagement().purgeStream("MILLRACE_test");
        }
        ClusterNode c = node("c");
        awaitAlike(a, c);
        assertThat(c.text("t/large")).isEqualTo(large);
    }

    @Test
    void credentialsThatAreRefusedAreReportedAndNotShown() throws IOException {
        nats.kill();
        nats = NatsServer.start(directory.resolve("closed"), "--user", "ada", "--pass", "right");
        ClusterNode a = start("a", new ClusterOptions.Login("ada", "wrong-secret", "", Optional.empty()));
        await().atMost(LONG).until(() -> a.status().detail().contains("check cluster.user"));
        assertThat(a.status().toString()).doesNotContain("wrong-secret");
        ClusterNode b = start("b", new ClusterOptions.Login("ada", "right", "", Optional.empty()));
        await().atMost(LONG).until(() -> b.status().state() == ClusterStatus.State.RUNNING);
    }

    @Test
    void anotherClustersStreamIsRefused() throws IOException {
        ClusterNode a = node("a");
        await().atMost(LONG).until(() -> a.status().state() == ClusterStatus.State.RUNNING);
        stop(a);
        nats.kill();
        nats = NatsServer.start(directory.resolve("elsewhere"));
        ClusterNode b = node("b");
        await().atMost(LONG).until(() -> b.status().state() == ClusterStatus.State.RUNNING);
        ClusterNode again = node("a");
        await().atMost(LONG).until(() -> again.status().state() == ClusterStatus.State.STOPPED);
        assertThat(again.status().detail()).contains("belongs to cluster", "empty data directory");
    }

    @Test
    void twoNodesOfOneNameAreReported() {
        ClusterNode a = start("a", "twin");
        ClusterNode b = start("b", "twin");
        await().atMost(LONG).until(() -> a.status().alerts().toString().contains("two nodes are called 'twin'"));
        a.put("t/1", "1");
        await().atMost(LONG).until(() -> "1".equals(b.text("t/1")));
    }

    @Test
    void aNodeRestoredFromAnOldBackupIsStopped() throws IOException {
        ClusterNode a = node("a");
        ClusterNode b = node("b");
        a.put("t/1", "1");
        await().atMost(LONG).until(() -> "1".equals(b.text("t/1")));
        stop(a);
        copy(directory.resolve("a"), directory.resolve("backup"));
        ClusterNode later = node("a");
        for (int i = 0; i < 20; i++) {
            later.put("t/2", "" + i);
        }
        await().atMost(LONG).until(() -> "19".equals(b.text("t/2")));
        stop(later);
        ClusterNode restored = node("backup");
        await().atMost(LONG).until(() -> restored.status().state() == ClusterStatus.State.STOPPED);
        assertThat(restored.status().detail()).contains("old backup", "empty data directory");
        assertThat(restored.put("t/3", "3").version()).as("it serves on alone").isNotNull();
    }

    @Test
    void aCopyOfARunningNodeIsFoundOut() throws IOException {
        ClusterNode a = node("a");
        a.put("t/1", "1");
        await().atMost(LONG).until(() -> a.status().sent() > 0);
        stop(a);
        copy(directory.resolve("a"), directory.resolve("copy"));
        ClusterNode one = node("a");
        ClusterNode other = node("copy");
        await().atMost(LONG)
                .until(() -> one.status().state() == ClusterStatus.State.STOPPED
                        || other.status().state() == ClusterStatus.State.STOPPED);
    }

    private ClusterNode node(String name) {
        return start(name, name);
    }

    private ClusterNode start(String folder, String name) {
        return add(ClusterNode.start(directory.resolve(folder), name, nats.url()));
    }

    private ClusterNode start(String folder, ClusterOptions.Login login) {
        return add(ClusterNode.start(directory.resolve(folder), ClusterNode.options(folder, nats.url(), login)));
    }

    private ClusterNode add(ClusterNode node) {
        nodes.add(node);
        return node;
    }

    private void stop(ClusterNode node) {
        nodes.remove(node);
        node.close();
    }

    private static void awaitAlike(ClusterNode first, ClusterNode... others) {
        await().atMost(LONG).untilAsserted(() -> {
            for (ClusterNode other : others) {
                assertThat(other.records()).isEqualTo(first.records());
            }
            assertThat(unsent(List.of(first))).isLessThanOrEqualTo(2);
        });
    }

    private static long unsent(Collection<ClusterNode> all) {
        return all.stream().mapToLong(node -> node.status().unsent()).max().orElse(0);
    }

    private static void copy(Path from, Path to) throws IOException {
        try (var files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Path target = to.resolve(from.relativize(file));
                if (Files.isDirectory(file)) {
                    Files.createDirectories(target);
                } else {
                    Files.copy(file, target);
                }
            }
        }
    }
}
