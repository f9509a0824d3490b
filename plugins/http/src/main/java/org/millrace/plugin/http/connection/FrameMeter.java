package org.millrace.plugin.http.connection;

import java.util.concurrent.TimeUnit;

/** Counts the frames of a connection that cost work and carry no request, by windows of time. */
final class FrameMeter {
    private static final long WINDOW = TimeUnit.SECONDS.toNanos(30);

    private final int limit;
    private long since = System.nanoTime();
    private int count;

    FrameMeter(int limit) {
        this.limit = limit;
    }

    /** Counts one; false if it is one too many. */
    boolean take() {
        long now = System.nanoTime();
        if (now - since > WINDOW) {
            since = now;
            count = 0;
        }
        count++;
        return count <= limit;
    }
}
