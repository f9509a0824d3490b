package org.millrace.replication;

import io.nats.client.Connection;
import io.nats.client.Message;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
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
    private final Streams streams;
    private final Clock clock;
    private final LongFunction<Copying> copies;
    private final Consumer<Throwable> failed;
    private final Map<Origin, Lack> missingSince = new HashMap<>();
    private final Map<Origin, Long> silentSince = new HashMap<>();
    private final Map<Origin, String> missing = new ConcurrentHashMap<>();
    private volatile @Nullable Thread copying;
    private volatile @Nullable Filled filled;

    /** Where this node stands with an origin of which something may be missing, and since when. */
    private record Lack(long accepted, long sinceMillis) {}

    /**
     * What was copied.
     *
     * @param node whose changes are here now
     * @param through up to which change of each stream
     */
    private record Filled(Copying copy, long node, LongUnaryOperator through) {}

    Gaps(
            Connection connection,
            Peers peers,
            Streams streams,
            Clock clock,
            LongFunction<Copying> copies,
            Consumer<Throwable> failed) {
        this.connection = connection;
        this.peers = peers;
        this.streams = streams;
        this.clock = clock;
        this.copies = copies;
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
        return filled != null;
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
        Map<Origin, Receiver.OriginState> known = streams.origins();
        Map<Origin, Long> stored = stored();
        Set<Origin> all = new HashSet<>(known.keySet());
        all.addAll(stored.keySet());
        Thread copier = copying;
        if (copier != null && copier.isAlive()) {
            return;
        }
        Set<Long> silent = new HashSet<>();
        for (Origin origin : all) {
            Receiver.OriginState state = known.getOrDefault(origin, Receiver.OriginState.UNKNOWN);
            if (!isDue(origin, state, stored.getOrDefault(origin, 0L))) {
                continue;
            }
            missingSince.put(origin, new Lack(state.accepted(), clock.millis()));
            // Who has not answered for one stream is not waited for again because of the next.
            String said = silent.contains(origin.node()) ? "" : ask(origin, state.accepted());
            if (said.equals(KEPT)) {
                missing.remove(origin);
                silentSince.remove(origin);
                continue;
            }
            if (said.equals(NOT_KEPT)) {
                copy(origin, ended);
                return;
            }
            silent.add(origin.node());
            Optional<Peers.Peer> standIn = standIn(origin, state);
            if (standIn.isPresent()) {
                copy(origin, standIn.get(), ended);
                return;
            }
            String what = "changes of node " + Long.toHexString(origin.node()) + " behind " + state.accepted()
                    + (state.firstHeld() == 0 ? "" : " and before " + state.firstHeld())
                    + " are no longer in the stream" + (origin.lane() == 0 ? "" : " " + lane(origin).stream());
            missing.put(origin, what + ", and that node does not answer; they are asked for again when it is there");
        }
    }

    /** What other nodes that are there have had acknowledged. */
    private Map<Origin, Long> stored() {
        Map<Origin, Long> stored = new HashMap<>();
        for (Peers.Peer peer : peers.all()) {
            boolean present = peers.isPresent(peer);
            for (int lane = 0;
                    lane < Math.min(peer.progress().size(), streams.lanes().size());
                    lane++) {
                stored.put(
                        new Origin(peer.node(), lane),
                        present ? peer.progress().get(lane).stored() : 0);
            }
        }
        return stored;
    }

    private Lane lane(Origin origin) {
        return streams.lanes().get(origin.lane());
    }

    /** Asks a node to send again; an empty text if it does not answer. */
    private String ask(Origin origin, long after) throws InterruptedException {
        Message answer = connection.request(
                lane(origin).resend(origin.node()), Long.toString(after).getBytes(StandardCharsets.US_ASCII), ANSWER);
        return answer == null ? "" : new String(answer.getData(), StandardCharsets.US_ASCII);
    }

    /** Whether something of an origin has been missing for so long that it has to be asked. */
    private boolean isDue(Origin origin, Receiver.OriginState state, long stored) {
        // Either what follows is here already, or the origin says that the stream has had it and there is no
        // more to read: then the stream has lost it.
        boolean lacks = state.held() == Inbox.Wait.MISSING
                || state.held() == Inbox.Wait.NONE && streams.behind(origin.lane()) == 0 && stored > state.accepted();
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
    private Optional<Peers.Peer> standIn(Origin origin, Receiver.OriginState state) {
        long now = clock.millis();
        long since = silentSince.computeIfAbsent(origin, first -> now);
        return state.accepted() > 0 && now - since < GONE_MILLIS
                ? Optional.empty()
                : peers.having(origin, Math.max(state.accepted() + 1, state.firstHeld() - 1));
    }

    /** Copies all records of a node that has no longer kept its changes one by one. */
    private void copy(Origin origin, BooleanSupplier ended) {
        long node = origin.node();
        String what = "the records of node " + Long.toHexString(node)
                + " are being copied, for its changes are no longer kept one by one";
        copy(origin, what, node, through -> lane -> lastOf(node, (int) lane, through), ended);
    }

    /** The last change of a node that a stream carries, up to a place in its journal, or the place if that is not known. */
    private long lastOf(long node, int lane, long through) {
        return peers.all().stream()
                .filter(peer -> peer.node() == node && lane < peer.progress().size())
                .map(peer -> peer.progress().get(lane))
                .filter(told -> told.read() >= through)
                .mapToLong(told -> Math.min(told.last(), through))
                .findFirst()
                .orElse(through);
    }

    /** Copies all records of another node, among which are those of an origin that is gone. */
    private void copy(Origin origin, Peers.Peer standIn, BooleanSupplier ended) {
        long node = origin.node();
        String what = "the records of node '" + standIn.name() + "' (" + Long.toHexString(standIn.node())
                + ") are being copied, for node " + Long.toHexString(node) + " is gone, and what it has sent";
        log.warn("Changes of other nodes are missing: {}", what);
        ForeignCursors.Sight sight = standIn.sight();
        // What is copied has all that the node had seen by then, if it is as of a later place of its journal.
        copy(
                origin,
                what,
                standIn.node(),
                through -> through < sight.place()
                        ? null
                        : lane -> sight.seen().getOrDefault(new Origin(node, (int) lane), 0L),
                ended);
    }

    /**
     * Copies all records of a node; then receiving begins anew behind them.
     *
     * @param reached up to which change of each stream the origin's records are here if they are as of a place of the
     *     node's journal; null if that is not known, and all of it has to be done again
     */
    private void copy(
            Origin origin,
            String what,
            long from,
            LongFunction<@Nullable LongUnaryOperator> reached,
            BooleanSupplier ended) {
        Copying copy = copies.apply(from);
        missing.put(origin, what);
        copying = Thread.ofPlatform().name("millrace-cluster-copy").daemon().start(() -> {
            try {
                long through = copy.run(ended);
                LongUnaryOperator places = through == 0 ? null : reached.apply(through);
                if (places != null) {
                    filled = new Filled(copy, origin.node(), places);
                }
            } catch (IllegalStateException e) {
                failed.accept(ReplicationException.passing("the connection to NATS is lost: " + e.getMessage(), e));
            } catch (Exception | Error e) {
                failed.accept(e);
            }
        });
    }

    /**
     * Writes down what was copied, if anything was. Nothing must be received meanwhile: what came beside the copy may have
     * led further already.
     */
    void finish(Positions positions) throws ReplicationException, InterruptedException {
        Filled done = filled;
        if (done == null) {
            return;
        }
        List<Write> places = new ArrayList<>();
        for (Lane lane : streams.lanes()) {
            String epoch = streams.epoch(lane.number());
            Positions.Applied applied = positions.applied(lane.number(), epoch);
            long through = done.through().applyAsLong(lane.number());
            if (through > applied.applied().getOrDefault(done.node(), 0L)) {
                places.add(positions.applied(
                        new Origin(done.node(), lane.number()), through, applied.resumeAfter(), epoch));
            }
        }
        done.copy().finish(places);
    }
}
