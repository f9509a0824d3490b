package org.millrace.host.resources;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/**
 * The views whose clients hold back until writes are taken again. Each waits once at most and is taken out when it closes,
 * so that there are never more of them than open views, however long it takes and however often clients come back; and store
 * and fan-out know of one task for all of them. Safe for use by any thread.
 */
final class WaitingViews {
    private final Consumer<Runnable> gates;
    private final Set<Runnable> waiting = ConcurrentHashMap.newKeySet();
    private final AtomicBoolean asked = new AtomicBoolean();

    /** Views that wait for gates, which run a task once all of them are open, at once or later on any thread. */
    WaitingViews(Consumer<Runnable> gates) {
        this.gates = gates;
    }

    /** Runs a task once when the gates are open; it must return at once. */
    void add(Runnable goOn) {
        waiting.add(goOn);
        if (asked.compareAndSet(false, true)) {
            gates.accept(this::release);
        }
    }

    /** Runs a task no more that has not been run. */
    void remove(Runnable goOn) {
        waiting.remove(goOn);
    }

    private void release() {
        // Before those who wait are looked at: who comes later asks anew.
        asked.set(false);
        for (Runnable goOn : waiting) {
            if (waiting.remove(goOn)) {
                goOn.run();
            }
        }
    }
}
