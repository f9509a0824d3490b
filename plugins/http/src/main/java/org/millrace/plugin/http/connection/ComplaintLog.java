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

    private static final long ROOM_SECONDS = 60;

    private final Logger log;
    private final AtomicLong room = new AtomicLong(Long.MIN_VALUE / 2);
    private final AtomicLong second = new AtomicLong();
    private final AtomicInteger lines = new AtomicInteger();

    ComplaintLog(Logger log) {
        this.log = log;
    }

    /** A request was refused for want of room for its body; said once a minute. */
    void noRoomForBodies() {
        long now = System.nanoTime() / 1_000_000_000;
        long last = room.get();
        if (now - last >= ROOM_SECONDS && room.compareAndSet(last, now)) {
            log.log(
                    Level.WARNING,
                    "Requests are answered 503, since the bodies of those under way take all the memory that they may."
                            + " Raise http.max-bodies, and with it the heap, if so many at once are meant");
        }
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
