package org.millrace.plugin.websocket;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/**
 * Logs clients that break the protocol, only so many a second, so that a flood of them does not become a flood of lines.
 * Safe for use by any thread.
 */
final class Complaints {
    private static final int LINES_A_SECOND = 10;
    private static final long ROOM_SECONDS = 60;

    private final Logger log;
    private final AtomicLong second = new AtomicLong();
    private final AtomicLong room = new AtomicLong(Long.MIN_VALUE / 2);
    private final LongAdder withoutRoom = new LongAdder();
    private final AtomicInteger lines = new AtomicInteger();

    Complaints(Logger log) {
        this.log = log;
    }

    /** A connection was closed since there was no room for its message; said once a minute. */
    void noRoomForMessages() {
        withoutRoom.increment();
        long now = System.nanoTime() / 1_000_000_000;
        long last = room.get();
        if (now - last >= ROOM_SECONDS && room.compareAndSet(last, now)) {
            log.log(
                    Level.WARNING,
                    "Connections are closed with 1013, since the unfinished messages of all take the memory that they"
                            + " may. Raise websocket.max-messages, and with it the heap, if so many at once are meant");
        }
    }

    /** How many connections were closed for want of room. */
    long withoutRoom() {
        return withoutRoom.sum();
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
