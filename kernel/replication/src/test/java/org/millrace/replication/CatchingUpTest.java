package org.millrace.replication;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.millrace.spi.content.MediaType;
import org.millrace.spi.resource.Change;
import org.millrace.spi.resource.ChangeKind;
import org.millrace.spi.resource.Cursor;
import org.millrace.spi.resource.Version;

/** Nodes that have missed something, whoever has lost it. */
class CatchingUpTest extends NodesOfOneProcess {
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
        deleteStreams();
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
        purge();
        ClusterNode again = node("b");
        await().atMost(LONG).until(() -> "2".equals(again.text("t/2")));
    }

    @Test
    void aNewNodeTakesACopyOfWhatIsNoLongerKept() throws Exception {
        ClusterNode a = start("a", 1 << 20);
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
        purge();
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
    void aCopyPassesOverNoEventThatTheStreamStillHas() throws Exception {
        ClusterNode a = start("a", 1 << 20);
        ClusterNode b = node("b");
        a.put("t/1", "1");
        awaitAlike(a, b);
        stop(b);
        String filler = "\"" + "f".repeat(10_000) + "\"";
        for (int i = 0; i < 300; i++) {
            a.put("t/filler", filler);
        }
        await().atMost(LONG).until(() -> {
            a.journal.enforceRetention();
            return a.journal.firstSeq() > 100 && a.status().unsent() < 3;
        });
        purge();
        a.publish("t/e", "1");
        a.put("t/2", "2");
        a.publish("t/e", "2");
        await().atMost(LONG).until(() -> a.status().unsent() < 3);
        ClusterNode again = node("b");
        awaitAlike(a, again);
        await().atMost(LONG)
                .untilAsserted(() -> assertThat(again.changes())
                        .filteredOn(change -> change.kind() == ChangeKind.EVENT)
                        .hasSize(2));
        await().atMost(LONG).until(() -> again.status().alerts().isEmpty());
    }

    @Test
    void aNewNodeTakesFromAnotherWhatANodeHadSentThatIsGone() throws Exception {
        ClusterNode a = node("a");
        ClusterNode b = node("b");
        a.put("t/1", "1");
        awaitAlike(a, b);
        purge();
        a.put("t/2", "2");
        awaitAlike(a, b);
        stop(a);
        ClusterNode c = node("c");
        await().atMost(LONG)
                .untilAsserted(() -> assertThat(c.status().origins()).anySatisfy(origin -> {
                    assertThat(origin.nodeId()).isEqualTo(a.journal.node());
                    assertThat(origin.applied()).isPositive();
                    assertThat(origin.waiting()).isEqualTo("none");
                }));
        awaitAlike(b, c);
        assertThat(c.text("t/1")).isEqualTo("1");
        assertThat(c.text("t/2")).isEqualTo("2");
        await().atMost(LONG).until(() -> c.status().alerts().isEmpty());
    }

    @Test
    void whatIsLargerThanTheServersTakeGoesInParts() throws Exception {
        ClusterNode a = start("a", 1 << 20);
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
        purge();
        ClusterNode c = node("c");
        awaitAlike(a, c);
        assertThat(c.text("t/large")).isEqualTo(large);
    }
}
