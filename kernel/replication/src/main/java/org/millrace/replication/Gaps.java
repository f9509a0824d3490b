package org.millrace.replication;

import io.nats.client.Connection;
import io.nats.client.Message;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.LongFunction;
import java.util.function.LongUnaryOperator;
import org.jspecify.annotations.Nullable;
import org.millrace.spi.resource.Write;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gets what is missing of other nodes' changes and does not come by itself: asks their origin to send them again, and
 * copies its records where it no longer has the changes one by one. If the origin is gone, another node's records do: at
 * once for a node that has nothing of the origin yet, later for one whose subscribers may miss the origin's events.
 *
 * <p>{@link #look} is for one thread and waits for answers; the figures are for any.
 */
final class Gaps {
    private static final Logger log = LoggerFactory.getLogger(Gaps.class);
    /** The answer of an origin that sends again. */
    static final String KEPT = "again";
    /** The answer of an origin that cannot. */
    static final String NOT_KEPT = "not kept";

    private static final long MISSING_MILLIS = 4_000;
    /** How long an origin that is away is waited for by a node that had its changes before. */
    private static final long GONE_MILLIS = 600_000;

    private static final Duration ANSWER = Duration.ofSeconds(2);

    private final Connection connection;
    private final Peers peers;
    private final Receiver receiver;
    private final Clock clock;
    private final LongFunction<String> resendSubject;
    private final LongFunction<Copying> copies;
    private final Place place;
    private final Consumer<Throwable> failed;
    private final Map<Long, Lack> missingSince = new HashMap<>();
    private final Map<Long, Long> silentSince = new HashMap<>();
    private final Map<Long, String> missing = new ConcurrentHashMap<>();
    private volatile @Nullable Thread copying;
    private volatile boolean filled;

    /** Where this node stands with an origin of which something may be missing, and since when. */
    private record Lack(long accepted, long sinceMillis) {}

    /** Makes the write that says how far this node is with an origin. */
    interface Place {
        Write at(long origin, long through);
    }

    Gaps(
            Connection connection,
            Peers peers,
            Receiver receiver,
            Clock clock,
            LongFunction<String> resendSubject,
            LongFunction<Copying> copies,
            Place place,
            Consumer<Throwable> failed) {
        this.connection = connection;
        this.peers = peers;
        this.receiver = receiver;
        this.clock = clock;
        this.resendSubject = resendSubject;
        this.copies = copies;
        this.place = place;
        this.failed = failed;
    }

    /** What has not come and will not come by itself, in words. */
    List<String> inWords() {
        return List.copyOf(missing.values());
    }

    boolean isNone() {
        return missing.isEmpty();
    }

    /** Whether records were, or are being, copied in an order that no journal has. */
    boolean hasCopied() {
        return copying != null;
    }

    /** Whether records were copied, so that receiving has to begin anew behind them. */
    boolean isFilled() {
        return filled;
    }

    /** Waits for a copy to end. */
    void join(Duration most) throws InterruptedException {
        Thread copier = copying;
        if (copier != null) {
            copier.join(most);
        }
    }

    /** Asks an origin for what has been missing for a while; copies what it no longer has. */
    void look(BooleanSupplier ended) throws InterruptedException {
        Map<Long, Receiver.OriginState> known = receiver.origins();
        Map<Long, Long> stored = new HashMap<>();
        peers.all().forEach(peer -> stored.put(peer.node(), peers.isPresent(peer) ? peer.stored() : 0));
        Set<Long> all = new HashSet<>(known.keySet());
        all.addAll(stored.keySet());
        Thread copier = copying;
        if (copier != null && copier.isAlive()) {
            return;
        }
        for (long origin : all) {
            Receiver.OriginState state = known.getOrDefault(origin, Receiver.OriginState.UNKNOWN);
            if (!isDue(origin, state, stored.getOrDefault(origin, 0L))) {
                continue;
            }
            missingSince.put(origin, new Lack(state.accepted(), clock.millis()));
            Message answer = connection.request(
                    resendSubject.apply(origin),
                    Long.toString(state.accepted()).getBytes(StandardCharsets.US_ASCII),
                    ANSWER);
            String said = answer == null ? "" : new String(answer.getData(), StandardCharsets.US_ASCII);
            if (said.equals(KEPT)) {
                missing.remove(origin);
                silentSince.remove(origin);
                continue;
            }
            if (said.equals(NOT_KEPT)) {
                copy(origin, ended);
                return;
            }
            Optional<Peers.Peer> standIn = standIn(origin, state);
            if (standIn.isPresent()) {
                copy(origin, standIn.get(), ended);
                return;
            }
            String what = "changes of node " + Long.toHexString(origin) + " behind " + state.accepted()
                    + (state.firstHeld() == 0 ? "" : " and before " + state.firstHeld())
                    + " are no longer in the stream";
            missing.put(origin, what + ", and that node does not answer; they are asked for again when it is there");
        }
    }

    /** Whether something of an origin has been missing for so long that it has to be asked. */
    private boolean isDue(long origin, Receiver.OriginState state, long stored) {
        // Either what follows is here already, or the origin says that the stream has had it and there is no
        // more to read: then the stream has lost it.
        boolean lacks = state.held() == Inbox.Wait.MISSING
                || state.held() == Inbox.Wait.NONE && receiver.behind() == 0 && stored > state.accepted();
        Lack lack = missingSince.get(origin);
        if (!lacks || lack == null || lack.accepted() != state.accepted()) {
            missingSince.put(origin, new Lack(state.accepted(), clock.millis()));
            if (!lacks) {
                missing.remove(origin);
            }
            return false;
        }
        return clock.millis() - lack.sinceMillis() >= MISSING_MILLIS;
    }

    /** Who has what an origin that does not answer has sent before; empty if nobody does, or it is waited for still. */
    private Optional<Peers.Peer> standIn(long origin, Receiver.OriginState state) {
        long now = clock.millis();
        long since = silentSince.computeIfAbsent(origin, first -> now);
        return state.accepted() > 0 && now - since < GONE_MILLIS
                ? Optional.empty()
                : peers.having(origin, Math.max(state.accepted() + 1, state.firstHeld() - 1));
    }

    /** Copies all records of an origin that has no longer kept its changes one by one. */
    private void copy(long origin, BooleanSupplier ended) {
        String what = "the records of node " + Long.toHexString(origin)
                + " are being copied, for its changes are no longer kept one by one";
        copy(origin, what, origin, through -> through, ended);
    }

    /** Copies all records of another node, among which are those of an origin that is gone. */
    private void copy(long origin, Peers.Peer standIn, BooleanSupplier ended) {
        String what = "the records of node '" + standIn.name() + "' (" + Long.toHexString(standIn.node())
                + ") are being copied, for node " + Long.toHexString(origin) + " is gone, and what it has sent";
        log.warn("Changes of other nodes are missing: {}", what);
        ForeignCursors.Sight sight = standIn.sight();
        // What is copied has all that the node had seen by then, if it is as of a later place of its journal.
        copy(
                origin,
                what,
                standIn.node(),
                through -> through < sight.place() ? 0 : sight.seen().getOrDefault(origin, 0L),
                ended);
    }

    /**
     * Copies all records of a node; then receiving begins anew behind them.
     *
     * @param reached up to which change of the origin its records are here if they are as of a place of the node's
     *     journal; 0 if that is not known, and all of it has to be done again
     */
    private void copy(long origin, String what, long from, LongUnaryOperator reached, BooleanSupplier ended) {
        Copying copy = copies.apply(from);
        missing.put(origin, what);
        copying = Thread.ofPlatform().name("millrace-cluster-copy").daemon().start(() -> {
            try {
                long through = reached.applyAsLong(copy.run(ended));
                if (through > 0) {
                    copy.finish(place.at(origin, through));
                    filled = true;
                }
            } catch (IllegalStateException e) {
                failed.accept(ReplicationException.passing("the connection to NATS is lost: " + e.getMessage(), e));
            } catch (Exception | Error e) {
                failed.accept(e);
            }
        });
    }
}
