package org.millrace.replication;

import io.nats.client.Connection;
import io.nats.client.Message;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.millrace.content.ContentFormats;
import org.millrace.spi.resource.Change;
import org.millrace.spi.resource.Path;
import org.millrace.spi.resource.ResourceException;
import org.millrace.spi.resource.Write;
import org.millrace.store.ForeignRequest;
import org.millrace.store.RecordStore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes another node's records, all of them, where its changes can no longer be had one by one. Each record is held
 * against what is here as any change is, so nothing later is overwritten; when all is on disk, so is the place from which
 * the origin's changes go on. One thread's work; blocks. {@link #records()} may be asked by any.
 */
final class Copying {
    private static final Logger log = LoggerFactory.getLogger(Copying.class);
    private static final Duration ANSWER = Duration.ofSeconds(20);
    private static final long PROGRESS_NANOS = 5_000_000_000L;

    private final Connection connection;
    private final String subject;
    private final long origin;
    private final Own shared;
    private final RecordStore store;
    private final ContentFormats formats;
    private final Consumer<List<Change>> told;
    private volatile long records;

    Copying(
            Connection connection,
            String subject,
            long origin,
            Own shared,
            RecordStore store,
            ContentFormats formats,
            Consumer<List<Change>> told) {
        this.connection = connection;
        this.subject = subject;
        this.origin = origin;
        this.shared = shared;
        this.store = store;
        this.formats = formats;
        this.told = told;
    }

    /** How many records and removals have come so far. */
    long records() {
        return records;
    }

    /**
     * Copies everything.
     *
     * @param stopping asked between pages; true gives up
     * @return up to which change of the origin this node has everything then; 0 if it was given up
     */
    long run(BooleanSupplier stopping) throws ReplicationException, InterruptedException {
        long through = 0;
        long next = System.nanoTime() + PROGRESS_NANOS;
        log.info("Copies the records of node {}, for its changes are no longer kept", Long.toHexString(origin));
        for (char kind : new char[] {Copies.RECORDS, Copies.REMOVALS}) {
            @Nullable Path after = null;
            while (true) {
                if (stopping.getAsBoolean()) {
                    return 0;
                }
                Copies.Page page = ask(kind, Copies.Part.ALL, after);
                through = through == 0 ? page.through() : through;
                if (page.changes().isEmpty()) {
                    break;
                }
                after = page.changes().getLast().path();
                apply(store, wanted(page), List.of(), told);
                records += page.changes().size();
                if (System.nanoTime() - next >= 0) {
                    next = System.nanoTime() + PROGRESS_NANOS;
                    log.info("Copied {} records of node {} so far", records, Long.toHexString(origin));
                }
            }
        }
        log.info("Copied {} records and removals of node {}", records, Long.toHexString(origin));
        return through;
    }

    /**
     * Takes over the records and removals of some ranges of a table.
     *
     * @param stopping asked between pages; true gives up
     * @return how many brought something new
     */
    long ranges(String table, long ranges, BooleanSupplier stopping) throws ReplicationException, InterruptedException {
        long taken = 0;
        for (char kind : new char[] {Copies.RECORDS, Copies.REMOVALS}) {
            @Nullable Path after = null;
            while (!stopping.getAsBoolean()) {
                Copies.Page page = ask(kind, new Copies.Part(table, ranges), after);
                if (page.changes().isEmpty()) {
                    break;
                }
                after = page.changes().getLast().path();
                taken += apply(store, wanted(page), List.of(), told);
            }
        }
        return taken;
    }

    /** Writes down that everything is here. */
    void finish(List<Write> places) throws ReplicationException, InterruptedException {
        apply(store, List.of(), places, told);
    }

    /** What this node has in common with others, whatever that one gives. */
    private List<Change> wanted(Copies.Page page) {
        return page.changes().stream()
                .filter(change -> shared.isShared(change.path()))
                .toList();
    }

    private Copies.Page ask(char kind, Copies.Part part, @Nullable Path after)
            throws ReplicationException, InterruptedException {
        Copies.Pieces pieces = new Copies.Pieces();
        while (true) {
            Message answer = connection.request(subject, Copies.request(kind, part, after, pieces.offset()), ANSWER);
            if (answer == null) {
                throw ReplicationException.passing(
                        "node " + Long.toHexString(origin)
                                + " does not answer while its records are copied; it begins anew",
                        null);
            }
            byte[] page = pieces.offer(answer.getData());
            if (page != null) {
                return Copies.read(page, origin, formats);
            }
        }
    }

    /** Takes changes over and waits until they are on disk; returns how many brought something new. */
    static int apply(RecordStore store, List<Change> changes, List<Write> along, Consumer<List<Change>> told)
            throws ReplicationException, InterruptedException {
        CompletableFuture<Integer> done = new CompletableFuture<>();
        ForeignRequest request = new ForeignRequest(changes, along, new ForeignRequest.Outcome() {
            @Override
            public void applied(List<Change> taken, int superseded) {
                try {
                    told.accept(taken);
                } finally {
                    done.complete(taken.size());
                }
            }

            @Override
            public void refused(ResourceException reason) {
                done.completeExceptionally(reason);
            }
        });
        while (!store.submit(request)) {
            Thread.sleep(5);
        }
        try {
            return done.get();
        } catch (ExecutionException e) {
            throw ReplicationException.passing(
                    "records of another node cannot be taken over: "
                            + ResourceException.from(e).getMessage(),
                    e);
        }
    }
}
