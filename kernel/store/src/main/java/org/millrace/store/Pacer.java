package org.millrace.store;

import java.util.concurrent.locks.LockSupport;

/**
 * Slows the writer smoothly while the overlay fills up. Below half full it does nothing. From there on each new record
 * costs a delay, in proportion to the fill, such that at three quarters the writer adds records as fast as the applier
 * moves them to disk; so the fill settles there instead of running into its bound. Owned by the writer thread.
 */
final class Pacer {
    private static final double FREE = 0.5;
    private static final double BALANCED = 0.75;
    private static final long SHORTEST_NANOS = 200_000;
    private static final long LONGEST_NANOS = 50_000_000;

    private int added;
    private long owedNanos;

    /** Notes records that are new to the overlay. */
    void added(int records) {
        added += records;
    }

    /** Waits as long as is due. */
    void pause(double fill, long applierNanosPerEntry) {
        owedNanos += delayNanos(fill, added, applierNanosPerEntry);
        added = 0;
        if (fill <= FREE) {
            owedNanos = 0;
        }
        if (owedNanos < SHORTEST_NANOS) {
            return; // too short to sleep for; it adds up
        }
        long start = System.nanoTime();
        LockSupport.parkNanos(this, Math.min(owedNanos, LONGEST_NANOS));
        owedNanos = Math.max(0, Math.min(owedNanos, LONGEST_NANOS) - (System.nanoTime() - start));
    }

    static long delayNanos(double fill, int added, long applierNanosPerEntry) {
        double share = (Math.min(fill, 1) - FREE) / (BALANCED - FREE);
        return share <= 0 ? 0 : (long) (share * added * applierNanosPerEntry);
    }
}
