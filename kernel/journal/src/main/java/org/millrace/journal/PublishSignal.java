package org.millrace.journal;

import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Wakes one thread that follows the journal: pass it to {@link Journal#onPublished}. While that thread is awake a
 * publication costs the writer one read of a field; only a thread that sleeps is woken.
 *
 * <p>{@link #await} is called by the one following thread, {@link #run} by any.
 */
public final class PublishSignal implements Runnable {
    private volatile @Nullable Thread sleeper;

    /** Makes a signal nobody waits for yet. */
    public PublishSignal() {}

    /** Wakes the follower if it sleeps. */
    @Override
    public void run() {
        Thread asleep = sleeper;
        if (asleep != null) {
            LockSupport.unpark(asleep);
        }
    }

    /**
     * Sleeps until there is something to do.
     *
     * @param ready looked at before sleeping and after each wake-up, for example {@code journal.publishedSeq() > seen}
     * @param maxNanos the longest sleep
     * @return what {@code ready} said last; false after {@code maxNanos} or when the thread is interrupted
     */
    public boolean await(BooleanSupplier ready, long maxNanos) {
        long end = System.nanoTime() + maxNanos;
        sleeper = Thread.currentThread();
        try {
            while (!ready.getAsBoolean()) {
                long left = end - System.nanoTime();
                if (left <= 0 || Thread.currentThread().isInterrupted()) {
                    return false;
                }
                LockSupport.parkNanos(this, left);
            }
            return true;
        } finally {
            sleeper = null;
        }
    }
}
