package org.millrace.store;

import java.time.Clock;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.millrace.spi.resource.Path;

/**
 * Looks for records on disk whose time has run out and asks the writer to remove them, so that their expiry becomes a
 * journaled change. Readers do not depend on it: to them such a record is absent at once.
 *
 * <p>Owned by the applier thread, but for the answer of the writer. One request is under way at a time, of at most
 * {@link #LIMIT} records.
 */
final class ExpirySweep {
    /** How many records one request names. */
    static final int LIMIT = 1_000;

    private final RecordTree tree;
    private final Clock clock;
    private final long intervalNanos;
    private @Nullable Outlet outlet;
    private volatile boolean underWay;
    private long lastNanos = System.nanoTime();
    private byte @Nullable [] position;

    /** Where requests go, and how the applier thread is woken when one is done. */
    private record Outlet(Predicate<ExpireRequest> submit, Runnable wake) {}

    ExpirySweep(RecordTree tree, Clock clock, long intervalNanos) {
        this.tree = tree;
        this.clock = clock;
        this.intervalNanos = intervalNanos;
    }

    /** Says where requests go; before the first tick. */
    void connect(Predicate<ExpireRequest> submit, Runnable wake) {
        outlet = new Outlet(submit, wake);
    }

    /** Sends the next request if one is due. */
    void tick() {
        Outlet to = outlet;
        if (to == null || underWay || position == null && System.nanoTime() - lastNanos < intervalNanos) {
            return;
        }
        lastNanos = System.nanoTime();
        byte[] before = position;
        RecordTree.Due due = tree.due(before, clock.millis(), LIMIT);
        position = due.last();
        List<Path> paths = due.paths();
        if (paths.isEmpty()) {
            return;
        }
        underWay = true;
        boolean taken = to.submit().test(new ExpireRequest(paths, () -> {
            underWay = false;
            to.wake().run();
        }));
        if (!taken) {
            // The queue is full; the same records are due at the next tick.
            underWay = false;
            position = before;
        }
    }
}
