package org.millrace.subscription;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.millrace.content.ContentFormats;
import org.millrace.content.ContentLimits;
import org.millrace.journal.Journal;
import org.millrace.journal.JournalFiles;
import org.millrace.journal.JournalOptions;
import org.millrace.spi.content.MediaType;
import org.millrace.spi.resource.Change;
import org.millrace.spi.resource.Commit;
import org.millrace.spi.resource.Cursor;
import org.millrace.spi.resource.Durability;
import org.millrace.spi.resource.Overflow;
import org.millrace.spi.resource.Path;
import org.millrace.spi.resource.Reason;
import org.millrace.spi.resource.ResourceException;
import org.millrace.spi.resource.Start;
import org.millrace.spi.resource.Subscriber;
import org.millrace.spi.resource.Subscription;
import org.millrace.spi.resource.Write;
import org.millrace.spi.resource.WriteOptions;
import org.millrace.store.RecordStore;
import org.millrace.store.StoreOptions;
import org.millrace.store.WriteRequest;

/** The engine over the real journal and the real store. */
class JournalAndStoreTest {
    private static final ContentFormats FORMATS = new ContentFormats(ContentLimits.ofSize(1 << 20));
    private static final Duration LONG = Duration.ofSeconds(60);

    @TempDir
    private java.nio.file.Path directory;

    private final class Node implements AutoCloseable {
        final Journal journal;
        final RecordStore store;
        final ExecutorService readers = Executors.newFixedThreadPool(2);
        final ExecutorService loop = Executors.newSingleThreadExecutor();
        final SubscriptionEngine engine;

        Node() throws IOException {
            journal = Journal.open(
                    JournalOptions.in(directory.resolve("journal")).withSegmentBytes(1 << 20),
                    JournalFiles.system(),
                    FORMATS::trusted);
            store = RecordStore.open(StoreOptions.at(directory), journal, FORMATS, Clock.systemUTC());
            engine = SubscriptionEngine.start(
                    ChangeSource.of(journal), RecordSource.of(store), SubscriptionOptions.DEFAULTS, readers);
        }

        void put(String path, String text) {
            CompletableFuture<List<Commit>> outcome = new CompletableFuture<>();
            Write write = new Write.Put(
                    Path.of(path),
                    FORMATS.of(MediaType.TEXT, text.getBytes(StandardCharsets.UTF_8)),
                    WriteOptions.DEFAULT);
            boolean taken =
                    store.submit(new WriteRequest(List.of(write), "tester", Durability.OS, new WriteRequest.Outcome() {
                        @Override
                        public void committed(List<Commit> commits) {
                            outcome.complete(commits);
                        }

                        @Override
                        public void refused(ResourceException reason) {
                            outcome.completeExceptionally(reason);
                        }
                    }));
            assertThat(taken).isTrue();
            outcome.join();
        }

        Subscription subscribe(Start start, Told told) {
            return engine.subscribe(SteppedEngine.request(start, Overflow.EVERY, "#"), told, loop, SteppedEngine.ALL);
        }

        @Override
        public void close() {
            engine.close();
            store.close();
            journal.close();
            readers.shutdownNow();
            loop.shutdownNow();
        }
    }

    private static final class Told implements Subscriber {
        final List<String> told = Collections.synchronizedList(new ArrayList<>());

        @Override
        public void onChange(Change change, Reason reason) {
            told.add(reason + " " + change.path());
        }

        @Override
        public void onCaughtUp(Cursor at) {
            told.add("caught up");
        }

        @Override
        public void onClosed(ResourceException reason) {
            told.add("closed");
        }
    }

    @Test
    void aSubscriberResumesByItsCursorAfterARestart() throws IOException {
        Told before = new Told();
        Cursor position;
        try (Node node = new Node()) {
            Subscription subscription = node.subscribe(Start.NOW, before);
            subscription.request(60);
            for (int i = 0; i < 100; i++) {
                node.put("a/" + i, "x");
            }
            await().atMost(LONG).until(() -> before.told.size() == 60);
            position = subscription.position();
        }
        Told after = new Told();
        try (Node node = new Node()) {
            node.subscribe(new Start.After(Cursor.parse(position.toString())), after)
                    .request(1_000);
            await().atMost(LONG).until(() -> after.told.contains("caught up"));
            node.put("b/1", "x");
            await().atMost(LONG).until(() -> after.told.contains("LIVE b/1"));
        }

        List<String> expected = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            expected.add("LIVE a/" + i);
        }
        List<String> told = new ArrayList<>(before.told.subList(0, 60));
        told.addAll(after.told);
        expected.addAll(List.of("caught up", "LIVE b/1", "closed"));
        assertThat(told).isEqualTo(expected);
    }

    @Test
    void thePresentStateHoldsPathsOfEveryLengthOnce() throws IOException {
        List<String> paths = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            paths.add("a/" + i);
            paths.add("a/" + "long".repeat(150) + i);
        }
        Told told = new Told();
        try (Node node = new Node()) {
            paths.forEach(path -> node.put(path, "x"));
            node.subscribe(Start.CURRENT, told).request(10_000);
            paths.forEach(path -> node.put(path, "y"));
            node.put("b/end", "x");
            await().atMost(LONG).until(() -> told.told.contains("LIVE b/end"));
        }

        assertThat(told.told.stream().filter(line -> line.startsWith("CURRENT")))
                .containsExactlyInAnyOrderElementsOf(
                        paths.stream().map(path -> "CURRENT " + path).toList());
        assertThat(told.told.stream().filter(line -> line.startsWith("LIVE"))).doesNotHaveDuplicates();
    }
}
