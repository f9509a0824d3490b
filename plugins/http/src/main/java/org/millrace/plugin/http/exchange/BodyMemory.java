package org.millrace.plugin.http.exchange;

import java.util.concurrent.atomic.LongAdder;
import org.millrace.plugin.http.problem.ProblemException;
import org.millrace.plugin.http.problem.Problems;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.ResourceException;
import org.millrace.spi.transport.MemoryBudget;

/**
 * The memory that request bodies may take while they come and until their writes are done, over all connections together.
 * A body for which there is no room is refused with 503. Safe for use by any thread.
 */
public final class BodyMemory {
    private final MemoryBudget budget;
    private final Runnable refusing;
    private final LongAdder refused = new LongAdder();

    /**
     * Sets the bound.
     *
     * @param limit in bytes; 0 for a quarter of the heap
     * @param refusing told of each request that is refused
     */
    public BodyMemory(long limit, Runnable refusing) {
        this.budget = new MemoryBudget(limit);
        this.refusing = refusing;
    }

    /**
     * How much is held now.
     *
     * @return bytes, at most the limit
     */
    public long held() {
        return budget.held();
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
        return new Share(budget.share());
    }

    /** What one request holds. Used by one thread at a time. */
    public final class Share {
        private final MemoryBudget.Share share;

        private Share(MemoryBudget.Share share) {
            this.share = share;
        }

        /**
         * Takes more for what can be done without: up to a quarter of all.
         *
         * @param bytes how much more
         * @return whether it may be had
         */
        public boolean tryTake(long bytes) {
            return share.tryTakeSpare(bytes);
        }

        /**
         * Takes more.
         *
         * @param bytes how much more
         * @throws ProblemException 503 if there is no room
         */
        public void take(long bytes) {
            if (!share.tryTake(bytes)) {
                refused.increment();
                refusing.run();
                throw Problems.of(new ResourceException(
                                ErrorCode.BUSY,
                                "the bodies of all requests under way together take more memory than http.max-bodies"
                                        + " allows, " + budget.limit() + " bytes; try again later"))
                        .exception();
            }
        }

        /**
         * Gives some back.
         *
         * @param bytes how much less; what is beyond what is held counts for nothing
         */
        public void give(long bytes) {
            share.give(bytes);
        }

        /** Gives all back. */
        public void giveAll() {
            share.giveAll();
        }
    }
}
