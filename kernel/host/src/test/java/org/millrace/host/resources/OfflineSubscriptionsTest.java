package org.millrace.host.resources;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.millrace.host.TestHost;
import org.millrace.spi.content.Content;
import org.millrace.spi.resource.Commit;
import org.millrace.spi.resource.Cursor;
import org.millrace.spi.resource.Durability;
import org.millrace.spi.resource.Path;
import org.millrace.spi.resource.Resources;
import org.millrace.spi.resource.Start;
import org.millrace.spi.resource.SubscribeRequest;
import org.millrace.spi.resource.Subscription;
import org.millrace.spi.resource.TopicFilter;
import org.millrace.spi.resource.WriteOptions;

/** Subscribers that are away while much happens cost a place each, and go on exactly where they were. */
class OfflineSubscriptionsTest {
    private static final int IN_FLIGHT = 1_000;
    private static final WriteOptions QUICK = WriteOptions.DEFAULT.withDurability(Durability.OS);

    @TempDir
    private java.nio.file.Path directory;

    private TestHost host;

    @AfterEach
    void stop() {
        host.close();
    }

    @Test
    void aThousandGoOnWhereTheyWereAfterTwentyThousandChanges() throws Exception {
        run(1_000, 20_000);
    }

    @Tag("slow")
    @Test
    void tenThousandGoOnWhereTheyWereAfterAMillionChanges() throws Exception {
        run(10_000, 1_000_000);
    }

    private void start() throws Exception {
        host = TestHost.start(directory, "journal.segment-size=16MiB", "journal.retain-size=16MiB");
    }

    private void run(int subscribers, int changes) throws Exception {
        start();
        Resources client = host.client();
        Content content = host.json("{\"temp\":21.5,\"site\":\"hall\",\"text\":\"" + "x".repeat(200) + "\"}");
        List<Cursor> places = places(client, content, subscribers);
        // Each place is kept as the last one told, and told anew several times, as sessions do.
        long began = System.nanoTime();
        saveAll(places);
        double saved = seconds(began);
        long heapBefore = usedBytes();
        long diskBefore = journalBytes();

        began = System.nanoTime();
        Cursor last = write(client, content, changes);
        double wrote = seconds(began);
        long heap = usedBytes() - heapBefore;
        long disk = journalBytes() - diskBefore;
        host.close();
        began = System.nanoTime();
        start();
        double restarted = seconds(began);
        began = System.nanoTime();
        for (int i = 0; i < subscribers; i++) {
            Cursor kept = host.context().cursors().get("session-" + i).orElseThrow();
            assertThat(kept).isEqualTo(places.get(i));
        }
        int checked = resume(places, last);
        System.out.printf(
                "%,d cursors saved in %.1f s; %,d changes written in %.1f s: heap grew by %,d KiB, the journal by %,d"
                        + " KiB (%d bytes a change); restart %.1f s; %,d resumed in %.1f s%n",
                subscribers,
                saved,
                changes,
                wrote,
                heap >> 10,
                disk >> 10,
                disk / changes,
                restarted,
                checked,
                seconds(began));

        // The changes themselves, with their heads and one preallocated file: nothing of it per subscriber.
        assertThat(disk).isLessThan(changes * (content.size() + 128L) + (48L << 20));
        assertThat(heap).isLessThan(160L << 20);
    }

    /** One place between every two changes. */
    private static List<Cursor> places(Resources client, Content content, int count) throws Exception {
        List<Cursor> places = new ArrayList<>();
        List<java.util.concurrent.CompletionStage<Commit>> pending = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            pending.add(client.put(Path.of("sensors/" + i % 100), content, QUICK));
            if (pending.size() == IN_FLIGHT || i == count - 1) {
                for (var stage : pending) {
                    places.add(TestHost.await(stage).cursor());
                }
                pending.clear();
            }
        }
        return places;
    }

    private void saveAll(List<Cursor> places) {
        Semaphore free = new Semaphore(IN_FLIGHT);
        for (int i = 0; i < places.size(); i++) {
            free.acquireUninterruptibly();
            host.context().cursors().save("session-" + i, places.get(i)).whenComplete((_, _) -> free.release());
        }
        free.acquireUninterruptibly(IN_FLIGHT);
    }

    private static Cursor write(Resources client, Content content, int changes) throws Exception {
        Semaphore free = new Semaphore(IN_FLIGHT);
        Commit[] newest = new Commit[1];
        for (int i = 0; i < changes; i++) {
            free.acquireUninterruptibly();
            client.put(Path.of("sensors/" + i % 100), content, QUICK).whenComplete((commit, _) -> {
                newest[0] = commit;
                free.release();
            });
        }
        free.acquireUninterruptibly(IN_FLIGHT);
        return newest[0].cursor();
    }

    /** All resume and read a little; some read to the end. */
    private int resume(List<Cursor> places, Cursor last) {
        Resources client = host.client();
        List<Deliveries> all = new ArrayList<>();
        for (Cursor place : places) {
            Deliveries deliveries = new Deliveries();
            Subscription subscription = client.subscribe(
                    SubscribeRequest.every(TopicFilter.table("sensors"), new Start.After(place)), deliveries);
            subscription.request(3);
            all.add(deliveries);
        }
        await().atMost(Duration.ofSeconds(300)).until(() -> all.stream().allMatch(d -> d.changes.size() == 3));
        // The places are neighbours, so the next change after each is the next place's.
        long firstAfterAll = places.getLast().position() + places.size();
        for (int i = 0; i < all.size(); i++) {
            Deliveries deliveries = all.get(i);
            for (int c = 0; c < 3; c++) {
                long expected = i + 1 + c < places.size()
                        ? places.get(i + 1 + c).position()
                        // Behind the last place come the cursors' own records, then the further changes.
                        : firstAfterAll + i + 2 + c - places.size();
                assertThat(deliveries.changes.get(c).cursor().position()).isEqualTo(expected);
            }
            assertThat(deliveries.closed).isNull();
        }
        int one = ThreadLocalRandom.current().nextInt(places.size());
        Deliveries toTheEnd = new Deliveries();
        client.subscribe(
                        SubscribeRequest.every(TopicFilter.table("sensors"), new Start.After(places.get(one))),
                        toTheEnd)
                .request(places.size());
        await().atMost(Duration.ofSeconds(120))
                .until(() -> toTheEnd.changes.size() >= Math.min(places.size(), last.position()));
        return all.size();
    }

    private long journalBytes() throws IOException {
        try (Stream<java.nio.file.Path> files =
                Files.walk(directory.resolve("data").resolve("journal"))) {
            return files.filter(Files::isRegularFile)
                    .mapToLong(file -> file.toFile().length())
                    .sum();
        }
    }

    private static double seconds(long began) {
        return (System.nanoTime() - began) / 1e9;
    }

    private static long usedBytes() {
        Runtime runtime = Runtime.getRuntime();
        for (int i = 0; i < 3; i++) {
            System.gc();
        }
        return runtime.totalMemory() - runtime.freeMemory();
    }
}
