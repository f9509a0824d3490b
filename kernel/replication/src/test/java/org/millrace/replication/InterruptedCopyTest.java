package org.millrace.replication;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.nats.client.Connection;
import io.nats.client.Message;
import io.nats.client.Nats;
import io.nats.client.Options;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.millrace.spi.content.MediaType;
import org.millrace.spi.resource.Change;
import org.millrace.spi.resource.ChangeKind;
import org.millrace.spi.resource.Write;
import org.millrace.spi.resource.WriteOptions;

/** Copies of another node's records that are broken off in the middle. */
class InterruptedCopyTest extends NodesOfOneProcess {
    private static final int RECORDS = 8_000;
    private static final int BATCH = 500;
    /** At the request for this page the server is killed. */
    private static final int IN_THE_MIDDLE = 4;

    private final List<String> asked = new CopyOnWriteArrayList<>();
    private final CountDownLatch interrupted = new CountDownLatch(1);

    /** So that a bookmark has more than one place to keep. */
    @Override
    int streams() {
        return 2;
    }

    /** A node whose journal no longer has the changes that made its records. */
    private ClusterNode nodeThatKeepsNoChanges() {
        ClusterNode a = start("a", 1 << 20);
        String filler = "\"" + "f".repeat(1_000) + "\"";
        a.put("t/old", "1");
        a.delete("t/old");
        for (int begin = 0; begin < RECORDS; begin += BATCH) {
            List<CompletableFuture<?>> batch = new ArrayList<>();
            for (int i = begin; i < begin + BATCH; i++) {
                batch.add(a.submit(new Write.Put(
                        org.millrace.spi.resource.Path.of(name(i)),
                        ClusterNode.FORMATS.of(MediaType.JSON, filler.getBytes(StandardCharsets.US_ASCII)),
                        WriteOptions.DEFAULT)));
            }
            CompletableFuture.allOf(batch.toArray(CompletableFuture[]::new))
                    .orTimeout(60, TimeUnit.SECONDS)
                    .join();
        }
        await().atMost(LONG).until(() -> {
            a.journal.enforceRetention();
            return a.journal.firstSeq() > RECORDS / 2 && a.status().unsent() < 3;
        });
        return a;
    }

    private static String name(int number) {
        return String.format(Locale.ROOT, "t/%05d", number);
    }

    /** Listens to what pages are asked for, and kills the server in the middle. */
    private Connection spy() throws Exception {
        Connection spy = Nats.connect(Options.builder()
                .server(nats.url())
                .maxReconnects(-1)
                .reconnectWait(Duration.ofMillis(50))
                .build());
        spy.createDispatcher(this::heard).subscribe("millrace.test.page.*");
        spy.flush(Duration.ofSeconds(10));
        return spy;
    }

    private void heard(Message request) {
        String text = new String(request.getData(), StandardCharsets.UTF_8);
        if (text.indexOf('\1') >= 0) {
            return; // for a comparison
        }
        asked.add(text);
        if (asked.size() == IN_THE_MIDDLE) {
            nats.kill();
            interrupted.countDown();
        }
    }

    private void awaitInterruption(ClusterNode copying) throws Exception {
        assertThat(interrupted.await(60, TimeUnit.SECONDS)).isTrue();
        Map<Long, Bookmark> begun = new Bookmarks(copying.store, ClusterNode.FORMATS).all();
        assertThat(begun.values())
                .singleElement()
                .satisfies(mark -> assertThat(mark.records()).isBetween(1L, RECORDS - 1L));
    }

    private static void awaitEnd(ClusterNode copying) {
        Bookmarks bookmarks = new Bookmarks(copying.store, ClusterNode.FORMATS);
        await().atMost(LONG).untilAsserted(() -> assertThat(bookmarks.all()).isEmpty());
    }

    private void assertNothingWasFetchedAgain() {
        assertThat(asked).filteredOn("R"::equals).as("it began once").hasSize(1);
        long again = asked.stream()
                .filter(request -> Collections.frequency(asked, request) > 1)
                .distinct()
                .count();
        assertThat(again).as("pages fetched again: the one under way").isLessThanOrEqualTo(1);
    }

    private static void assertAppliedOnce(ClusterNode node) {
        assertThat(node.changes().stream()
                        .filter(change -> change.kind() == ChangeKind.PUT)
                        .map(Change::version))
                .doesNotHaveDuplicates();
    }

    @Test
    void aCopyGoesOnWhereTheServerLeftItAndMissesNothingThatHappenedMeanwhile() throws Exception {
        ClusterNode a = nodeThatKeepsNoChanges();
        purge();
        try (Connection spy = spy()) {
            ClusterNode b = node("b");
            awaitInterruption(b);
            a.delete(name(1));
            a.delete(name(RECORDS - 1));
            a.put(name(2), "\"changed\"");
            a.put(name(RECORDS - 2), "\"changed\"");
            nats.start();
            awaitEnd(b);
            awaitAlike(a, b);
            assertThat(b.records()).hasSize(RECORDS - 2);
            assertNothingWasFetchedAgain();
            assertAppliedOnce(b);
            await().atMost(LONG)
                    .untilAsserted(() -> assertThat(b.store.removals(null, 10))
                            .extracting(removal -> removal.path().toString())
                            .contains("t/old", name(1)));
            await().atMost(LONG).until(() -> b.status().alerts().isEmpty());
            assertThat(spy.getStatus()).isEqualTo(Connection.Status.CONNECTED);
        }
    }

    @Test
    void aCopyGoesOnAfterARestartAtAnotherNodeIfTheFirstIsGone() throws Exception {
        ClusterNode a = nodeThatKeepsNoChanges();
        ClusterNode c = node("c");
        awaitAlike(a, c);
        purge();
        try (Connection spy = spy()) {
            ClusterNode b = node("b");
            awaitInterruption(b);
            a.delete(name(1));
            a.put(name(RECORDS - 2), "\"changed\"");
            stop(b);
            stop(a);
            nats.start();
            ClusterNode again = node("b");
            awaitEnd(again);
            awaitAlike(c, again);
            assertNothingWasFetchedAgain();
            assertThat(asked.getLast()).as("the end of the removals").startsWith("D");
            await().atMost(LONG).until(() -> again.status().alerts().isEmpty());
            ClusterNode back = node("a");
            awaitAlike(back, c, again);
            assertThat(again.text(name(1))).isNull();
            assertThat(again.text(name(RECORDS - 2))).isEqualTo("\"changed\"");
            assertAppliedOnce(again);
            assertThat(spy.getStatus()).isEqualTo(Connection.Status.CONNECTED);
        }
    }
}
