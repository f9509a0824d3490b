package org.millrace.replication;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.millrace.spi.resource.ChangeKind;
import org.millrace.spi.resource.Cursor;

/** What nodes make of each other's changes. */
class ReplicatorTest extends NodesOfOneProcess {
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
        ClusterNode b = start("b", List.of("t", "u*"));
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
    void aTableThatIsAddedLaterIsFilledByAComparisonAndReported() {
        ClusterNode a = node("a");
        ClusterNode b = start("b", List.of("t"));
        a.put("u/1", "1");
        a.put("u/2", "2");
        a.put("t/1", "3");
        await().atMost(LONG).until(() -> "3".equals(b.text("t/1")));
        assertThat(b.text("u/1")).isNull();
        stop(b);
        ClusterNode again = node("b");
        awaitAlike(a, again);
        assertThat(again.text("u/1")).isEqualTo("1");
        await().atMost(LONG).until(() -> again.status().repaired() == 2);
        assertThat(a.status().repaired()).isZero();
    }

    private static List<Integer> numbers(ClusterNode node) {
        return node.listeners.heard.stream()
                .filter(event -> event.path().toString().equals("t/n"))
                .map(event -> Integer.valueOf(
                        new String(event.content().orElseThrow().toByteArray(), StandardCharsets.UTF_8)))
                .toList();
    }
}
