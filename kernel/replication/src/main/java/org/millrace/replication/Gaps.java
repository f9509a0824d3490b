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
    private final BegunCopies begun;
    private final Consumer<Throwable> failed;
    private final Map<Origin, Lack> missingSince = new HashMap<>();
    private final Map<Origin, Long> silentSince = new HashMap<>();
    private final Map<Origin, String> missing = new ConcurrentHashMap<>();

    private volatile @Nullable Thread copying;
    private volatile @Nullable Copy copy;
    private volatile @Nullable Bookmark filled;

    /** Where this node stands with an origin of which something may be missing, and since when. */
    private record Lack(long accepted, long sinceMillis) {}

    /** What is being copied, because of what, and of which streams of the node something is missing that it stands for. */
    private record Copy(Origin origin, Set<Origin> lacking, Copying work) {}

    Gaps(
            Connection connection,
            Peers peers,
            Streams streams,
            Clock clock,
            LongFunction<Copying> copies,
            BegunCopies begun,
            Consumer<Throwable> failed) {
        this.connection = connection;
        this.peers = peers;
        this.streams = streams;
        this.clock = clock;
        this.copies = copies;
        this.begun = begun;
        this.failed = failed;
    }

    /** What has not come and will not come by itself, in words. */
    List<String> inWords() {
        Copy now = copy;
        List<String> words = new ArrayList<>();
        missing.forEach((origin, what) -> words.add(
                now != null && now.origin().equals(origin)
                        ? what + "; " + now.work().records() + " have come so far"
                        : what));
        return words;
    }

    /** Whether nothing is missing; what a stream may have lost, and is not asked for yet, counts as well. */
    boolean isNone() {
        return missing.isEmpty()
                && stored().entrySet().stream()
                        .noneMatch(origin -> origin.getValue() > streams.accepted(origin.getKey()));
    }

    /** Whether records were, or are being, copied in an order that no journal has, and what is behind them is to come. */
    boolean hasCopied() {
        return copying != null || begun.areAny();
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
        begun.forgetKept();
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
                copy(origin, state, notKept(origin, ended), ended);
                return;
            }
            silent.add(origin.node());
            Optional<Peers.Peer> standIn = standIn(origin, state);
            if (standIn.isPresent()) {
                copy(origin, state, gone(origin), standIn.get(), ended);
                return;
            }
            String what = "changes of node " + Long.toHexString(origin.node()) + " behind " + state.accepted()
                    + (state.firstHeld() == 0 ? "" : " and before " + state.firstHeld())
                    + " are no longer in the stream" + (origin.lane() == 0 ? "" : " " + lane(origin).stream());
            missing.put(origin, what + ", and that node does not answer; they are asked for again when it is there");
        }
    }

    /** Of which streams something of a node is missing now. */
    private List<Origin> lacking(long node) {
        Map<Origin, Receiver.OriginState> known = streams.origins();
        Map<Origin, Long> stored = stored();
        return streams.lanes().stream()
                .map(lane -> new Origin(node, lane.number()))
                .filter(origin -> lacks(
                        origin,
                        known.getOrDefault(origin, Receiver.OriginState.UNKNOWN),
                        stored.getOrDefault(origin, 0L)))
                .toList();
    }

    /** What one copy stands for besides: what the same node does not keep of other streams either. */
    private Set<Origin> notKept(Origin first, BooleanSupplier ended) throws InterruptedException {
        Set<Origin> all = new HashSet<>(Set.of(first));
        for (Origin other : lacking(first.node())) {
            if (!other.equals(first)
                    && !ended.getAsBoolean()
                    && ask(other, streams.accepted(other)).equals(NOT_KEPT)) {
                all.add(other);
            }
        }
        return all;
    }

    /** The same for a node that is gone. */
    private Set<Origin> gone(Origin first) {
        Map<Origin, Receiver.OriginState> known = streams.origins();
        Set<Origin> all = new HashSet<>(Set.of(first));
        for (Origin other : lacking(first.node())) {
            if (standIn(other, known.getOrDefault(other, Receiver.OriginState.UNKNOWN))
                    .isPresent()) {
                all.add(other);
            }
        }
        return all;
    }

    /** Up to which change of each origin this node should be, if the streams have no more to read. */
    private Map<Origin, Long> stored() {
        int lanes = streams.lanes().size();
        Map<Origin, Long> stored = peers.stored(origin -> origin.lane() < lanes && streams.accepted(origin) == 0);
        begun.promised().forEach((origin, through) -> stored.merge(origin, through, Math::max));
        stored.keySet().removeIf(origin -> origin.lane() >= lanes);
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
        boolean lacks = lacks(origin, state, stored);
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

    private boolean lacks(Origin origin, Receiver.OriginState state, long stored) {
        // Either what follows is here already, or the stream has had it, as the origin or others say, and there is no
        // more to read: then the stream has lost it.
        return state.held() == Inbox.Wait.MISSING
                || state.held() == Inbox.Wait.NONE && streams.behind(origin.lane()) == 0 && stored > state.accepted();
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
    private void copy(Origin origin, Receiver.OriginState state, Set<Origin> lacking, BooleanSupplier ended) {
        String what = "the records of node " + Long.toHexString(origin.node())
                + " are being copied, for its changes are no longer kept one by one";
        copy(origin, state, lacking, what, origin.node(), through -> lane -> through, ended);
    }

    /** Copies all records of another node, among which are those of an origin that is gone. */
    private void copy(
            Origin origin, Receiver.OriginState state, Set<Origin> lacking, Peers.Peer standIn, BooleanSupplier ended) {
        long node = origin.node();
        String what = "the records of node '" + standIn.name() + "' (" + Long.toHexString(standIn.node())
                + ") are being copied, for node " + Long.toHexString(node) + " is gone, and what it has sent";
        ForeignCursors.Sight sight = standIn.sight();
        // What is copied has all that the node had seen by then, if it is as of a later place of its journal.
        copy(
                origin,
                state,
                lacking,
                what,
                standIn.node(),
                through -> through < sight.place()
                        ? null
                        : lane -> sight.seen().getOrDefault(new Origin(node, (int) lane), 0L),
                ended);
    }

    /**
     * Copies all records of a node, or the rest of them; then receiving begins anew behind them.
     *
     * @param proved up to which change of each stream the origin's records are there as of a place of the node's journal;
     *     null if that is not known
     */
    private void copy(
            Origin origin,
            Receiver.OriginState state,
            Set<Origin> lacking,
            String what,
            long from,
            LongFunction<@Nullable LongUnaryOperator> proved,
            BooleanSupplier ended) {
        Bookmark first = begun.first(origin, state.accepted());
        if (first.isBegun()) {
            log.warn(
                    "Changes of other nodes are missing: {}; goes on with the copy that was broken off behind {}"
                            + " records and removals",
                    what,
                    first.records());
        } else {
            log.warn("Changes of other nodes are missing: {}", what);
        }
        Copying work = copies.apply(from);
        missing.put(origin, what);
        copy = new Copy(origin, lacking, work);
        copying = Thread.ofPlatform().name("millrace-cluster-copy").daemon().start(() -> {
            try {
                Bookmark last = work.run(
                        first,
                        through -> perLane(proved.apply(through)),
                        mark -> begun.write(origin.node(), mark),
                        ended);
                if (last.isDone()) {
                    log.info("Copied {} records and removals of node {}", last.records(), Long.toHexString(from));
                    filled = last;
                }
            } catch (IllegalStateException e) {
                failed.accept(ReplicationException.passing("the connection to NATS is lost: " + e.getMessage(), e));
            } catch (Exception | Error e) {
                failed.accept(e);
            }
        });
    }

    private @Nullable List<Long> perLane(@Nullable LongUnaryOperator proved) {
        return proved == null
                ? null
                : streams.lanes().stream()
                        .map(lane -> proved.applyAsLong(lane.number()))
                        .toList();
    }

    /** What is to be written down if records were copied, when nothing is received any more. */
    List<Write> settled(Positions positions) {
        Bookmark done = filled;
        Copy ended = copy;
        return done == null || ended == null
                ? List.of()
                : begun.settled(ended.origin().node(), ended.lacking(), done, positions);
    }
}
