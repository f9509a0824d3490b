package org.millrace.benchmarks;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * A server of a comparison.
 *
 * @param name how rows name it
 * @param address where it listens
 * @param table the table that has the records
 * @param fields header fields that each request carries, each with its line's end
 * @param process for the processor time it takes; null if that is not known
 */
record HttpPeer(
        String name,
        InetSocketAddress address,
        String table,
        String fields,
        @Nullable ProcessHandle process) {
    /**
     * A server started beforehand.
     *
     * @param spec {@code HOST:PORT:TABLE:PID:AUTHORIZATION}
     */
    static HttpPeer of(String name, String spec) throws IOException {
        String[] part = spec.split(":", 5);
        if (part.length < 5) {
            throw new IOException("'" + spec + "' is not HOST:PORT:TABLE:PID:AUTHORIZATION");
        }
        return new HttpPeer(
                name,
                new InetSocketAddress(part[0], Integer.parseInt(part[1])),
                part[2],
                "Authorization: " + part[4] + "\r\n",
                ProcessHandle.of(Long.parseLong(part[3])).orElse(null));
    }

    /** User and system time so far, in seconds; not a number if it is not known. */
    double cpuSeconds() {
        return process == null
                ? Double.NaN
                : process.info().totalCpuDuration().map(d -> d.toMillis() / 1e3).orElse(Double.NaN);
    }

    /** The same server with another table. */
    HttpPeer with(String other) {
        return new HttpPeer(name, address, other, fields, process);
    }

    byte[] get(String rest) {
        return bytes("GET /" + table + "/" + rest + " HTTP/1.1\r\nHost: localhost\r\n" + fields + "\r\n");
    }

    byte[] put(String id, String json) {
        return bytes("PUT /" + table + "/" + id + " HTTP/1.1\r\nHost: localhost\r\n" + fields
                + "Content-Type: application/json\r\nContent-Length: " + json.length() + "\r\n\r\n" + json);
    }

    private static byte[] bytes(String request) {
        return request.getBytes(StandardCharsets.ISO_8859_1);
    }
}
