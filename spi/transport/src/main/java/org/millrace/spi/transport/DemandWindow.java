package org.millrace.spi.transport;

/**
 * How many changes may be on their way to one client: as many as fill a number of bytes, judged by the size of the
 * latest. A plugin asks its {@link org.millrace.spi.resource.Subscription} for what {@link #refill} says while the
 * socket takes more, so what a client that does not read can pile up is bounded by the window. Used on one event loop.
 *
 * @since 0.1
 */
public final class DemandWindow {
    private static final int BYTES = 32 * 1024;
    private static final int MOST = 256;

    private int average = 1024;
    private int asked;

    /** A window from which nothing is asked yet. */
    public DemandWindow() {}

    /**
     * A change has arrived.
     *
     * @param size how many bytes it takes on the wire
     */
    public void arrived(int size) {
        asked--;
        average = size > average ? size : (average * 7 + size) / 8;
    }

    /**
     * How many more changes to ask for now; counts them as asked for.
     *
     * @return 0 while enough are on their way
     */
    public int refill() {
        return refill(1, Long.MAX_VALUE);
    }

    /**
     * How many more changes to ask for now, where several subscriptions share the client's window.
     *
     * @param sharers how many subscriptions the client has, at least 1
     * @param most how many the client asked for itself
     * @return 0 while enough are on their way
     */
    public int refill(int sharers, long most) {
        int window = Math.clamp(BYTES / ((long) Math.max(average, 1) * sharers), 1, MOST);
        int more = (int) Math.min(window - asked, most);
        // Asking in larger steps costs the host less.
        if (more <= 0 || asked > window / 2) {
            return 0;
        }
        asked += more;
        return more;
    }

    /** A new subscription takes the place of the one before: nothing is asked of it yet. */
    public void restart() {
        asked = 0;
    }
}
