package org.millrace.plugin.websocket;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Logs clients that break the protocol, only so many a second, so that a flood of them does not become a flood of lines.
 * Safe for use by any thread.
 */
final class Complaints {
    private static final int LINES_A_SECOND = 10;

    private final Logger log;
    private final AtomicLong second = new AtomicLong();
    private final AtomicInteger lines = new AtomicInteger();

    Complaints(Logger log) {
        this.log = log;
    }

    /** A client did something, and something was done about it. */
    void about(String remote, String what, String then) {
        long now = System.nanoTime() / 1_000_000_000;
        if (second.getAndSet(now) != now) {
            int suppressed = lines.getAndSet(0) - LINES_A_SECOND;
            if (suppressed > 0) {
                log.log(Level.WARNING, "{0} further WebSocket connections broke the protocol", suppressed);
            }
        }
        if (lines.incrementAndGet() <= LINES_A_SECOND) {
            log.log(
                    Level.WARNING,
                    "{0} {1}: {2}. If the client is yours, correct it or raise the limit in the websocket section",
                    remote,
                    then,
                    what);
        }
    }
}
