package org.millrace.benchmarks.replication;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;
import org.millrace.content.ContentFormats;
import org.millrace.content.ContentLimits;
import org.millrace.journal.Journal;
import org.millrace.journal.JournalFiles;
import org.millrace.journal.JournalOptions;
import org.millrace.replication.ClusterOptions;
import org.millrace.replication.ClusterStatus;
import org.millrace.replication.LocalEvents;
import org.millrace.replication.Replicator;
import org.millrace.spi.content.MediaType;
import org.millrace.spi.resource.Change;
import org.millrace.spi.resource.Commit;
import org.millrace.spi.resource.Durability;
import org.millrace.spi.resource.ResourceException;
import org.millrace.spi.resource.Write;
import org.millrace.spi.resource.WriteOptions;
import org.millrace.store.RecordStore;
import org.millrace.store.StoreOptions;
import org.millrace.store.WriteRequest;

/** One node: a journal, a store and a replicator as a host has them. Its records hold when they were put. */
final class NodeUnderTest implements AutoCloseable {
    static final int BODY = 300;
    private static final int TABLES = 64;
    static final String CLUSTER = "bench";
    private static final ContentFormats FORMATS = new ContentFormats(new ContentLimits(1 << 20, 256));
    private static final long LONGEST_MICROS = 600_000_000L;

    private final int streams;
    private final Journal journal;
    private final RecordStore store;
    private final Replicator replicator;
    private final LongAdder taken = new LongAdder();
    private volatile Histogram lagMicros = new ConcurrentHistogram(3);

    private NodeUnderTest(Path directory, String name, String servers, long retainBytes, int streams)
            throws IOException {
        this.streams = streams;
        journal = Journal.open(
                JournalOptions.in(directory.resolve("journal"))
                        .withSegmentBytes(64 << 20)
                        .withRetention(retainBytes, Duration.ofDays(1), 1L << 34),
                JournalFiles.system(),
                FORMATS::trusted);
        store = RecordStore.open(
                StoreOptions.at(directory).withTombstones(Duration.ofDays(1)), journal, FORMATS, Clock.systemUTC());
        replicator = Replicator.start(
                options(name, servers, streams),
                journal,
                store,
                FORMATS,
                Clock.systemUTC(),
                new NoListeners(),
                OptionalLong::empty,
                this::taken);
    }

    /** Starts a node in a directory, new or not. */
    static NodeUnderTest start(Path directory, String name, String servers, long retainBytes, int streams)
            throws IOException {
        return new NodeUnderTest(directory, name, servers, retainBytes, streams);
    }

    private static ClusterOptions options(String name, String servers, int streams) {
        return new ClusterOptions(
                servers,
                CLUSTER,
                name,
                new ClusterOptions.Login("", "", "", Optional.empty()),
                Optional.empty(),
                streams,
                1,
                Duration.ofHours(1),
                10L << 30,
                64,
                List.of(),
                Duration.ofHours(1),
                Duration.ofMinutes(1));
    }

    private record NoListeners() implements LocalEvents {
        @Override
        public Optional<Set<String>> tables(int most) {
            return Optional.of(Set.of());
        }

        @Override
        public void deliver(Change event) {}
    }

    private void taken(List<Change> changes) {
        long now = System.nanoTime();
        for (Change change : changes) {
            byte[] body = change.content().orElseThrow().toByteArray();
            long micros = (now - ByteBuffer.wrap(body).getLong()) / 1_000;
            lagMicros.recordValue(Math.clamp(micros, 0, LONGEST_MICROS));
        }
        taken.add(changes.size());
    }

    /** Puts a record, with several streams into one of several tables; waits if there is no room. */
    void put(String table, int key, Runnable durable) {
        byte[] body = ByteBuffer.allocate(BODY).putLong(System.nanoTime()).array();
        Write put = new Write.Put(
                org.millrace.spi.resource.Path.of(table + (streams == 1 ? "" : "-" + key % TABLES) + "/record-" + key),
                FORMATS.trusted(MediaType.OCTET_STREAM, body),
                WriteOptions.DEFAULT);
        WriteRequest request = new WriteRequest(List.of(put), "", Durability.FSYNC, new WriteRequest.Outcome() {
            @Override
            public void committed(List<Commit> commits) {
                durable.run();
            }

            @Override
            public void refused(ResourceException reason) {
                throw reason;
            }
        });
        while (!store.submit(request)) {
            LockSupport.parkNanos(50_000);
        }
    }

    /** Changes of others taken over since the start. */
    long taken() {
        return taken.sum();
    }

    /** From a put at another node until it was taken over here, since this was asked last. */
    Histogram lagMicros() {
        Histogram lag = lagMicros;
        lagMicros = new ConcurrentHistogram(3);
        return lag;
    }

    /** How many records and removals were copied or taken, by the node's own account. */
    ClusterStatus status() {
        return replicator.status();
    }

    /** Waits until nothing is left to apply. */
    void awaitApplied() {
        while (store.status().overlayEntries() > 0) {
            LockSupport.parkNanos(20_000_000);
        }
    }

    @Override
    public void close() {
        replicator.close();
        store.close();
        journal.close();
    }
}
