package org.millrace.replication;

import java.time.Clock;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Supplier;

/**
 * What this node knows of places in other nodes' journals and keeps for their clients, and when that has to be written
 * down: the first place of a node at once, for without one a client of that node cannot go on here after this node was
 * killed; the following ones now and then, for an earlier place only has the client see some changes again. Free of I/O;
 * safe for use by any thread.
 */
final class ForeignPlaces {
    private final ForeignCursors cursors;
    private final ForeignHolds holds;
    private boolean changed;
    private boolean urgent;

    /**
     * What is written down.
     *
     * @param cursors as {@link ForeignCursors#text}
     * @param holds as {@link ForeignHolds#text}
     */
    record Kept(String cursors, String holds) {}

    /**
     * Makes one that knows what was written down.
     *
     * @param self this node
     * @param own behind which place of this node's journal its own clients may need what follows
     * @param lastingMillis how long the clients of a node that is away are thought of
     */
    ForeignPlaces(long self, Supplier<OptionalLong> own, Clock clock, long lastingMillis, Kept kept) {
        this.cursors = new ForeignCursors(self);
        this.holds = new ForeignHolds(own, cursors, clock, lastingMillis);
        cursors.restore(kept.cursors());
        holds.restore(kept.holds());
    }

    ForeignCursors cursors() {
        return cursors;
    }

    ForeignHolds holds() {
        return holds;
    }

    /** Takes note of what another node tells of itself. */
    synchronized void heard(Peers.Peer peer) {
        boolean known = cursors.knows(peer.node());
        boolean more = cursors.heard(peer.node(), peer.sight());
        changed |= holds.heard(peer.node(), peer.held()) | more;
        urgent |= more && !known;
    }

    /**
     * What is to be written down now. It counts as written unless {@link #notSaved} says otherwise.
     *
     * @param longSince whether the last time is so long ago that anything new counts
     */
    synchronized Optional<Kept> due(boolean longSince) {
        if (!urgent && !(changed && longSince)) {
            return Optional.empty();
        }
        urgent = false;
        changed = false;
        return Optional.of(new Kept(cursors.text(), holds.text()));
    }

    /** What was due could not be written. */
    synchronized void notSaved() {
        changed = true;
        urgent = true;
    }
}
