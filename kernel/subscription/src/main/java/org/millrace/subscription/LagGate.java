package org.millrace.subscription;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * Shuts at a lag and opens at half of it, and remembers who wants to be told: each caller once at most; the host is one
 * caller for all its connections. Safe for use by any thread.
 */
final class LagGate {
    private final long shutAt;
    private final Queue<Runnable> waiting = new ConcurrentLinkedQueue<>();
    private volatile boolean shut;
    private volatile boolean openForGood;

    LagGate(long shutAt) {
        this.shutAt = shutAt;
    }

    boolean isShut(long lag) {
        if (shut) {
            if (lag <= shutAt / 2) {
                shut = false;
            }
        } else if (lag >= shutAt) {
            shut = true;
        }
        return shut && !openForGood;
    }

    void whenOpen(Runnable task, long lag) {
        waiting.add(task);
        // It may have opened between the caller's look and this call.
        relieve(lag);
    }

    void relieve(long lag) {
        if (waiting.isEmpty() || isShut(lag)) {
            return;
        }
        for (Runnable task = waiting.poll(); task != null; task = waiting.poll()) {
            task.run();
        }
    }

    /** Nobody waits for a fan-out that has ended. */
    void openForGood() {
        openForGood = true;
        relieve(0);
    }
}
