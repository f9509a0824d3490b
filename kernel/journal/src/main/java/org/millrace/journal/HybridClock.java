package org.millrace.journal;

import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.ResourceException;

/**
 * Gives each change its place in time across nodes: a hybrid logical clock of 48 bits of milliseconds since the epoch
 * and a counter of 16 bits, as {@link org.millrace.spi.resource.Version#clock()} carries it. Each reading is greater
 * than all before it, even if the machine's clock is set back, and than every clock that was {@link #observe observed}.
 *
 * <p>Safe for use by any thread; never blocks.
 */
public final class HybridClock {
    /** How far ahead of this machine's clock another node's may be. */
    public static final Duration MAX_AHEAD = Duration.ofMinutes(1);

    private static final int COUNTER_BITS = 16;

    private final Clock physical;
    private final AtomicLong last;

    /**
     * Starts a clock.
     *
     * @param physical the machine's clock
     * @param last the greatest clock given or seen so far; 0 if none
     */
    public HybridClock(Clock physical, long last) {
        this.physical = physical;
        this.last = new AtomicLong(last);
    }

    /**
     * The next reading.
     *
     * @return greater than all before; compared as an unsigned number
     */
    public long next() {
        long now = physical.millis() << COUNTER_BITS;
        while (true) {
            long seen = last.get();
            // A counter that overflows carries into the milliseconds, which keeps the order.
            long next = Long.compareUnsigned(now, seen) > 0 ? now : seen + 1;
            if (last.compareAndSet(seen, next)) {
                return next;
            }
        }
    }

    /**
     * Takes note of another node's clock, so that what is written here from now on is later.
     *
     * @param clock the other's reading
     * @throws ResourceException INVALID if it is more than {@link #MAX_AHEAD} ahead of this machine's clock: following
     *     it would carry one machine's wrong clock to all
     */
    public void observe(long clock) {
        long aheadMillis = (clock >>> COUNTER_BITS) - physical.millis();
        if (aheadMillis > MAX_AHEAD.toMillis()) {
            throw new ResourceException(
                    ErrorCode.INVALID,
                    "clock " + Long.toHexString(clock) + " is " + aheadMillis + " ms ahead of this node's, allowed are "
                            + MAX_AHEAD.toMillis() + "; set the clocks of both machines");
        }
        last.accumulateAndGet(clock, (a, b) -> Long.compareUnsigned(a, b) >= 0 ? a : b);
    }

    /**
     * The greatest clock given or observed.
     *
     * @return 0 if none yet
     */
    public long last() {
        return last.get();
    }
}
