package org.millrace.replication;

import io.nats.client.Connection;
import io.nats.client.JetStreamApiException;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.millrace.content.ContentFormats;
import org.millrace.journal.Journal;
import org.millrace.spi.plugin.Registration;
import org.millrace.spi.resource.Change;
import org.millrace.spi.resource.Cursor;
import org.millrace.spi.resource.ResourceException;
import org.millrace.store.RecordStore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes this host one node of several: keeps a connection to NATS whenever there is one to be had, and replicates over
 * it. The host does not depend on it: without NATS it serves, and what it decides waits in its journal.
 *
 * <p>Safe for use by any thread. {@link #close} blocks for as long as what is under way takes to end.
 */
public final class Replicator implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Replicator.class);
    private static final Duration RETRY = Duration.ofSeconds(1);
    private static final Duration ENDING = Duration.ofSeconds(15);
    private static final int MOST_REPORTED = 20;

    private final ClusterOptions options;
    private final Journal journal;
    private final RecordStore store;
    private final ContentFormats formats;
    private final Clock clock;
    private final Consumer<List<Change>> told;
    private final Positions positions;
    private final Peers peers;
    private final TransientEvents events;
    private final ForeignPlaces places;
    private final Comparison comparison;
    private final Claims claims;
    private final Registration pin;
    private final Registration holding;
    private final Thread thread;
    private final ReentrantLock turn = new ReentrantLock();
    private volatile boolean closing;
    private volatile ClusterStatus.State state = ClusterStatus.State.CONNECTING;
    private volatile String detail = "not connected yet";
    private volatile @Nullable Session session;
    private volatile long kept;
    // What sessions before the present one have done.
    private long appliedBefore;
    private long supersededBefore;
    private long mergedBefore;
    /** What was logged since the last connection, each once. */
    private final Set<String> reported = new HashSet<>();

    private Replicator(
            ClusterOptions options,
            Journal journal,
            RecordStore store,
            ContentFormats formats,
            Clock clock,
            LocalEvents local,
            Supplier<OptionalLong> held,
            Consumer<List<Change>> told) {
        this.options = options;
        this.journal = journal;
        this.store = store;
        this.formats = formats;
        this.clock = clock;
        this.told = told;
        this.positions = new Positions(store, formats);
        this.peers = new Peers(
                journal.node(),
                options.node(),
                Long.toHexString(new SecureRandom().nextLong()),
                options.tables(),
                clock);
        this.events = new TransientEvents(options, journal, formats, peers, local);
        this.comparison = new Comparison(options, store, formats, peers, clock, told);
        this.places =
                new ForeignPlaces(journal.node(), held, clock, options.keepAge().toMillis(), positions.places());
        this.claims = new Claims(journal.node(), options, peers);
        this.kept = Lane.all(options).stream()
                .mapToLong(lane -> positions.published(lane.number()).place().read())
                .min()
                .orElseThrow();
        this.pin = journal.retain("replication", this::keptThrough);
        this.holding = journal.retain("other nodes' clients", places.holds()::seen, places.holds()::expire);
        this.thread = Thread.ofPlatform().name("millrace-cluster").daemon().unstarted(this::run);
    }

    /**
     * Starts to replicate, or to try.
     *
     * @param options which cluster, and how to reach it
     * @param journal this node's
     * @param store this node's, opened with a memory of removals
     * @param formats makes contents
     * @param clock the time
     * @param local this node's subscribers, for events that are kept nowhere
     * @param held behind which place of this node's journal its clients may need what follows, wherever they come next
     * @param told of changes of others that prevailed here, on the writer thread: it must only hand over
     * @return running
     */
    public static Replicator start(
            ClusterOptions options,
            Journal journal,
            RecordStore store,
            ContentFormats formats,
            Clock clock,
            LocalEvents local,
            Supplier<OptionalLong> held,
            Consumer<List<Change>> told) {
        Replicator replicator = new Replicator(options, journal, store, formats, clock, local, held, told);
        log.info(
                "Replicates with cluster '{}' as node '{}' ({}) over {}",
                options.cluster(),
                options.node(),
                Long.toHexString(journal.node()),
                ClusterOptions.withoutSecrets(options.servers()));
        replicator.thread.start();
        return replicator;
    }

    /**
     * Sends an event that is kept nowhere to those nodes that want it, if there are any. Does not wait: what cannot be sent
     * is lost, as such an event may be.
     *
     * @param event of this node
     */
    public void publishTransient(Change event) {
        events.offer(event);
    }

    /**
     * Where a subscriber goes on here that was at another node: at a place before which there is nothing that it has not
     * seen there, though it may see some changes again.
     *
     * @param foreign a cursor of another node
     * @return a cursor of this node; empty if that node is not known, or was at that place before this one knew of it
     */
    public Optional<Cursor> here(Cursor foreign) {
        OptionalLong place = places.cursors().here(foreign.node(), foreign.position());
        return place.isPresent() ? Optional.of(new Cursor(journal.node(), place.getAsLong())) : Optional.empty();
    }

    /**
     * Asks all other nodes to let go of a name, as {@link org.millrace.spi.plugin.Cluster#claim} says.
     *
     * @param plugin whose name it is
     * @param name the name
     * @return completes on a thread of this class that must not be blocked
     */
    public CompletionStage<Void> claim(String plugin, String name) {
        return claims.claim(plugin, name);
    }

    /**
     * Sets what lets go of a plugin's names.
     *
     * @param plugin whose names
     * @param letGo as {@link org.millrace.spi.plugin.Cluster#onClaim} says
     * @return closing it ends that
     */
    public Registration onClaim(String plugin, Function<String, CompletionStage<Boolean>> letGo) {
        return claims.onClaim(plugin, letGo);
    }

    /** What need not be kept for sending. */
    private long keptThrough() {
        Session now = session;
        if (now != null) {
            kept = Math.max(kept, now.streams().acknowledged());
        }
        return kept;
    }

    private void run() {
        while (!closing) {
            try {
                connectAndWork();
                state = ClusterStatus.State.CONNECTING;
            } catch (ReplicationException e) {
                report(e);
                if (e.isLasting()) {
                    return;
                }
            } catch (IOException | JetStreamApiException | ResourceException e) {
                report(ReplicationException.interrupted(e));
            } catch (InterruptedException e) {
                return;
            } catch (RuntimeException e) {
                log.error("Replication failed because of a defect and begins anew; please report it", e);
                state = ClusterStatus.State.CONNECTING;
                detail = e.toString();
            }
            try {
                if (!closing) {
                    Thread.sleep(RETRY);
                }
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    private void report(ReplicationException e) {
        String what = String.valueOf(e.getMessage());
        detail = what;
        state = e.isLasting() ? ClusterStatus.State.STOPPED : ClusterStatus.State.CONNECTING;
        if (e.isLasting()) {
            log.error("Replication has stopped: {}. This host serves on alone; restart it when that is done", what);
        } else if (!closing && reported.size() < MOST_REPORTED && reported.add(what)) {
            log.warn("No replication at present: {}", what);
        }
    }

    private void connectAndWork()
            throws ReplicationException, InterruptedException, IOException, JetStreamApiException {
        try (Connection connection =
                new Link(options).connect("millrace " + options.node() + " " + Long.toHexString(journal.node()))) {
            Session made = new Session(
                    options,
                    connection,
                    journal,
                    store,
                    formats,
                    positions,
                    peers,
                    events,
                    places,
                    comparison,
                    claims,
                    clock,
                    told);
            session = made;
            state = ClusterStatus.State.RUNNING;
            detail = "";
            reported.clear();
            log.info(
                    "Connected to NATS at {}",
                    ClusterOptions.withoutSecrets(String.valueOf(connection.getConnectedUrl())));
            try {
                made.run(() -> closing);
            } finally {
                retire(made);
            }
        }
    }

    private void retire(Session ended) {
        turn.lock();
        try {
            keptThrough();
            session = null;
            appliedBefore += ended.streams().applied();
            supersededBefore += ended.streams().superseded();
            mergedBefore += ended.streams().merged();
        } finally {
            turn.unlock();
        }
    }

    /**
     * How this node is doing. Reads a few records when there is no connection; does not block otherwise.
     *
     * @return as of now
     */
    public ClusterStatus status() {
        turn.lock();
        try {
            Session now = session;
            Map<Origin, Receiver.OriginState> origins =
                    now == null ? stored() : now.streams().origins();
            List<String> alerts = new ArrayList<>(peers.alerts());
            if (now != null) {
                alerts.addAll(now.troubles());
            }
            if (!detail.isEmpty()) {
                alerts.add(detail);
            }
            List<ClusterStatus.Origin> nodes = OtherNodes.of(origins, peers, journal.node(), clock.millis());
            alerts.addAll(OtherNodes.aheadOf(nodes, options.maxAhead()));
            long unsent = Math.max(
                    0,
                    journal.publishedSeq() - (now == null ? kept : now.streams().acknowledged()));
            return new ClusterStatus(
                    state,
                    detail,
                    options.cluster(),
                    options.node(),
                    journal.node(),
                    unsent,
                    now == null ? 0 : now.streams().sent(),
                    appliedBefore + (now == null ? 0 : now.streams().applied()),
                    supersededBefore + (now == null ? 0 : now.streams().superseded()),
                    mergedBefore + (now == null ? 0 : now.streams().merged()),
                    now == null ? 0 : now.streams().behind(),
                    events.received(),
                    events.lost(),
                    comparison.repaired(),
                    comparison.sums().moment(),
                    comparison.sums().tree(),
                    comparison.sums().tables(),
                    nodes,
                    alerts);
        } finally {
            turn.unlock();
        }
    }

    private Map<Origin, Receiver.OriginState> stored() {
        Map<Origin, Receiver.OriginState> all = new HashMap<>();
        for (Lane lane : Lane.all(options)) {
            positions
                    .applied(lane.number(), "")
                    .applied()
                    .forEach((node, last) -> all.put(
                            new Origin(node, lane.number()), new Receiver.OriginState(last, 0, Inbox.Wait.NONE, 0)));
        }
        return all;
    }

    /** So that others have what was written here last, if there is a way to them. */
    private void sendTheRest() throws InterruptedException {
        long end = System.nanoTime() + ENDING.toNanos() / 3;
        while (state == ClusterStatus.State.RUNNING && System.nanoTime() - end < 0) {
            Session now = session;
            if (now == null || now.streams().acknowledged() >= journal.syncedSeq()) {
                return;
            }
            Thread.sleep(5);
        }
    }

    /**
     * Sends what was written last, for some seconds at most, and stops; what is on disk stays there and is gone on with at
     * the next start.
     */
    @Override
    public void close() {
        try {
            sendTheRest();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        closing = true;
        try {
            if (!thread.join(ENDING)) {
                thread.interrupt();
                thread.join(ENDING);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        pin.close();
        holding.close();
    }
}
