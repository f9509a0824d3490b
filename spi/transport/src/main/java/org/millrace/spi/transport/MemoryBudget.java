package org.millrace.spi.transport;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Memory that all connections of a plugin share for what their clients have begun to send and not finished, such as
 * bodies and messages: each is bounded by itself, but a host takes so many connections that all of them would not fit.
 * Large ones leave a quarter of it to small ones, so that a few clients that send large ones slowly do not keep all others
 * from being served. What becomes of a client for whom there is no room is the plugin's to say. Safe for use by any
 * thread.
 *
 * @since 0.1
 */
public final class MemoryBudget {
    /** What counts as small altogether, in bytes. */
    public static final int SMALL = 16 * 1024;

    private final long limit;
    private final AtomicLong held = new AtomicLong();

    /**
     * Sets the bound.
     *
     * @param limit in bytes; 0 for a quarter of the heap
     */
    public MemoryBudget(long limit) {
        this.limit = limit > 0 ? limit : Runtime.getRuntime().maxMemory() / 4;
    }

    /**
     * The bound.
     *
     * @return in bytes
     */
    public long limit() {
        return limit;
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
     * A part of it for one request or connection, which gives back all of it when it ends.
     *
     * @return empty
     */
    public Share share() {
        return new Share();
    }

    /** What one request or connection holds. Used by one thread at a time. */
    public final class Share {
        private long size;

        private Share() {}

        /**
         * Takes more, and may use what is kept for small ones while it is small itself.
         *
         * @param bytes how much more
         * @return whether it may be had; otherwise nothing is taken
         */
        public boolean tryTake(long bytes) {
            return tryTake(bytes, size + bytes <= SMALL);
        }

        /**
         * Takes more.
         *
         * @param bytes how much more
         * @param small whether what is kept for small ones may be used
         * @return whether it may be had; otherwise nothing is taken
         */
        public boolean tryTake(long bytes, boolean small) {
            return tryTakeOf(small ? limit : limit - limit / 4, bytes);
        }

        /**
         * Takes more for what can be done without: up to a quarter of all.
         *
         * @param bytes how much more
         * @return whether it may be had; otherwise nothing is taken
         */
        public boolean tryTakeSpare(long bytes) {
            return tryTakeOf(limit / 4, bytes);
        }

        private boolean tryTakeOf(long most, long bytes) {
            if (held.addAndGet(bytes) > most) {
                held.addAndGet(-bytes);
                return false;
            }
            size += bytes;
            return true;
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
