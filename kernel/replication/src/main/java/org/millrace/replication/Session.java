package org.millrace.replication;

import io.nats.client.Connection;
import io.nats.client.Dispatcher;
import io.nats.client.JetStreamApiException;
import io.nats.client.Message;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
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
    private final Sender sender;
    private final Receiver receiver;
    private final CompletableFuture<Void> failed = new CompletableFuture<>();
    private final RecordStore store;
    private final Copies copies;
    private final Lineage lineage;
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
        Link.Stream stream = new Link(options).stream(connection, known);
        this.lineage = new Lineage(options, journal, positions);
        lineage.requireUnforked(connection, formats);
        if (known.isEmpty()) {
            save(store, List.of(positions.membership(stream.cluster())));
        }
        this.sender = new Sender(
                journal,
                connection.jetStream(),
                options,
                connection.getMaxPayload(),
                lineage.from(stream.epoch()),
                place -> {
                    try {
                        save(store, List.of(positions.published(place, stream.epoch())));
                    } catch (ReplicationException e) {
                        log.debug("The place is saved later: {}", e.getMessage());
                    }
                });
        this.receiver = new Receiver(
                connection.getStreamContext(options.stream()),
                options,
                stream.epoch(),
                store,
                formats,
                positions,
                clock,
                journal.node(),
                this::checkEcho,
                told);
        this.gaps = new Gaps(
                connection,
                peers,
                receiver,
                clock,
                origin -> resendSubject(options, origin),
                origin -> new Copying(
                        connection, pageSubject(origin), origin, Own.of(options.tables()), store, formats, told),
                (origin, through) -> positions.applied(
                        origin, through, positions.applied(stream.epoch()).resumeAfter(), stream.epoch()),
                failed::completeExceptionally);
    }

    Sender sender() {
        return sender;
    }

    Receiver receiver() {
        return receiver;
    }

    /** Changes that have not come and will not come by themselves, in words. */
    List<String> missing() {
        return gaps.inWords();
    }

    private void checkEcho(ClusterMessage message) {
        lineage.contradiction(message).ifPresent(failed::completeExceptionally);
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
        Thread out = work("millrace-cluster-out", sender::run);
        Thread in = work("millrace-cluster-in", receiver::run);
        Thread passing = work("millrace-cluster-events", () -> events.run(connection, () -> ended));
        Thread comparing =
                work("millrace-cluster-compare", () -> comparison.run(connection, this::isSettled, () -> ended));
        Thread claiming = work(
                "millrace-cluster-claims", () -> claims.run(connection, new Sending(), this::accepted, () -> ended));
        Dispatcher ears = connection.createDispatcher(this::hear);
        Dispatcher eventEars = connection.createDispatcher(events::hear);
        Set<String> followed = new HashSet<>();
        int turn = 0;
        try {
            ears.subscribe(options.prefix() + "beat.*");
            ears.subscribe(resendSubject(options, journal.node()));
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
                if (turn >= TURNS_TO_HEAR && receiver.wasCaughtUp()) {
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
            sender.stop();
            receiver.stop();
            in.join(ENDING);
            out.join(ENDING);
            passing.join(ENDING);
            comparing.join(ENDING);
            claiming.join(ENDING);
            gaps.join(ENDING);
            savePlaces(true);
        }
    }

    /** For {@link Claims}: how far this node's changes are read. */
    private final class Sending implements Claims.Sending {
        @Override
        public Outbox.Place read() {
            return sender.read();
        }

        @Override
        public long synced() {
            return journal.syncedSeq();
        }
    }

    private long accepted(long node) {
        return receiver.origins()
                .getOrDefault(node, Receiver.OriginState.UNKNOWN)
                .accepted();
    }

    private void beat() {
        peers.refresh();
        connection.publish(
                options.prefix() + "beat." + Long.toHexString(journal.node()),
                peers.beat(
                        sender.lastOwn(),
                        sender.acknowledged().last(),
                        events.wants(),
                        sight(),
                        places.holds().own(),
                        comparison.sums().told()));
    }

    /** Whether this node has everything that is in the stream. */
    private boolean isSettled() {
        return receiver.wasCaughtUp() && receiver.behind() == 0 && gaps.isNone();
    }

    /** What this node's journal contains at least. */
    private ForeignCursors.Sight sight() {
        Map<Long, Long> seen = new HashMap<>();
        receiver.origins().forEach((node, state) -> seen.put(node, state.accepted()));
        seen.put(journal.node(), sender.read().last());
        // Looked at last: it has all of that.
        return new ForeignCursors.Sight(journal.publishedSeq(), seen);
    }

    /** Remembers what this node's journal contains at most, unless records were copied into it that nobody has counted. */
    private void noteSight() {
        if (gaps.hasCopied() || !receiver.wasCaughtUp()) {
            return;
        }
        // Looked at first: nothing later is in it.
        Outbox.Place own = sender.read();
        Map<Long, Long> seen = new HashMap<>(receiver.reaching());
        seen.put(journal.node(), own.last());
        places.cursors().note(new ForeignCursors.Sight(own.read(), seen));
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
        return cause instanceof ReplicationException known
                ? known
                : ReplicationException.passing(
                        ClusterOptions.withoutSecrets("replication is interrupted: "
                                + (cause.getMessage() == null ? cause.toString() : cause.getMessage())),
                        cause);
    }

    private interface Work {
        void run() throws Exception;
    }

    private Thread work(String name, Work work) {
        return Thread.ofPlatform().name(name).daemon().start(() -> {
            try {
                work.run();
            } catch (Exception | Error e) {
                failed.completeExceptionally(e);
            }
        });
    }

    private static String resendSubject(ClusterOptions options, long node) {
        return options.prefix() + "resend." + Long.toHexString(node);
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

    private void hear(Message message) {
        try {
            if (message.getSubject().startsWith(options.prefix() + "beat.")) {
                peers.heard(message.getData()).ifPresent(places::heard);
                return;
            }
            long after = Long.parseLong(new String(message.getData(), StandardCharsets.US_ASCII));
            connection.publish(
                    String.valueOf(message.getReplyTo()),
                    (sender.resend(after) ? Gaps.KEPT : Gaps.NOT_KEPT).getBytes(StandardCharsets.US_ASCII));
        } catch (ReplicationException e) {
            failed.completeExceptionally(e);
        } catch (NumberFormatException e) {
            log.debug("A request of another release is not understood: {}", e.getMessage());
        }
    }
}
