package org.millrace.replication;

import io.nats.client.Connection;
import io.nats.client.Message;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongFunction;
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
 * against what is here as any change is, so nothing later is overwritten. One thread's work; blocks. {@link #records()} may
 * be asked by any.
 *
 * <p><b>What a copy proves.</b> Each page says up to which place of its node's journal it has everything. Places only grow,
 * so every page has all that lies up to the place of the <em>first</em> page, whenever it is asked for: what was a record
 * there comes with the records, unless it was removed before its page was read; then the removal comes, for removals are
 * asked for behind the records. What happened to a path behind that place may be here or not. It comes from the stream, all
 * of it, for the origin's changes go on behind the place of the first page; and where it is here already, it has the same
 * version and brings nothing new. So records and removals of different moments may be put together, and the copy stands for
 * the earliest of them.
 *
 * <p><b>Interruptions.</b> How far the copy has come is a {@link Bookmark}, written in the same group of the journal as the
 * page itself: after a crash neither is there without the other. A copy that is taken up again keeps the place of its very
 * first page. It may even go on at another node than before, which has the same tables: each of both proves a change of the
 * origin up to which it had everything, and the lesser of them holds for all that has come, for the paths from either.
 * Removals are remembered for a time only; therefore a bookmark counts for {@code cluster.keep-age}, which is never longer.
 */
final class Copying {
    private static final Logger log = LoggerFactory.getLogger(Copying.class);
    private static final Duration ANSWER = Duration.ofSeconds(20);
    private static final long PROGRESS_NANOS = 5_000_000_000L;
    private static final long EARLY_MILLIS = 250;
    private static final int MOST_EARLY = 80;

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
     * Copies everything that has not come yet.
     *
     * @param from where to go on
     * @param proved up to which change of each stream of the origin all is there as of a place of the journal of the node
     *     that is copied; null if that cannot be said of so early a place
     * @param keep makes the write that remembers how far it has come
     * @param stopping asked between pages; true breaks it off
     * @return how far it has come; everything, unless it was broken off
     */
    Bookmark run(
            Bookmark from,
            LongFunction<@Nullable List<Long>> proved,
            Function<Bookmark, Write> keep,
            BooleanSupplier stopping)
            throws ReplicationException, InterruptedException {
        Bookmark mark = from;
        records = from.records();
        boolean isProved = false;
        long next = System.nanoTime() + PROGRESS_NANOS;
        int early = 0;
        while (!mark.isDone() && !stopping.getAsBoolean()) {
            Copies.Page page = ask(mark.stage(), Copies.Part.ALL, mark.after());
            if (!isProved) {
                List<Long> changes = proved.apply(page.through());
                if (changes == null) {
                    requirePatience(++early);
                    continue;
                }
                mark = mark.proving(changes);
                isProved = true;
            }
            mark = mark.behind(page);
            apply(store, wanted(page), List.of(keep.apply(mark)), told);
            records = mark.records();
            if (System.nanoTime() - next >= 0) {
                next = System.nanoTime() + PROGRESS_NANOS;
                log.info("Copied {} records of node {} so far", records, Long.toHexString(origin));
            }
        }
        return mark;
    }

    /** A node's disk comes a moment behind what it tells of itself. */
    private void requirePatience(int times) throws ReplicationException, InterruptedException {
        if (times > MOST_EARLY) {
            throw ReplicationException.passing(
                    "node " + Long.toHexString(origin) + " has not stored yet what it has journaled; its records are"
                            + " copied later. See whether its disk is full or slow",
                    null);
        }
        Thread.sleep(EARLY_MILLIS);
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
                                + " does not answer while its records are copied; the copy goes on where it is"
                                + " when that node, or another one that has them, answers",
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
