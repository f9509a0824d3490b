package org.millrace.plugin.http.condition;

import io.netty.handler.codec.DateFormatter;
import java.time.Instant;
import java.util.Date;
import java.util.Optional;

/** Dates as HTTP writes them (RFC 9110 section 5.6.7), to the second. */
public final class HttpDate {
    private HttpDate() {}

    /**
     * Writes a date.
     *
     * @param epochMillis milliseconds since the epoch
     * @return for example {@code Sun, 06 Nov 1994 08:49:37 GMT}
     */
    public static String format(long epochMillis) {
        return DateFormatter.format(new Date(epochMillis));
    }

    /**
     * Reads a date in any of the three forms.
     *
     * @param text a header field's value
     * @return empty if it is no date, which a recipient then ignores (RFC 9110 section 13.1.3)
     */
    public static Optional<Instant> parse(String text) {
        return Optional.ofNullable(DateFormatter.parseHttpDate(text)).map(Date::toInstant);
    }
}
