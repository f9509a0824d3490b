package org.millrace.plugin.http.connection;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Logs clients that break the protocol, each connection once and only so many a second, so that a flood of them does not
 * become a flood of lines. Safe for use by any thread.
 */
final class ComplaintLog {
    private static final int LINES_A_SECOND = 10;

    private final Logger log;
    private final AtomicLong second = new AtomicLong();
    private final AtomicInteger lines = new AtomicInteger();

    ComplaintLog(Logger log) {
        this.log = log;
    }

    void brokeOff(String peer, int status, String why) {
        brokeOff(peer, Integer.toString(status), why);
    }

    void brokeOff(String peer, String answer, String why) {
        long now = System.nanoTime() / 1_000_000_000;
        if (second.getAndSet(now) != now) {
            int suppressed = lines.getAndSet(0) - LINES_A_SECOND;
            if (suppressed > 0) {
                log.log(Level.WARNING, "{0} further connections were closed for malformed requests", suppressed);
            }
        }
        if (lines.incrementAndGet() <= LINES_A_SECOND) {
            log.log(
                    Level.WARNING,
                    "{0}: answered {1} and closed the connection: {2}. If the client is yours, correct it or raise"
                            + " the limit in the http section",
                    peer,
                    answer,
                    why);
        }
    }
}
