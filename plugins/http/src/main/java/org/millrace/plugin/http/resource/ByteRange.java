package org.millrace.plugin.http.resource;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.millrace.plugin.http.condition.HttpDate;

/**
 * The part of a record that a client asks for (RFC 9110 section 14). One range of bytes is given; several, other units
 * and what cannot be read are answered with the whole, as section 14.2 allows.
 *
 * @param from the first byte
 * @param to the last byte; before {@code from} if the record has no such part
 */
record ByteRange(int from, int to) {
    private static final Pattern ONE = Pattern.compile("(?i:bytes)=\\s*(\\d{0,18})-(\\d{0,18})\\s*");

    /**
     * Reads what a request asks for.
     *
     * @param headers its header fields
     * @param tag the tag of the representation, without quotes
     * @param modified when it was altered, in milliseconds since the epoch
     * @param size its size
     * @return null for the whole
     */
    static @Nullable ByteRange of(HttpHeaders headers, String tag, long modified, int size) {
        @Nullable String range = headers.get(HttpHeaderNames.RANGE);
        if (range == null || !isCurrent(headers.get(HttpHeaderNames.IF_RANGE), tag, modified)) {
            return null;
        }
        Matcher one = ONE.matcher(range);
        if (!one.matches()) {
            return null;
        }
        if (one.group(1).isEmpty()) {
            if (one.group(2).isEmpty()) {
                return null;
            }
            long last = Long.parseLong(one.group(2));
            return last == 0 ? new ByteRange(0, -1) : new ByteRange((int) Math.max(0, size - last), size - 1);
        }
        long from = Long.parseLong(one.group(1));
        long to = one.group(2).isEmpty() ? Long.MAX_VALUE : Long.parseLong(one.group(2));
        if (to < from) {
            return null;
        }
        return from >= size ? new ByteRange(0, -1) : new ByteRange((int) from, (int) Math.min(to, size - 1));
    }

    /** Section 13.1.5: a part of another state than the client's would not fit; a date must match exactly. */
    private static boolean isCurrent(@Nullable String ifRange, String tag, long modified) {
        if (ifRange == null) {
            return true;
        }
        if (ifRange.startsWith("\"")) {
            return ifRange.equals('"' + tag + '"');
        }
        return HttpDate.parse(ifRange)
                .filter(date -> date.getEpochSecond() == modified / 1000)
                .isPresent();
    }

    boolean isSatisfiable() {
        return to >= from;
    }
}
