package org.millrace.plugin.sse;

/**
 * How many changes may be on their way to one client: as many as fill a number of bytes, judged by the size of the
 * latest. What a client that does not read can pile up is bounded by it. Used on one event loop.
 */
final class DemandWindow {
    private static final int BYTES = 128 * 1024;
    private static final int MOST = 256;

    private int average = 1024;
    private int asked;

    /** A change of this size has arrived. */
    void arrived(int size) {
        asked--;
        average = size > average ? size : (average * 7 + size) / 8;
    }

    /** How many more to ask for now; counts them as asked for. */
    int refill() {
        int window = Math.clamp(BYTES / Math.max(average, 1), 1, MOST);
        int more = window - asked;
        // Asking in larger steps costs the host less.
        if (more <= 0 || asked > window / 2) {
            return 0;
        }
        asked += more;
        return more;
    }

    /** A new subscription has been asked for nothing yet. */
    void restart() {
        asked = 0;
    }
}
