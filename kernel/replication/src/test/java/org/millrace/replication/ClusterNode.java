package org.millrace.replication;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.millrace.content.ContentFormats;
import org.millrace.content.ContentLimits;
import org.millrace.journal.ChangeReader;
import org.millrace.journal.Journal;
import org.millrace.journal.JournalFiles;
import org.millrace.journal.JournalOptions;
import org.millrace.spi.content.MediaType;
import org.millrace.spi.resource.Change;
import org.millrace.spi.resource.ChangeKind;
import org.millrace.spi.resource.Commit;
import org.millrace.spi.resource.Cursor;
import org.millrace.spi.resource.Durability;
import org.millrace.spi.resource.ResourceException;
import org.millrace.spi.resource.Version;
import org.millrace.spi.resource.Write;
import org.millrace.spi.resource.WriteOptions;
import org.millrace.store.RecordStore;
import org.millrace.store.ScanRange;
import org.millrace.store.StoreOptions;
import org.millrace.store.StoredEntry;
import org.millrace.store.WriteRequest;

/** A journal, a store and a replicator, as a host has them. */
final class ClusterNode implements AutoCloseable {
    static final ContentFormats FORMATS = new ContentFormats(new ContentLimits(64 << 20, 256));

    private static final Own ALL = Own.of(List.of());

    final Listeners listeners;
    final Journal journal;
    final RecordStore store;
    final Replicator replicator;

    private ClusterNode(Listeners listeners, Journal journal, RecordStore store, Replicator replicator) {
        this.listeners = listeners;
        this.journal = journal;
        this.store = store;
        this.replicator = replicator;
    }

    /** Subscribers of any paths in some tables. */
    static final class Listeners implements LocalEvents {
        volatile Set<String> tables = Set.of();
        final List<Change> heard = new CopyOnWriteArrayList<>();

        @Override
        public Optional<Set<String>> tables(int most) {
            return Optional.of(tables);
        }

        @Override
        public void deliver(Change event) {
            heard.add(event);
        }
    }

    static ClusterNode start(Path directory, String name, String servers) {
        return start(directory, options(name, servers, new ClusterOptions.Login("", "", "", Optional.empty())));
    }

    static ClusterNode start(Path directory, ClusterOptions options) {
        return start(directory, options, 1 << 30);
    }

    static ClusterNode start(Path directory, ClusterOptions options, long retainBytes) {
        try {
            Journal journal = Journal.open(
                    JournalOptions.in(directory.resolve("journal"))
                            .withSegmentBytes(1 << 20)
                            .withRetention(retainBytes, Duration.ofDays(1), 1L << 32),
                    JournalFiles.system(),
                    FORMATS::trusted);
            RecordStore store = RecordStore.open(
                    StoreOptions.at(directory)
                            .withMapBytes(1L << 30)
                            .withIntervals(Duration.ofMillis(50), Duration.ofMillis(50), Duration.ofMillis(50))
                            .withTombstones(Duration.ofDays(1)),
                    journal,
                    FORMATS,
                    Clock.systemUTC());
            Listeners listeners = new Listeners();
            return new ClusterNode(
                    listeners,
                    journal,
                    store,
                    Replicator.start(
                            options,
                            journal,
                            store,
                            FORMATS,
                            Clock.systemUTC(),
                            listeners,
                            OptionalLong::empty,
                            changes -> {}));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static ClusterOptions options(String name, String servers, ClusterOptions.Login login) {
        return options(name, servers, login, List.of());
    }

    static ClusterOptions options(String name, String servers, ClusterOptions.Login login, List<String> tables) {
        return options(name, servers, login, tables, 1);
    }

    static ClusterOptions options(
            String name, String servers, ClusterOptions.Login login, List<String> tables, int streams) {
        return new ClusterOptions(
                servers,
                "test",
                name,
                login,
                Optional.empty(),
                streams,
                1,
                Duration.ofHours(1),
                1L << 30,
                16,
                tables,
                Duration.ofSeconds(2),
                Duration.ofMinutes(1));
    }

    Commit put(String path, String json) {
        return write(new Write.Put(path(path), FORMATS.of(MediaType.JSON, utf8(json)), WriteOptions.DEFAULT));
    }

    Commit patch(String path, String json) {
        return write(new Write.Patch(path(path), FORMATS.of(MediaType.MERGE_PATCH, utf8(json)), WriteOptions.DEFAULT));
    }

    Commit increment(String path, String field, int by) {
        String patch = "[{\"op\":\"increment\",\"path\":\"" + field + "\",\"value\":" + by + "}]";
        return write(new Write.Patch(path(path), FORMATS.of(MediaType.JSON_PATCH, utf8(patch)), WriteOptions.DEFAULT));
    }

    Commit delete(String path) {
        return write(new Write.Delete(path(path), WriteOptions.DEFAULT));
    }

    Commit publish(String path, String json) {
        return write(new Write.Publish(path(path), FORMATS.of(MediaType.JSON, utf8(json)), WriteOptions.DEFAULT));
    }

    /** An event kept nowhere, as the host makes it. */
    void pass(String path, String json) {
        replicator.publishTransient(Change.of(
                        ChangeKind.EVENT,
                        path(path),
                        new Version(journal.clock().next(), journal.node()),
                        new Cursor(journal.node(), journal.publishedSeq()))
                .content(FORMATS.of(MediaType.JSON, utf8(json)))
                .unjournaled()
                .build());
    }

    /** Takes over a change that no other node ever gets to know of. */
    void differ(Change change) {
        try {
            Copying.apply(store, List.of(change), List.of(), changes -> {});
        } catch (ReplicationException e) {
            throw new IllegalStateException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static org.millrace.spi.resource.Path path(String text) {
        return org.millrace.spi.resource.Path.of(text);
    }

    CompletableFuture<List<Commit>> submit(Write write) {
        CompletableFuture<List<Commit>> done = new CompletableFuture<>();
        boolean taken =
                store.submit(new WriteRequest(List.of(write), "tester", Durability.FSYNC, new WriteRequest.Outcome() {
                    @Override
                    public void committed(List<Commit> commits) {
                        done.complete(commits);
                    }

                    @Override
                    public void refused(ResourceException reason) {
                        done.completeExceptionally(reason);
                    }
                }));
        if (!taken) {
            throw new IllegalStateException("the queue is full");
        }
        return done;
    }

    private Commit write(Write write) {
        return submit(write).orTimeout(30, TimeUnit.SECONDS).join().getFirst();
    }

    /** The content of a record as text, or null. */
    String text(String path) {
        StoredEntry stored = store.get(path(path));
        return stored == null ? null : new String(stored.entry().content().toByteArray(), StandardCharsets.UTF_8);
    }

    /** Paths, versions and contents of all records that nodes have in common. */
    Map<String, String> records() {
        Map<String, String> all = new TreeMap<>();
        org.millrace.spi.resource.Path after = null;
        while (true) {
            List<StoredEntry> slice = store.scan(ScanRange.prefix(""), after, 1_000, 1 << 20);
            if (slice.isEmpty()) {
                return all;
            }
            for (StoredEntry stored : slice) {
                after = stored.entry().path();
                if (ALL.isShared(after)) {
                    all.put(
                            after.toString(),
                            stored.entry().version() + " "
                                    + new String(stored.entry().content().toByteArray(), StandardCharsets.UTF_8));
                }
            }
        }
    }

    /** All changes in the journal that nodes have in common. */
    List<Change> changes() {
        List<Change> changes = new ArrayList<>();
        try (ChangeReader reader = journal.read(journal.firstSeq() - 1)) {
            for (Change change = reader.next(); change != null; change = reader.next()) {
                if (ALL.isShared(change.path())) {
                    changes.add(change);
                }
            }
        }
        return changes;
    }

    ClusterStatus status() {
        return replicator.status();
    }

    @Override
    public void close() {
        replicator.close();
        store.close();
        journal.close();
    }
}
