package org.millrace.plugin.http.wire;

import io.netty.handler.codec.http.HttpResponseStatus;
import java.nio.charset.StandardCharsets;

/** The status lines, each made once. */
final class StatusLine {
    private static final int FIRST = 100;
    private static final byte[][] LINES = new byte[500][];

    static {
        for (int i = 0; i < LINES.length; i++) {
            String reason = reason(FIRST + i);
            LINES[i] = ("HTTP/1.1 " + (FIRST + i) + " " + reason + "\r\n").getBytes(StandardCharsets.US_ASCII);
        }
    }

    private StatusLine() {}

    private static String reason(int status) {
        return switch (status) {
            // Netty has the names of older specifications; these are RFC 9110's.
            case 413 -> "Content Too Large";
            case 414 -> "URI Too Long";
            default -> HttpResponseStatus.valueOf(status).reasonPhrase();
        };
    }

    /** The line of a status from 100 to 599, with its line end. Not to be altered. */
    static byte[] of(int status) {
        return LINES[status - FIRST];
    }
}
