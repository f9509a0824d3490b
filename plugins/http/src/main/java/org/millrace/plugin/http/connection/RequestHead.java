package org.millrace.plugin.http.connection;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import org.jspecify.annotations.Nullable;
import org.millrace.plugin.http.problem.Problem;
import org.millrace.plugin.http.problem.Problems;

/**
 * What the head of a request says about the message itself (RFC 9112 sections 3.2, 6 and 9.3).
 *
 * @param http10 whether the client speaks HTTP/1.0
 * @param keepAlive whether the client wants the connection to go on
 * @param contentLength the length of the body; -1 if it comes in chunks
 * @param expectsContinue whether the client waits for leave to send the body
 */
record RequestHead(boolean http10, boolean keepAlive, long contentLength, boolean expectsContinue) {
    /** What may stand in a host beside letters and digits (RFC 3986 section 3.2.2). */
    private static final String MARKS = "-._~!$&'()*+,;=%";

    /** What is assumed of a request that could not be read. */
    static final RequestHead UNREADABLE = new RequestHead(false, false, 0, false);

    /**
     * Reads a head.
     *
     * @throws org.millrace.plugin.http.problem.ProblemException if the message cannot be understood; the connection
     *     must end, since what follows cannot be either
     */
    static RequestHead read(HttpRequest request) {
        HttpVersion version = request.protocolVersion();
        if (version.majorVersion() != 1 || !version.protocolName().equals("HTTP")) {
            throw new Problem(
                            505,
                            "version-not-supported",
                            "The HTTP version is not supported",
                            "'" + version.text() + "' is not spoken here; use HTTP/1.1")
                    .exception();
        }
        HttpHeaders headers = request.headers();
        boolean http10 = version.minorVersion() == 0;
        int hosts = headers.getAll(HttpHeaderNames.HOST).size();
        if (hosts > 1 || hosts == 0 && !http10) {
            throw Problems.badRequest("the request has " + hosts + " Host fields; it needs exactly one (RFC 9112 3.2)")
                    .exception();
        }
        checkHost(headers.get(HttpHeaderNames.HOST));
        boolean close = headers.containsValue(HttpHeaderNames.CONNECTION, "close", true);
        boolean keepAlive =
                !close && (!http10 || headers.containsValue(HttpHeaderNames.CONNECTION, "keep-alive", true));
        return new RequestHead(http10, keepAlive, contentLength(headers, http10), expects(headers, http10));
    }

    /**
     * Refuses what is no host and port (RFC 9112 section 3.2), since other servers on the way might read it otherwise.
     *
     * @param host the field's value; null without the field
     */
    static void checkHost(@Nullable String host) {
        if (host == null) {
            return;
        }
        int port = -1;
        boolean bracket = false;
        for (int i = 0; i < host.length(); i++) {
            char c = host.charAt(i);
            boolean allowed = port >= 0
                    ? c >= '0' && c <= '9'
                    : c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || MARKS.indexOf(c) >= 0;
            if (c == '[' && i == 0) {
                bracket = true;
            } else if (c == ']' && bracket) {
                bracket = false;
            } else if (c == ':' && port < 0 && !bracket) {
                port = i;
            } else if (!allowed && !(bracket && c == ':')) {
                throw Problems.badRequest("the Host field holds '" + shown(String.valueOf(c)) + "' at position " + i
                                + "; it is a host and perhaps a port (RFC 9112 section 3.2)")
                        .exception();
            }
        }
        if (bracket) {
            throw Problems.badRequest("the Host field has '[' without ']'").exception();
        }
    }

    static long contentLength(HttpHeaders headers, boolean http10) {
        @Nullable String coding = headers.get(HttpHeaderNames.TRANSFER_ENCODING);
        if (coding != null) {
            if (http10 || headers.contains(HttpHeaderNames.CONTENT_LENGTH)) {
                throw Problems.badRequest("the length of the body is given in two ways")
                        .exception();
            }
            if (!coding.equalsIgnoreCase("chunked")
                    || headers.getAll(HttpHeaderNames.TRANSFER_ENCODING).size() > 1) {
                throw Problems.notImplemented("transfer coding '" + coding + "' is not known; send chunked")
                        .exception();
            }
            return -1;
        }
        @Nullable String length = headers.get(HttpHeaderNames.CONTENT_LENGTH);
        if (length == null) {
            return 0;
        }
        boolean digits = !length.isEmpty() && length.chars().allMatch(c -> c >= '0' && c <= '9');
        if (!digits || headers.getAll(HttpHeaderNames.CONTENT_LENGTH).size() > 1) {
            throw Problems.badRequest("Content-Length '" + length + "' is no number")
                    .exception();
        }
        return length.length() > 18 ? Long.MAX_VALUE : Long.parseLong(length);
    }

    static boolean expects(HttpHeaders headers, boolean http10) {
        @Nullable String expect = headers.get(HttpHeaderNames.EXPECT);
        if (expect == null || http10) {
            return false;
        }
        if (!expect.equalsIgnoreCase("100-continue")) {
            throw new Problem(
                            417,
                            "expectation-failed",
                            "The expectation cannot be met",
                            "Expect '" + expect + "' is not known; only 100-continue is")
                    .exception();
        }
        return true;
    }

    /**
     * What is wrong with a request that the decoder could not read.
     *
     * @param cause the decoder's failure
     * @param inBody whether the head could be read
     */
    static Problem unreadable(Throwable cause, boolean inBody) {
        return switch (cause) {
            case TooLongHttpLineException e
            when !inBody -> new Problem(414, "uri-too-long", "The URI is too long", shown(e.getMessage()));
            case TooLongHttpHeaderException e -> Problems.headerTooLarge(shown(e.getMessage()));
            default -> Problems.badRequest("the request cannot be read: " + shown(cause.getMessage()));
        };
    }

    /** The decoder's message, as far as it can be shown: it may quote what the client sent. */
    static String shown(@Nullable String message) {
        if (message == null) {
            return "malformed HTTP";
        }
        String clean = message.replaceAll("[^\\x20-\\x7e]", "?").replaceFirst("\\.$", "");
        return clean.length() > 200 ? clean.substring(0, 200) + "..." : clean;
    }
}
