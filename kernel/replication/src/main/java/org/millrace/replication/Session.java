package org.millrace.replication;

import io.nats.client.Connection;
import io.nats.client.Dispatcher;
import io.nats.client.JetStreamApiException;
import io.nats.client.Message;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.millrace.content.ContentFormats;
import org.millrace.journal.Journal;
import org.millrace.spi.resource.Change;
import org.millrace.spi.resource.ResourceException;
import org.millrace.spi.resource.Write;
import org.millrace.store.ForeignRequest;
import org.millrace.store.RecordStore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection's life: checks that stream and node belong together, then sends, receives and tells the others of this
 * node until the connection ends or something fails. Nothing of it outlives the connection but what is on disk.
 *
 * <p>{@link #run} is one thread's work and blocks; the other methods may be called by any thread.
 */
final class Session {
    private static final Logger log = LoggerFactory.getLogger(Session.class);
    private static final long TURN_MILLIS = 250;
    private static final int TURNS_PER_BEAT = 4;
    private static final int BEATS_PER_SAVE = 10;
    /** Longer than nodes are silent. */
    private static final int TURNS_TO_HEAR = 6;

    private static final Duration ENDING = Duration.ofSeconds(5);
    private final ClusterOptions options;
    private final Connection connection;
    private final Journal journal;
    private final Positions positions;
    private final Peers peers;
    private final Clock clock;
    private final TransientEvents events;
    private final ForeignPlaces places;
    private final Comparison comparison;
    private final Claims claims;
    private final Streams streams;
    private final CompletableFuture<Void> failed = new CompletableFuture<>();
    private final RecordStore store;
    private final Copies copies;
    private final Gaps gaps;
    private volatile boolean ended;

    Session(
            ClusterOptions options,
            Connection connection,
            Journal journal,
            RecordStore store,
            ContentFormats formats,
            Positions positions,
            Peers peers,
            TransientEvents events,
            ForeignPlaces places,
            Comparison comparison,
            Claims claims,
            Clock clock,
            Consumer<List<Change>> told)
            throws ReplicationException, IOException, JetStreamApiException {
        this.options = options;
        this.connection = connection;
        this.journal = journal;
        this.positions = positions;
        this.peers = peers;
        this.clock = clock;
        this.events = events;
        this.places = places;
        this.comparison = comparison;
        this.claims = claims;
        this.store = store;
        this.copies = new Copies(journal, store, Own.of(options.tables()), connection.getMaxPayload());
        String known = positions.membership();
        StreamFinder.Found found = new StreamFinder(options).find(connection, known, positions.streams());
        if (known.isEmpty()) {
            List<Write> joined = new ArrayList<>(positions.begun(options.streams()));
            joined.add(positions.membership(found.cluster()));
            save(store, joined);
        } else if (positions.streams() != options.streams()) {
            log.warn(
                    "The cluster has {} streams now, and had {}. Each node sends again what its journal has kept; what"
                            + " others have of it already they leave out",
                    options.streams(),
                    positions.streams());
            save(store, positions.divideAnew(options.streams()));
        }
        this.streams = new Streams(
                options,
                connection,
                found.epochs(),
                journal,
                store,
                formats,
                positions,
                clock,
                this::saved,
                told,
                failed::completeExceptionally);
        this.gaps = new Gaps(
                connection,
                peers,
                streams,
                clock,
                origin -> new Copying(
                        connection, pageSubject(origin), origin, Own.of(options.tables()), store, formats, told),
                new BegunCopies(
                        new Bookmarks(store, formats),
                        peers,
                        streams,
                        clock,
                        options.keepAge().toMillis(),
                        this::saved),
                failed::completeExceptionally);
    }

    Streams streams() {
        return streams;
    }

    /** What an operator should know: changes that will not come by themselves, and a stream that takes none. */
    List<String> troubles() {
        List<String> all = new ArrayList<>(gaps.inWords());
        all.addAll(streams.troubles());
        return all;
    }

    private boolean saved(List<Write> writes) {
        try {
            save(store, writes);
            return true;
        } catch (ReplicationException e) {
            log.debug("The place is saved later: {}", e.getMessage());
            return false;
        }
    }

    private static void save(RecordStore store, List<Write> writes) throws ReplicationException {
        CompletableFuture<Void> done = new CompletableFuture<>();
        boolean taken = store.submit(new ForeignRequest(List.of(), writes, new ForeignRequest.Outcome() {
            @Override
            public void applied(List<Change> taken, int superseded) {
                done.complete(null);
            }

            @Override
            public void refused(ResourceException reason) {
                done.completeExceptionally(reason);
            }
        }));
        try {
            if (!taken) {
                throw ReplicationException.passing("the store has too many writes waiting", null);
            }
            done.get(ENDING.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw ReplicationException.passing("interrupted", e);
        } catch (ExecutionException | TimeoutException e) {
            throw ReplicationException.passing(
                    "the store does not take writes: "
                            + ResourceException.from(e).getMessage(),
                    e);
        }
    }

    /** Works until the connection ends, something fails, or it is told to stop. */
    void run(BooleanSupplier stopping) throws ReplicationException, InterruptedException {
        List<Thread> carrying = streams.start(this::work);
        Thread passing = work("millrace-cluster-events", () -> events.run(connection, () -> ended));
        Thread comparing =
                work("millrace-cluster-compare", () -> comparison.run(connection, this::isSettled, () -> ended));
        Thread claiming = work(
                "millrace-cluster-claims", () -> claims.run(connection, new Sending(), streams::accepted, () -> ended));
        Dispatcher ears = connection.createDispatcher(this::hear);
        Dispatcher eventEars = connection.createDispatcher(events::hear);
        Set<String> followed = new HashSet<>();
        int turn = 0;
        try {
            ears.subscribe(options.prefix() + "beat.*");
            for (Lane lane : streams.lanes()) {
                ears.subscribe(lane.resend(journal.node()), request -> sendAgain(lane, request));
            }
            // A dispatcher of its own: reading a page may wait for the disk.
            connection.createDispatcher(this::give).subscribe(pageSubject(journal.node()));
            connection
                    .createDispatcher(message -> connection.publish(
                            String.valueOf(message.getReplyTo()), comparison.answer(message.getData())))
                    .subscribe(options.prefix() + "sums." + Long.toHexString(journal.node()));
            while (!stopping.getAsBoolean() && !gaps.isFilled()) {
                if (connection.getStatus() != Connection.Status.CONNECTED) {
                    throw ReplicationException.passing(
                            "the connection to NATS is lost; it is made anew as soon as a server answers", null);
                }
                boolean wantsElse = events.follow(eventEars, followed);
                if (turn++ % TURNS_PER_BEAT == 0) {
                    noteSight();
                    beat();
                    gaps.look(() -> ended);
                } else if (wantsElse) {
                    beat();
                }
                if (turn >= TURNS_TO_HEAR && streams.wasCaughtUp()) {
                    claims.begin();
                }
                savePlaces(turn % (TURNS_PER_BEAT * BEATS_PER_SAVE) == 1);
                try {
                    failed.get(TURN_MILLIS, TimeUnit.MILLISECONDS);
                } catch (TimeoutException e) {
                    continue;
                } catch (ExecutionException e) {
                    throw asReplication(e.getCause() == null ? e : e.getCause());
                }
            }
        } catch (IllegalStateException e) {
            throw ReplicationException.passing("the connection to NATS is lost: " + e.getMessage(), e);
        } finally {
            ended = true;
            streams.stop();
            boolean still = join(carrying);
            join(List.of(passing, comparing, claiming));
            gaps.join(ENDING);
            if (still) {
                streams.saveIfDue();
                List<Write> settled = gaps.settled(positions);
                if (!settled.isEmpty()) {
                    // If it cannot be, the bookmark of the whole copy leads to the same later.
                    var _ = saved(settled);
                }
            }
            savePlaces(true);
        }
    }

    /** Waits for some seconds; whether all have ended. */
    private static boolean join(List<Thread> threads) throws InterruptedException {
        long end = System.nanoTime() + ENDING.toNanos();
        boolean all = true;
        for (Thread thread : threads) {
            all &= thread.join(Duration.ofNanos(Math.max(1, end - System.nanoTime())));
        }
        return all;
    }

    /** For {@link Claims}: how far this node's changes are read. */
    private final class Sending implements Claims.Sending {
        @Override
        public List<Outbox.Place> read() {
            return streams.read();
        }

        @Override
        public long synced() {
            return journal.syncedSeq();
        }
    }

    private void beat() {
        peers.refresh();
        connection.publish(
                options.prefix() + "beat." + Long.toHexString(journal.node()),
                peers.beat(
                        streams.progress(),
                        events.wants(),
                        streams.contained(journal, peers),
                        places.holds().own(),
                        comparison.sums().told()));
    }

    /** Whether this node has everything that is in the stream. */
    private boolean isSettled() {
        return streams.wasCaughtUp() && streams.behind() == 0 && gaps.isNone();
    }

    /** Remembers what this node's journal contains at most, unless records were copied into it that nobody has counted. */
    private void noteSight() {
        if (gaps.hasCopied() || !streams.wasCaughtUp()) {
            return;
        }
        places.cursors().note(streams.reaching());
    }

    private void savePlaces(boolean longSince) {
        places.due(longSince).ifPresent(kept -> {
            try {
                save(store, positions.places(kept));
            } catch (ReplicationException e) {
                places.notSaved();
                log.debug("Places of other nodes are saved later: {}", e.getMessage());
            }
        });
    }

    private static ReplicationException asReplication(Throwable cause) {
        return cause instanceof ReplicationException known ? known : ReplicationException.interrupted(cause);
    }

    private Thread work(String name, Streams.Work work) {
        return Thread.ofPlatform().name(name).daemon().start(() -> {
            try {
                work.run();
            } catch (Exception | Error e) {
                failed.completeExceptionally(e);
            }
        });
    }

    private String pageSubject(long node) {
        return options.prefix() + "page." + Long.toHexString(node);
    }

    private void give(Message request) {
        try {
            connection.publish(String.valueOf(request.getReplyTo()), copies.page(request.getData()));
        } catch (ResourceException e) {
            log.warn("Another node cannot be given records: {}", e.getMessage());
        }
    }

    private void hear(Message beat) {
        try {
            peers.heard(beat.getData()).ifPresent(peer -> {
                places.heard(peer);
                Lineage.contradiction(journal, peer).ifPresent(failed::completeExceptionally);
            });
        } catch (ReplicationException e) {
            failed.completeExceptionally(e);
        }
    }

    private void sendAgain(Lane lane, Message request) {
        try {
            long after = Long.parseLong(new String(request.getData(), StandardCharsets.US_ASCII));
            String answer = streams.sender(lane.number()).resend(after) ? Gaps.KEPT : Gaps.NOT_KEPT;
            connection.publish(String.valueOf(request.getReplyTo()), answer.getBytes(StandardCharsets.US_ASCII));
        } catch (NumberFormatException e) {
            log.debug("A request of another release is not understood: {}", e.getMessage());
        }
    }
}
