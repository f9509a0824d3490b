package org.millrace.plugin.http.wire;

import java.nio.charset.StandardCharsets;
import java.time.Clock;
import org.millrace.plugin.http.condition.HttpDate;

/** The {@code Date} line (RFC 9110 section 6.6.1), made once a second. Safe for use by any thread. */
final class DateLine {
    @SuppressWarnings("ArrayRecordComponent") // handed to buffers, never compared
    private record Line(long second, String value, byte[] bytes) {}

    private final Clock clock;
    // Two event loops may both make the same second's line; either is right.
    private volatile Line line = new Line(-1, "", new byte[0]);

    DateLine(Clock clock) {
        this.clock = clock;
    }

    byte[] bytes() {
        return current().bytes;
    }

    String value() {
        return current().value;
    }

    private Line current() {
        long now = clock.millis();
        Line current = line;
        if (current.second != now / 1000) {
            String value = HttpDate.format(now);
            current = new Line(now / 1000, value, ("Date: " + value + "\r\n").getBytes(StandardCharsets.US_ASCII));
            line = current;
        }
        return current;
    }
}
