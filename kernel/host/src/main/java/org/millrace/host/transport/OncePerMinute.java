package org.millrace.host.transport;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * Keeps clients from flooding the log: counts events, and says once a minute how many there were. Safe for use by any
 * thread.
 */
final class OncePerMinute {
    private static final long MINUTE = TimeUnit.MINUTES.toNanos(1);

    private final LongSupplier nanoTime;
    private final AtomicLong count = new AtomicLong();
    private final AtomicLong next;

    OncePerMinute() {
        this(System::nanoTime);
    }

    OncePerMinute(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
        this.next = new AtomicLong(nanoTime.getAsLong());
    }

    /**
     * Counts one event.
     *
     * @return 0 to log nothing; otherwise how many events there were since something was logged
     */
    long countAndTake() {
        count.incrementAndGet();
        long now = nanoTime.getAsLong();
        long due = next.get();
        return now - due >= 0 && next.compareAndSet(due, now + MINUTE) ? count.getAndSet(0) : 0;
    }
}
