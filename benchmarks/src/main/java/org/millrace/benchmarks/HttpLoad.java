package org.millrace.benchmarks;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.function.Supplier;

/** HTTP/1.1 requests, one in flight a connection. */
final class HttpLoad extends LoadConnection {
    private final Supplier<byte[]> requests;
    private final int expectedStatusClass;
    private boolean waiting;
    private long sentAt;

    /**
     * Connects.
     *
     * @param requests gives the bytes of each request
     * @param expectedStatusClass the first digit that every answer's status must have
     */
    HttpLoad(InetSocketAddress address, Supplier<byte[]> requests, int expectedStatusClass) throws IOException {
        super(address);
        this.requests = requests;
        this.expectedStatusClass = expectedStatusClass;
    }

    static byte[] get(String path) {
        return ("GET " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n").getBytes(StandardCharsets.ISO_8859_1);
    }

    static byte[] put(String path, String json) {
        return ("PUT " + path + " HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: "
                        + json.length() + "\r\n\r\n" + json)
                .getBytes(StandardCharsets.ISO_8859_1);
    }

    @Override
    void fill(Measurement measurement) throws IOException {
        if (!waiting) {
            out().put(requests.get());
            waiting = true;
            sentAt = System.nanoTime();
            flush();
        }
    }

    @Override
    boolean take(ByteBuffer buffer, Measurement measurement) throws IOException {
        int start = buffer.position();
        int headEnd = endOfHead(buffer);
        if (headEnd < 0) {
            return false;
        }
        String head = StandardCharsets.ISO_8859_1
                .decode(buffer.slice(start, headEnd - start))
                .toString();
        int length = head.contains("chunked") ? chunkedLength(buffer, headEnd) : contentLength(head);
        if (length < 0 || buffer.limit() < headEnd + length) {
            return false;
        }
        if (head.charAt("HTTP/1.1 ".length()) - '0' != expectedStatusClass) {
            throw new IOException(
                    "unexpected answer: " + head.lines().findFirst().orElse(""));
        }
        buffer.position(headEnd + length);
        measurement.answered(sentAt);
        waiting = false;
        return true;
    }

    private static int endOfHead(ByteBuffer buffer) {
        for (int i = buffer.position() + 3; i < buffer.limit(); i++) {
            if (buffer.get(i) == '\n' && buffer.get(i - 2) == '\n') {
                return i + 1;
            }
        }
        return -1;
    }

    /** The length of a body in chunks; -1 if its end has not come. The bodies asked for hold no empty chunk's text. */
    private static int chunkedLength(ByteBuffer buffer, int from) {
        for (int i = from + 4; i < buffer.limit(); i++) {
            boolean end = buffer.get(i) == '\n'
                    && buffer.get(i - 2) == '\n'
                    && buffer.get(i - 4) == '0'
                    && (i - 5 < from || buffer.get(i - 5) == '\n');
            if (end) {
                return i + 1 - from;
            }
        }
        return -1;
    }

    private static int contentLength(String head) {
        int at = head.toLowerCase(java.util.Locale.ROOT).indexOf("content-length:");
        if (at < 0) {
            return 0;
        }
        int from = at + "content-length:".length();
        return Integer.parseInt(head.substring(from, head.indexOf('\r', from)).strip());
    }
}
