package org.millrace.benchmarks;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.function.Supplier;

/** HTTP/1.1 requests, one in flight a connection. */
final class HttpLoad extends LoadConnection {
    private static final String CONTENT_LENGTH = "content-length:";
    private static final String TRANSFER_ENCODING = "transfer-encoding:";

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
        if (buffer.get(start + "HTTP/1.1 ".length()) - '0' != expectedStatusClass) {
            String head = StandardCharsets.ISO_8859_1
                    .decode(buffer.slice(start, headEnd - start))
                    .toString();
            throw new IOException(
                    "unexpected answer: " + head.lines().findFirst().orElse(""));
        }
        int length = lengthOfBody(buffer, start, headEnd);
        if (length < 0 || buffer.limit() < headEnd + length) {
            return false;
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

    /** How long the body is; -1 if that cannot be said yet. Looks at bytes, as the load must cost little itself. */
    private static int lengthOfBody(ByteBuffer buffer, int start, int headEnd) {
        for (int line = start; line < headEnd; line = nextLine(buffer, line)) {
            if (isField(buffer, line, CONTENT_LENGTH)) {
                return number(buffer, line + CONTENT_LENGTH.length());
            }
            if (isField(buffer, line, TRANSFER_ENCODING)) {
                return chunkedLength(buffer, headEnd);
            }
        }
        return 0;
    }

    private static int nextLine(ByteBuffer buffer, int from) {
        int at = from;
        while (buffer.get(at) != '\n') {
            at++;
        }
        return at + 1;
    }

    private static boolean isField(ByteBuffer buffer, int line, String name) {
        for (int i = 0; i < name.length(); i++) {
            if ((buffer.get(line + i) | 0x20) != (name.charAt(i) | 0x20)) {
                return false;
            }
        }
        return true;
    }

    private static int number(ByteBuffer buffer, int from) {
        int at = from;
        while (buffer.get(at) == ' ') {
            at++;
        }
        int value = 0;
        for (int digit = buffer.get(at) - '0'; digit >= 0 && digit <= 9; digit = buffer.get(++at) - '0') {
            value = value * 10 + digit;
        }
        return value;
    }
}
