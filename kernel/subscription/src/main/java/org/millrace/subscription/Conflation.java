package org.millrace.subscription;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.millrace.spi.resource.Change;
import org.millrace.spi.resource.Path;

/**
 * What a {@code LATEST} subscription that has no demand holds back: the newest change per path, oldest first. An event and
 * a record of one path are kept apart: an event does not tell the record's state. Owned by whoever owns the subscription;
 * only {@link #after} is for any thread.
 */
final class Conflation {
    private static final long NOTHING = Long.MAX_VALUE;

    private final SubscriptionOptions limits;
    /** Null while nothing is held back, which is so of most subscriptions. */
    private @Nullable Map<Key, Change> newest;

    private long bytes;
    private int taken;
    private boolean lagging;
    private volatile long after = NOTHING;

    private record Key(Path path, boolean record) {
        static Key of(Change change) {
            return new Key(change.path(), change.kind().altersRecord());
        }
    }

    Conflation(SubscriptionOptions limits) {
        this.limits = limits;
    }

    void put(Change change) {
        Map<Key, Change> held = newest;
        if (held == null) {
            held = new LinkedHashMap<>();
            newest = held;
        }
        taken++;
        Key key = Key.of(change);
        Change older = held.remove(key);
        bytes += weight(change) - (older == null ? 0 : weight(older));
        held.put(key, change);
        resumeAt(eldest(held));
    }

    /** The change to be delivered next; null if none is held back. */
    @Nullable
    Change eldest() {
        Map<Key, Change> held = newest;
        return held == null || held.isEmpty() ? null : eldest(held);
    }

    private static Change eldest(Map<Key, Change> held) {
        return held.values().iterator().next();
    }

    /** Takes away the eldest change, which was delivered. {@link #after} does not move before it is told to. */
    void remove(Change eldest) {
        Map<Key, Change> held = newest;
        if (held != null && held.remove(Key.of(eldest), eldest)) {
            bytes -= weight(eldest);
        }
    }

    /** Notes that a change is the eldest now. */
    void resumeAt(Change eldest) {
        after = eldest.cursor().position() - 1;
    }

    /** Holds nothing back any more. */
    void clear() {
        newest = null;
        bytes = 0;
        taken = 0;
        after = NOTHING;
    }

    boolean isEmpty() {
        return newest == null;
    }

    /** Whether there is more in it than the limits allow. A single change is always allowed. */
    boolean isOverfull() {
        Map<Key, Change> held = newest;
        return held != null
                && (held.size() > limits.conflatedPaths() || (bytes > limits.conflatedBytes() && held.size() > 1));
    }

    /** How many changes were put in since it was empty, newest or not. */
    int taken() {
        return taken;
    }

    /** The place before the eldest change; beyond every place if nothing is held back. */
    long after() {
        return after;
    }

    /** Whether what lies between the subscription's place and the newest changes is conflated before any is delivered. */
    boolean isLagging() {
        return lagging;
    }

    void lagging(boolean value) {
        lagging = value;
    }

    private static long weight(Change change) {
        return change.content().map(c -> (long) c.size()).orElse(0L);
    }
}
