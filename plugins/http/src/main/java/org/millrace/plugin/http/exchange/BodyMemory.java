package org.millrace.plugin.http.exchange;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import org.millrace.plugin.http.problem.ProblemException;
import org.millrace.plugin.http.problem.Problems;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.ResourceException;

/**
 * The memory that request bodies may take while they come and until their writes are done, over all connections together:
 * each is bounded by itself, but a host takes so many connections that all of them would not fit. A body for which there is
 * no room is refused with 503. Large ones leave a quarter of it to small ones, so that a few clients that send large ones
 * slowly do not keep all others from writing. Safe for use by any thread.
 */
public final class BodyMemory {
    /** What a body takes at first, and small ones altogether. */
    private static final int SMALL = 16 * 1024;

    private final long limit;
    private final Runnable refusing;
    private final AtomicLong held = new AtomicLong();
    private final LongAdder refused = new LongAdder();

    /**
     * Sets the bound.
     *
     * @param limit in bytes; 0 for a quarter of the heap
     * @param refusing told of each request that is refused
     */
    public BodyMemory(long limit, Runnable refusing) {
        this.refusing = refusing;
        this.limit = limit > 0 ? limit : Runtime.getRuntime().maxMemory() / 4;
    }

    /**
     * How much is held now.
     *
     * @return bytes, at most the limit
     */
    public long held() {
        return held.get();
    }

    /**
     * How many requests were refused because there was no room.
     *
     * @return since the start
     */
    public long refused() {
        return refused.sum();
    }

    /**
     * A request's part of it.
     *
     * @return empty
     */
    public Share share() {
        return new Share();
    }

    /** What one request holds. Used by one thread at a time. */
    public final class Share {
        private long size;

        private Share() {}

        /**
         * Takes more for what can be done without: up to a quarter of all.
         *
         * @param bytes how much more
         * @return whether it may be had
         */
        public boolean tryTake(long bytes) {
            return tryTake(bytes, limit / 4);
        }

        private boolean tryTake(long bytes, long most) {
            if (held.addAndGet(bytes) > most) {
                held.addAndGet(-bytes);
                return false;
            }
            size += bytes;
            return true;
        }

        /**
         * Takes more.
         *
         * @param bytes how much more
         * @throws ProblemException 503 if there is no room
         */
        public void take(long bytes) {
            if (!tryTake(bytes, size + bytes <= SMALL ? limit : limit - limit / 4)) {
                refused.increment();
                refusing.run();
                throw Problems.of(new ResourceException(
                                ErrorCode.BUSY,
                                "the bodies of all requests under way together take more memory than http.max-bodies"
                                        + " allows, " + limit + " bytes; try again later"))
                        .exception();
            }
        }

        /**
         * Gives some back.
         *
         * @param bytes how much less; what is beyond what is held counts for nothing
         */
        public void give(long bytes) {
            long less = Math.min(bytes, size);
            size -= less;
            held.addAndGet(-less);
        }

        /** Gives all back. */
        public void giveAll() {
            if (size > 0) {
                give(size);
            }
        }
    }
}
