package org.millrace.plugin.mqtt.connection;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * So many acts a second, of which those of a whole second may come at once. Safe for use by any thread; holds one number,
 * the time at which the acts so far would be through if they came evenly.
 */
final class RateLimit {
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    private final long nanosPerAct;
    private final AtomicLong through;

    /**
     * Starts with a second's worth of acts.
     *
     * @param perSecond 0 for no limit
     * @param now {@link System#nanoTime}
     */
    RateLimit(long perSecond, long now) {
        this.nanosPerAct = perSecond == 0 ? 0 : Math.max(1, SECOND / perSecond);
        this.through = new AtomicLong(now);
    }

    /**
     * Counts an act that is not to be refused.
     *
     * @param now {@link System#nanoTime}
     * @return how long to wait before the next, in nanoseconds; 0 within the limit
     */
    long count(long now) {
        if (nanosPerAct == 0) {
            return 0;
        }
        long after = through.updateAndGet(t -> Math.max(t - now, 0) + now + nanosPerAct);
        return Math.max(0, after - now - SECOND);
    }

    /**
     * Counts an act if it is within the limit.
     *
     * @param now {@link System#nanoTime}
     * @return false if it is to be refused
     */
    boolean allow(long now) {
        if (nanosPerAct == 0) {
            return true;
        }
        while (true) {
            long before = through.get();
            long after = Math.max(before - now, 0) + now + nanosPerAct;
            if (after - now > Math.max(SECOND, nanosPerAct)) {
                return false;
            }
            if (through.compareAndSet(before, after)) {
                return true;
            }
        }
    }

    /** Whether it is as new: nothing was counted that still matters. */
    boolean isIdle(long now) {
        return through.get() - now <= 0;
    }
}
