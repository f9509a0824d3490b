package org.millrace.replication;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.nats.client.Connection;
import io.nats.client.Nats;
import io.nats.client.api.StreamInfo;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.millrace.spi.resource.ChangeKind;
import org.millrace.spi.resource.Cursor;

/** Tables divided among several streams: t0, t1 and t2 are of different ones. */
class StreamsTest extends NodesOfOneProcess {
    private int streams = 3;

    @Override
    int streams() {
        return streams;
    }

    private static void putEverywhere(ClusterNode node, String id, String json) {
        for (int table = 0; table < 3; table++) {
            node.put("t" + table + "/" + id, json);
        }
    }

    private StreamInfo info(int lane) throws Exception {
        try (Connection connection = Nats.connect(nats.url())) {
            return connection.jetStreamManagement().getStreamInfo(lanes().get(lane).stream());
        }
    }

    private static ClusterStatus.Origin of(ClusterNode node, ClusterNode other) {
        return node.status().origins().stream()
                .filter(origin -> origin.nodeId() == other.journal.node())
                .findFirst()
                .orElseThrow();
    }

    @Test
    void eachStreamCarriesTheChangesOfItsTables() throws Exception {
        ClusterNode a = node("a");
        ClusterNode b = node("b");
        ClusterNode c = node("c");
        for (int i = 0; i < 30; i++) {
            putEverywhere(a, "a" + i, "1");
            putEverywhere(b, "" + i % 4, "\"b" + i + "\"");
            putEverywhere(c, "" + i % 4, "\"c" + i + "\"");
            c.increment("t1/n", "/count", 1);
            a.increment("t1/n", "/count", 1);
            b.publish("t2/e", "" + i);
        }
        b.delete("t2/a7");
        awaitAlike(a, b, c);
        assertThat(a.records()).hasSize(103 - 1);
        assertThat(c.text("t1/n")).isEqualTo("{\"count\":60}");
        await().atMost(LONG)
                .untilAsserted(() -> assertThat(c.changes())
                        .filteredOn(change -> change.kind() == ChangeKind.EVENT)
                        .hasSize(30));
        for (int lane = 0; lane < 3; lane++) {
            assertThat(info(lane).getStreamState().getMsgCount()).isPositive();
            assertThat(info(lane).getConfiguration().getDescription())
                    .startsWith("millrace stream " + (lane + 1) + " of 3 of cluster ");
        }
        await().atMost(LONG).untilAsserted(() -> {
            assertThat(of(c, a).behindChanges()).isZero();
            assertThat(c.status().unread()).isZero();
            assertThat(c.status().alerts()).isEmpty();
        });
    }

    @Test
    void aNodeThatWasAwayCatchesUpWithAllStreams() {
        ClusterNode a = node("a");
        ClusterNode b = node("b");
        putEverywhere(a, "1", "1");
        putEverywhere(b, "2", "1");
        awaitAlike(a, b);
        stop(b);
        for (int i = 0; i < 100; i++) {
            putEverywhere(a, "" + i, "2");
            a.publish("t1/e", "" + i);
        }
        ClusterNode again = node("b");
        putEverywhere(again, "3", "3");
        awaitAlike(a, again);
        await().atMost(LONG)
                .untilAsserted(() -> assertThat(again.changes())
                        .filteredOn(change -> change.kind() == ChangeKind.EVENT)
                        .hasSize(100));
    }

    @Test
    void oneStreamThatIsDeletedUnderRunningNodesIsMadeAnewAndFilled() throws Exception {
        ClusterNode a = node("a");
        ClusterNode b = node("b");
        ClusterNode c = node("c");
        putEverywhere(a, "1", "1");
        awaitAlike(a, b, c);
        stop(c);
        putEverywhere(a, "2", "2");
        awaitAlike(a, b);
        try (Connection connection = Nats.connect(nats.url())) {
            connection.jetStreamManagement().deleteStream(lanes().get(1).stream());
        }
        putEverywhere(a, "3", "3");
        putEverywhere(b, "4", "4");
        ClusterNode again = node("c");
        awaitAlike(a, b, again);
        assertThat(a.records()).hasSize(12);
        await().atMost(LONG).untilAsserted(() -> {
            assertThat(info(1).getStreamState().getMsgCount()).isPositive();
            assertThat(again.status().alerts()).isEmpty();
            assertThat(a.status().alerts()).isEmpty();
        });
    }

    @Test
    void whatOneStreamHasLostIsAskedForAgainAndTheOthersGoOn() throws Exception {
        ClusterNode a = node("a");
        ClusterNode b = node("b");
        putEverywhere(a, "1", "1");
        awaitAlike(a, b);
        stop(b);
        putEverywhere(a, "2", "2");
        a.publish("t2/e", "1");
        await().atMost(LONG).until(() -> a.status().unsent() <= 3 && a.status().sent() >= 6);
        try (Connection connection = Nats.connect(nats.url())) {
            connection.jetStreamManagement().purgeStream(lanes().get(2).stream());
        }
        ClusterNode again = node("b");
        putEverywhere(a, "3", "3");
        await().atMost(LONG).until(() -> "3".equals(again.text("t1/3")));
        awaitAlike(a, again);
        await().atMost(LONG)
                .untilAsserted(() -> assertThat(again.changes())
                        .filteredOn(change -> change.kind() == ChangeKind.EVENT)
                        .hasSize(1));
    }

    @Test
    void aNewNodeCopiesOnceWhatNoStreamHasAnyMore() throws Exception {
        ClusterNode a = start("a", 1 << 20);
        // One table is written to once, long before everything else.
        a.put("t1/first", "1");
        String filler = "\"" + "f".repeat(10_000) + "\"";
        for (int i = 0; i < 300; i++) {
            a.put("t0/" + i, filler);
        }
        await().atMost(LONG).until(() -> {
            a.journal.enforceRetention();
            return a.journal.firstSeq() > 100 && a.status().unsent() < 3;
        });
        purge();
        ClusterNode b = node("b");
        b.put("t2/b", "2");
        awaitAlike(a, b);
        assertThat(b.records()).hasSize(302);
        putEverywhere(a, "after", "3");
        awaitAlike(a, b);
        await().atMost(LONG).untilAsserted(() -> {
            assertThat(b.status().alerts()).isEmpty();
            assertThat(of(b, a).behindChanges()).isZero();
        });
        // Cursors lead from one to the other, though most streams have nothing new.
        a.put("t0/later", "4");
        await().atMost(LONG)
                .until(() -> b.replicator
                        .here(new Cursor(a.journal.node(), a.journal.publishedSeq()))
                        .isPresent());
    }

    @Test
    void aStreamInWhichNothingHappensHoldsNothingUp() {
        ClusterNode a = start("a", 1 << 20);
        ClusterNode b = node("b");
        String filler = "\"" + "f".repeat(10_000) + "\"";
        for (int i = 0; i < 1_000; i++) {
            a.put("t0/" + i % 10, filler);
        }
        awaitAlike(a, b);
        await().atMost(LONG).untilAsserted(() -> {
            a.journal.enforceRetention();
            assertThat(a.journal.firstSeq()).isGreaterThan(500);
            assertThat(of(b, a).behindChanges()).isZero();
            assertThat(a.status().unsent()).isLessThan(3);
        });
        await().atMost(LONG)
                .until(() -> b.replicator
                        .here(new Cursor(a.journal.node(), a.journal.publishedSeq()))
                        .isPresent());
        Cursor before = new Cursor(a.journal.node(), a.journal.publishedSeq());
        a.put("t0/next", "1");
        awaitAlike(a, b);
        assertThat(b.changes())
                .filteredOn(change -> change.cursor().position()
                        > b.replicator.here(before).orElseThrow().position())
                .extracting(change -> change.path().toString())
                .contains("t0/next");
    }

    @Test
    void aClaimIsTakenWhenAllStreamsHaveBroughtWhatWasWrittenBefore() throws Exception {
        ClusterNode a = node("a");
        ClusterNode b = node("b");
        a.replicator.onClaim("p", name -> {
            putEverywhere(a, name, "1");
            return CompletableFuture.completedStage(true);
        });
        await().atMost(LONG)
                .until(() -> !b.status().origins().isEmpty()
                        && of(b, a).present()
                        && !a.status().origins().isEmpty()
                        && of(a, b).present());
        for (int i = 0; i < 30; i++) {
            b.replicator.claim("p", "n" + i).toCompletableFuture().get(30, TimeUnit.SECONDS);
            for (int table = 0; table < 3; table++) {
                assertThat(b.text("t" + table + "/n" + i)).isEqualTo("1");
            }
        }
    }

    @Test
    void aNodeOfAnotherNumberOfStreamsIsRefused() {
        ClusterNode a = node("a");
        await().atMost(LONG).until(() -> a.status().state() == ClusterStatus.State.RUNNING);
        for (int other : new int[] {1, 2, 4}) {
            streams = other;
            ClusterNode b = node("b" + other);
            await().atMost(LONG).until(() -> b.status().state() == ClusterStatus.State.STOPPED);
            assertThat(b.status().detail()).contains("one of 3", "cluster.streams of this node is " + other);
            assertThat(b.status().alerts()).singleElement().asString().contains("all nodes must have the same");
        }
        putEverywhere(a, "1", "1");
        streams = 3;
        awaitAlike(a, node("c"));
    }

    @Test
    void moreStreamsThanBeforeAreRefusedWhereTheOldOneIsStillThere() {
        streams = 1;
        ClusterNode a = node("a");
        a.put("t0/1", "1");
        await().atMost(LONG).until(() -> a.status().sent() > 0);
        stop(a);
        streams = 3;
        ClusterNode again = node("a");
        await().atMost(LONG).until(() -> again.status().state() == ClusterStatus.State.STOPPED);
        assertThat(again.status().detail()).contains("MILLRACE_test is one of 1", "Changing the number of streams");
    }

    @Test
    void streamsThatAreLeftOfAGreaterNumberAreNotPassedOver() throws Exception {
        ClusterNode a = node("a");
        await().atMost(LONG).until(() -> a.status().state() == ClusterStatus.State.RUNNING);
        stop(a);
        try (Connection connection = Nats.connect(nats.url())) {
            connection.jetStreamManagement().deleteStream("MILLRACE_test");
        }
        streams = 1;
        ClusterNode b = node("b");
        await().atMost(LONG).until(() -> b.status().state() == ClusterStatus.State.STOPPED);
        assertThat(b.status().detail()).contains("MILLRACE_test=1 is one of more");
    }

    @Test
    void theNumberOfStreamsChangesWithTheStreamsRemovedAndNothingIsLostOrAppliedTwice() throws Exception {
        streams = 1;
        ClusterNode a = node("a");
        ClusterNode b = node("b");
        putEverywhere(a, "1", "1");
        for (int i = 0; i < 10; i++) {
            a.publish("t" + i % 3 + "/e", "" + i);
        }
        awaitAlike(a, b);
        await().atMost(LONG).until(() -> events(b).size() == 10);
        stop(b);
        // What is on its way while the number changes.
        putEverywhere(a, "2", "2");
        a.publish("t1/e", "10");
        for (int next : new int[] {3, 2}) {
            nodes.forEach(ClusterNode::close);
            nodes.clear();
            streams = next == 3 ? 1 : 3;
            deleteStreams();
            streams = next;
            ClusterNode one = node("a");
            ClusterNode other = node("b");
            putEverywhere(one, "a" + next, "3");
            putEverywhere(other, "b" + next, "3");
            one.publish("t2/e", "" + next);
            awaitAlike(one, other);
            int all = next == 3 ? 12 : 13;
            await().atMost(LONG).untilAsserted(() -> {
                assertThat(events(other)).hasSize(all).doesNotHaveDuplicates();
                assertThat(events(one)).hasSize(all).doesNotHaveDuplicates();
                assertThat(one.status().alerts()).isEmpty();
                assertThat(other.status().alerts()).isEmpty();
            });
        }
        assertThat(nodes.getFirst().records()).hasSize(18);
    }

    private static List<String> events(ClusterNode node) {
        return node.changes().stream()
                .filter(change -> change.kind() == ChangeKind.EVENT)
                .map(change -> change.version().toString())
                .toList();
    }
}
