package org.millrace.plugin.http.condition;

import io.netty.handler.codec.DateFormatter;
import java.time.Instant;
import java.util.Date;
import java.util.Optional;

/** Dates as HTTP writes them (RFC 9110 section 5.6.7), to the second. */
public final class HttpDate {
    private static final long SECONDS_A_DAY = 86_400;

    /** Most dates of one time are of few days. Replaced as a whole, so any thread may see any of them. */
    private record Day(long number, String text) {}

    private static volatile Day lastDay = new Day(Long.MIN_VALUE, "");

    private HttpDate() {}

    /**
     * Writes a date.
     *
     * @param epochMillis milliseconds since the epoch
     * @return for example {@code Sun, 06 Nov 1994 08:49:37 GMT}
     */
    public static String format(long epochMillis) {
        long second = Math.floorDiv(epochMillis, 1000);
        long number = Math.floorDiv(second, SECONDS_A_DAY);
        Day day = lastDay;
        if (day.number != number) {
            String text = DateFormatter.format(new Date(number * SECONDS_A_DAY * 1000));
            day = new Day(number, text.substring(0, text.length() - "00:00:00 GMT".length()));
            lastDay = day;
        }
        int ofDay = (int) (second - number * SECONDS_A_DAY);
        StringBuilder date = new StringBuilder(32).append(day.text);
        twoDigits(date, ofDay / 3600);
        twoDigits(date.append(':'), ofDay / 60 % 60);
        twoDigits(date.append(':'), ofDay % 60);
        return date.append(" GMT").toString();
    }

    private static void twoDigits(StringBuilder text, int value) {
        text.append((char) ('0' + value / 10)).append((char) ('0' + value % 10));
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
