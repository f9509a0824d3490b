package org.millrace.subscription;

import java.util.ArrayDeque;
import java.util.Queue;
import org.jspecify.annotations.Nullable;
import org.millrace.spi.resource.Change;

/**
 * Holds unjournaled events back until a subscription has been shown the present state or the past, so that it is not told
 * of what comes after before what was before. Safe for use by any thread.
 */
final class EarlyEvents {
    private final int most;
    // Guarded by this.
    private @Nullable Queue<Change> held;
    private boolean released;

    /** Holds so many back at most; later ones are lost to the subscription, as are all for which it has no demand. */
    EarlyEvents(int most) {
        this.most = most;
    }

    /** Holds an event back if it is wanted; returns false if events have come to pass meanwhile. */
    synchronized boolean hold(Change event, boolean wanted) {
        if (released) {
            return false;
        }
        if (wanted) {
            if (held == null) {
                held = new ArrayDeque<>();
            }
            if (held.size() < most) {
                held.add(event);
            }
        }
        return true;
    }

    /** Delivers what was held back, as far as there is demand, and lets events pass from then on. */
    synchronized void release(ChangeSubscription to, Demand demand, Outbox out) {
        Queue<Change> waiting = held;
        held = null;
        while (waiting != null && !waiting.isEmpty() && demand.take()) {
            out.add(to, new Signal.Passing(waiting.remove()));
        }
        // Before the flag: once it is set, publishers deliver past this thread.
        out.flush();
        released = true;
    }
}
