package org.millrace.replication;

import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.millrace.spi.resource.Write;

/**
 * The copies of other nodes' records that were begun before this connection was made, and what they promise: records of
 * changes are here to which the places of this node have not come yet. A promise is kept when the copy is complete and the
 * places are behind it; until then this node's journal has more than they say. Safe for use by any thread, but for what is
 * said; writes may block.
 */
final class BegunCopies {
    private final Bookmarks bookmarks;
    private final Peers peers;
    private final Streams streams;
    private final Clock clock;
    private final long lastingMillis;
    private final Streams.Save save;
    /** By the node whose changes they stand for. */
    private final Map<Long, Bookmark> begun;

    /**
     * Reads them.
     *
     * @param lastingMillis how long one that was broken off may be gone on with
     */
    BegunCopies(Bookmarks bookmarks, Peers peers, Streams streams, Clock clock, long lastingMillis, Streams.Save save) {
        this.bookmarks = bookmarks;
        this.peers = peers;
        this.streams = streams;
        this.clock = clock;
        this.lastingMillis = lastingMillis;
        this.save = save;
        this.begun = new ConcurrentHashMap<>(bookmarks.all());
        // Of another number of streams: its changes are counted differently now.
        begun.values().removeIf(mark -> mark.through().size() != streams.lanes().size());
    }

    /** Up to which change of each origin this node will be when they are complete. */
    Map<Origin, Long> promised() {
        Map<Origin, Long> promised = new HashMap<>();
        begun.forEach((node, mark) -> {
            for (int lane = 0; lane < mark.through().size(); lane++) {
                promised.put(
                        new Origin(node, lane),
                        lastOf(node, lane, mark.through().get(lane)));
            }
        });
        return promised;
    }

    /** Whether a promise is not kept yet. */
    boolean areAny() {
        return promised().entrySet().stream().anyMatch(origin -> origin.getValue() > streams.accepted(origin.getKey()));
    }

    /** Forgets those whose promises are kept. For one thread. */
    void forgetKept() {
        for (Map.Entry<Long, Bookmark> copy : begun.entrySet()) {
            long node = copy.getKey();
            boolean isKept = copy.getValue().isDone()
                    && streams.lanes().stream()
                            .allMatch(lane -> lastOf(
                                            node,
                                            lane.number(),
                                            copy.getValue().through().get(lane.number()))
                                    <= streams.accepted(new Origin(node, lane.number())));
            if (isKept && save.save(List.of(bookmarks.none(node)))) {
                begun.remove(node);
            }
        }
    }

    /** Where a copy begins: where an earlier one was broken off, if that is of use still. */
    Bookmark first(Origin origin, long accepted) {
        long now = clock.millis();
        Bookmark before = begun.get(origin.node());
        return before != null
                        && before.through().get(origin.lane()) > accepted
                        && Math.abs(now - before.begunMillis()) < lastingMillis
                ? before
                : Bookmark.beginning(now);
    }

    /** Remembers how far a copy has come. */
    Write write(long node, Bookmark mark) {
        return bookmarks.write(node, mark);
    }

    /**
     * What is to be written down when a copy is complete: that the changes of each stream go on behind it, or with those
     * that have come and wait; of a stream that lacks nothing they go on as they were. Nothing must be received meanwhile:
     * what came beside the copy may have led further already.
     *
     * @param node whose changes it stands for
     * @param lacking of which of its streams something was missing
     * @param done the complete copy
     */
    List<Write> settled(long node, Set<Origin> lacking, Bookmark done, Positions positions) {
        List<Write> writes = new ArrayList<>();
        boolean isKept = true;
        Map<Origin, Receiver.OriginState> known = streams.origins();
        for (Lane lane : streams.lanes()) {
            Origin origin = new Origin(node, lane.number());
            Receiver.OriginState state = known.getOrDefault(origin, Receiver.OriginState.UNKNOWN);
            long through = lastOf(node, lane.number(), done.through().get(lane.number()));
            // What is here already and waits is taken one by one: events are in no copy.
            long place = state.firstHeld() == 0 ? through : Math.min(through, state.firstHeld() - 1);
            boolean isBehind = lacking.contains(origin) && place > state.accepted();
            if (isBehind) {
                String epoch = streams.epoch(lane.number());
                long resumeAfter = positions.applied(lane.number(), epoch).resumeAfter();
                writes.add(positions.applied(origin, place, resumeAfter, epoch));
            }
            isKept &= through <= (isBehind ? place : state.accepted());
        }
        if (isKept) {
            writes.add(bookmarks.none(node));
        }
        return writes;
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
}
