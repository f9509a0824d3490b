package org.millrace.replication;

import java.time.Clock;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.Supplier;

/**
 * Keeps of this node's journal what clients of other nodes will need if they come here: each node tells up to where its
 * clients have everything, and this one keeps what lies behind the same place here. Of a node that is away the last place
 * told counts, for a time. Free of I/O; safe for use by any thread.
 */
final class ForeignHolds {
    private static final int MOST_NODES = 1_024;

    private final Supplier<OptionalLong> own;
    private final ForeignCursors cursors;
    private final Clock clock;
    private final long lastingMillis;
    private final Map<Long, Hold> holds = new HashMap<>();

    /** Of another node: the place here, and when it was told. */
    private record Hold(long place, long heardMillis) {}

    /**
     * Makes one that knows of no other node.
     *
     * @param own behind which place of this node's journal its own clients may need what follows
     * @param lastingMillis how long a node that is away counts
     */
    ForeignHolds(Supplier<OptionalLong> own, ForeignCursors cursors, Clock clock, long lastingMillis) {
        this.own = own;
        this.cursors = cursors;
        this.clock = clock;
        this.lastingMillis = lastingMillis;
    }

    /** What this node tells; -1 if its clients need nothing. */
    long own() {
        return own.get().orElse(-1);
    }

    /**
     * Takes note of what another node tells. If its place is not known here, what was told before goes on counting: that
     * is further back.
     *
     * @param held a place of its journal; -1 for none
     * @return whether something new is to be kept
     */
    synchronized boolean heard(long node, long held) {
        if (held < 0) {
            holds.remove(node);
            return false;
        }
        OptionalLong here = cursors.here(node, held);
        if (here.isEmpty()) {
            holds.computeIfPresent(node, (n, hold) -> new Hold(hold.place(), clock.millis()));
            return false;
        }
        if (holds.size() >= MOST_NODES && !holds.containsKey(node)) {
            return false;
        }
        holds.put(node, new Hold(here.getAsLong(), clock.millis()));
        return true;
    }

    /** The last change here that no node's clients need; {@link Long#MAX_VALUE} if they need none. */
    synchronized long seen() {
        long lowest = Long.MAX_VALUE;
        long before = clock.millis() - lastingMillis;
        for (Iterator<Hold> all = holds.values().iterator(); all.hasNext(); ) {
            Hold hold = all.next();
            if (hold.heardMillis() < before) {
                all.remove();
            } else {
                lowest = Math.min(lowest, hold.place());
            }
        }
        return lowest;
    }

    /** The journal has no room for what lies before a place. */
    synchronized void expire(long deletedSeq) {
        holds.values().removeIf(hold -> hold.place() < deletedSeq);
    }

    /** What is kept, as text. */
    synchronized String text() {
        StringBuilder text = new StringBuilder();
        holds.forEach((node, hold) -> text.append(Long.toHexString(node))
                .append(' ')
                .append(hold.place())
                .append(' ')
                .append(hold.heardMillis())
                .append('\n'));
        return text.toString();
    }

    /** Takes over what was kept as text. */
    synchronized void restore(String text) {
        text.lines().forEach(line -> {
            String[] parts = line.split(" ", 3);
            holds.put(
                    Long.parseUnsignedLong(parts[0], 16), new Hold(Long.parseLong(parts[1]), Long.parseLong(parts[2])));
        });
    }
}
