package org.millrace.replication;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Decides in which order other nodes' changes are applied: each origin's in the order in which it decided them, none
 * twice, none left out. What comes before its turn is held, within bounds. Pure: no I/O, no clock of its own; used by one
 * thread.
 *
 * <p>A message is held when something before it is missing, or when its versions are too far ahead of this node's clock.
 * If an origin has more to hold than allowed, the rest is forgotten and has to be read again from {@link #rewind()}.
 */
final class Inbox {
    /** Why an origin's changes are held. */
    enum Wait {
        /** Nothing is held. */
        NONE,
        /** Changes before those that are held have not come. */
        MISSING,
        /** The origin's clock is too far ahead. */
        CLOCK
    }

    private final long self;
    private final long maxAheadMillis;
    private final int maxHeld;
    private final long maxHeldBytes;
    private final Map<Long, Origin> origins = new HashMap<>();
    private long seen;
    private long rewind;

    /** What is known of one origin. */
    private static final class Origin {
        private long accepted;
        private final TreeMap<Long, Received> held = new TreeMap<>();
        private long heldBytes;
        private long forgotten;
        private Wait wait = Wait.NONE;
    }

    /**
     * Starts from what has been applied.
     *
     * @param self this node, whose own changes come back from the stream and are of no use
     * @param positions the last change applied of each origin
     * @param resumeAfter up to where the stream has been dealt with
     * @param maxAheadMillis how far a version may be ahead of this node's clock
     * @param maxHeld how many messages of one origin are held
     * @param maxHeldBytes how much they may weigh
     */
    Inbox(long self, Map<Long, Long> positions, long resumeAfter, long maxAheadMillis, int maxHeld, long maxHeldBytes) {
        this.self = self;
        this.maxAheadMillis = maxAheadMillis;
        this.maxHeld = maxHeld;
        this.maxHeldBytes = maxHeldBytes;
        this.seen = resumeAfter;
        positions.forEach((node, position) -> origin(node).accepted = position);
    }

    private Origin origin(long node) {
        return origins.computeIfAbsent(node, n -> new Origin());
    }

    /**
     * Takes a message.
     *
     * @param received from the stream, in whatever order
     * @param nowMillis this node's clock
     * @return what is to be applied now, in order; no part of it was returned before
     */
    List<ClusterMessage> offer(Received received, long nowMillis) {
        seen = Math.max(seen, received.place());
        ClusterMessage message = received.message();
        if (message.origin() == self) {
            return List.of();
        }
        Origin origin = origin(message.origin());
        if (message.last() <= origin.accepted) {
            return List.of();
        }
        hold(origin, received);
        List<ClusterMessage> released = release(origin, nowMillis);
        trim(origin);
        return released;
    }

    /**
     * Looks again at what waited for the clock.
     *
     * @param nowMillis this node's clock
     * @return what is to be applied now
     */
    List<ClusterMessage> tick(long nowMillis) {
        List<ClusterMessage> released = new ArrayList<>();
        for (Origin origin : origins.values()) {
            if (origin.wait == Wait.CLOCK) {
                released.addAll(release(origin, nowMillis));
            }
        }
        return released;
    }

    private void hold(Origin origin, Received received) {
        Received before = origin.held.get(received.message().previous());
        if (before != null && before.message().last() >= received.message().last()) {
            return;
        }
        origin.held.put(received.message().previous(), received);
        origin.heldBytes += received.bytes() - (before == null ? 0 : before.bytes());
    }

    private void trim(Origin origin) {
        // What comes first is always held, so that there is progress when its turn comes.
        while (origin.held.size() > 1 && (origin.held.size() > maxHeld || origin.heldBytes > maxHeldBytes)) {
            Received last = origin.held.pollLastEntry().getValue();
            origin.heldBytes -= last.bytes();
            origin.forgotten = origin.forgotten == 0 ? last.place() : Math.min(origin.forgotten, last.place());
        }
    }

    private List<ClusterMessage> release(Origin origin, long nowMillis) {
        List<ClusterMessage> released = new ArrayList<>(1);
        origin.wait = Wait.NONE;
        while (!origin.held.isEmpty()) {
            Received first = origin.held.firstEntry().getValue();
            ClusterMessage message = first.message();
            if (message.previous() > origin.accepted) {
                origin.wait = Wait.MISSING;
                break;
            }
            if (message.last() > origin.accepted) {
                if ((message.clock() >>> 16) - nowMillis > maxAheadMillis) {
                    origin.wait = Wait.CLOCK;
                    break;
                }
                released.add(message.after(origin.accepted));
                origin.accepted = message.last();
            }
            origin.held.pollFirstEntry();
            origin.heldBytes -= first.bytes();
        }
        if (!released.isEmpty() && origin.forgotten != 0) {
            rewind = rewind == 0 ? origin.forgotten : Math.min(rewind, origin.forgotten);
            origin.forgotten = 0;
        }
        return released;
    }

    /**
     * Where the stream must be read again from, as something there was forgotten and may be of use now. Asking clears
     * it.
     *
     * @return a place in the stream; 0 if there is no need
     */
    long rewind() {
        long place = rewind;
        rewind = 0;
        if (place != 0) {
            seen = Math.min(seen, place - 1);
        }
        return place;
    }

    /**
     * Up to where the stream need not be read again after a restart, if all that was returned so far is applied.
     *
     * @return a place in the stream
     */
    long resumeAfter() {
        long after = seen;
        if (rewind != 0) {
            after = Math.min(after, rewind - 1);
        }
        for (Origin origin : origins.values()) {
            for (Received held : origin.held.values()) {
                after = Math.min(after, held.place() - 1);
            }
            if (origin.forgotten != 0) {
                after = Math.min(after, origin.forgotten - 1);
            }
        }
        return after;
    }

    /** Why an origin's changes are held. */
    Wait waits(long node) {
        Origin origin = origins.get(node);
        return origin == null ? Wait.NONE : origin.wait;
    }

    /** The last change of an origin that was returned, or was applied before. */
    long accepted(long node) {
        Origin origin = origins.get(node);
        return origin == null ? 0 : origin.accepted;
    }

    /** The first change of an origin that is held; 0 if none is. */
    long firstHeld(long node) {
        Origin origin = origins.get(node);
        return origin == null || origin.held.isEmpty()
                ? 0
                : origin.held
                        .firstEntry()
                        .getValue()
                        .message()
                        .changes()
                        .getFirst()
                        .cursor()
                        .position();
    }

    /** The nodes that are known. */
    List<Long> nodes() {
        return List.copyOf(origins.keySet());
    }
}
