package org.millrace.store;

import java.util.concurrent.ConcurrentLinkedQueue;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether the store asks its callers to hold back, and who wants to be told when it no longer does. It does so when the
 * queue is three quarters full, until it is half empty again, and while the overlay is all but full; but not while
 * something keeps the overlay from being emptied: then it is better to be refused than to wait, and reads come on the same
 * connections. Each caller waits with one task at most; the host is one caller for all its connections. Safe for use by
 * any thread.
 */
final class Backpressure {
    private static final Logger LOG = LoggerFactory.getLogger(Backpressure.class);
    private static final double HIGH = 0.75;
    private static final double LOW = 0.5;
    private static final double OVERLAY_HIGH = 0.95;

    private final SubmitQueue queue;
    private final Overlay overlay;
    private final ConcurrentLinkedQueue<Runnable> waiting = new ConcurrentLinkedQueue<>();
    private volatile boolean queueHigh;
    private volatile boolean stuck;

    Backpressure(SubmitQueue queue, Overlay overlay) {
        this.queue = queue;
        this.overlay = overlay;
    }

    boolean isSaturated() {
        double fill = queue.fill();
        if (queueHigh) {
            if (fill <= LOW) {
                queueHigh = false;
            }
        } else if (fill >= HIGH) {
            queueHigh = true;
        }
        return queueHigh || overlay.fill() >= OVERLAY_HIGH && !stuck;
    }

    /** Says whether the overlay cannot be emptied at present, so that what finds no room in it is refused. */
    void stuck(boolean value) {
        stuck = value;
        relieve();
    }

    void whenReady(Runnable task) {
        waiting.add(task);
        // Pressure may have gone between the caller's look and this call, and nobody else may come by.
        relieve();
    }

    /** Runs those who wait if pressure has gone. Called where it may have: after a batch, after a commit. */
    void relieve() {
        if (waiting.isEmpty() || isSaturated()) {
            return;
        }
        for (Runnable task = waiting.poll(); task != null; task = waiting.poll()) {
            try {
                task.run();
            } catch (RuntimeException e) {
                // It must not end the writer, which may be the one that runs it.
                LOG.error("a task that waited for room failed because of a defect; please report it", e);
            }
        }
    }
}
