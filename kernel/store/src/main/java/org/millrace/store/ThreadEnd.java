package org.millrace.store;

/** Waits for a thread of the store, or of what stands above it, to end. */
public final class ThreadEnd {
    private ThreadEnd() {}

    /**
     * Blocks until the thread has ended, whatever happens: what closes next must not do so under it. An interrupt of the
     * caller is kept for the caller.
     *
     * @param thread not the caller's own
     */
    public static void await(Thread thread) {
        boolean interrupted = false;
        while (true) {
            try {
                thread.join();
                break;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
