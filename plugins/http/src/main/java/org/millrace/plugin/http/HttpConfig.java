package org.millrace.plugin.http;

import java.time.Duration;
import java.util.List;
import org.millrace.plugin.http.negotiation.ContentMode;
import org.millrace.spi.plugin.ByteSize;
import org.millrace.spi.plugin.Setting;
import org.millrace.spi.transport.ListenerSettings;

/**
 * The settings under the key {@code http}.
 *
 * @param listener port, address, TLS; the port is 8080 unless set
 * @param content what a body without a declared type is taken for
 * @param maxRequestLine the longest request line, and so the longest path in its escaped form
 * @param maxHeaderSize all header fields of a request together
 * @param files the directory of files served below {@code /$console/}; empty for none
 * @param maxBulk the largest body of a transaction
 * @param maxBulkItems the most operations of a transaction, and the most results that a bulk write lists
 * @param maxBodies what the bodies of all requests under way may take of the heap; 0 for a quarter of it
 * @param compressAbove the size from which answers are compressed; 0 for never
 * @param origins the origins of web pages that may use the server
 * @param maxPipelined how many requests of one connection may be under way
 * @param maxStreams how many requests of one HTTP/2 connection may be under way
 * @param maxResets how many requests an HTTP/2 client may cancel within 30 seconds
 * @param maxControlFrames how many frames without a request an HTTP/2 client may send within 30 seconds
 * @param maxUnsent how many bytes of answers may wait for an HTTP/2 client before its requests do
 * @param headerTimeout how long the head of a request may take from its first byte
 * @param bodyTimeout how long the body of a request may take from the end of its head
 * @param sendTimeout how long a client may take no byte of an answer that waits for it
 * @param idleTimeout how long a connection may wait for its next request
 * @param drainTimeout how long requests under way may take when the plugin stops
 * @param credentialLifetime how long a connection's credentials count before they are checked again
 * @param realm the name of the protection space that clients show to their users
 */
public record HttpConfig(
        @Setting(inline = true) ListenerSettings listener,

        @Setting(
                value = "auto",
                doc = "a body of no declared type: auto (JSON if it is JSON, else opaque) or declared (opaque)")
        ContentMode content,

        @Setting(value = "8KiB", min = 256, max = 1 << 20, doc = "longest request line; beyond it 414")
        ByteSize maxRequestLine,

        @Setting(value = "16KiB", min = 256, max = 1 << 20, doc = "header fields of a request; beyond it 431")
        ByteSize maxHeaderSize,

        @Setting(doc = "directory of files served below /$console/; empty for none")
        String files,

        @Setting(value = "16MiB", min = 1024, max = 1 << 30, doc = "body of a transaction; beyond it 413")
        ByteSize maxBulk,

        @Setting(
                value = "10000",
                min = 1,
                max = 1_000_000,
                doc = "operations of a transaction, beyond it 413; results that a bulk write lists, beyond it counts")
        int maxBulkItems,

        @Setting(
                value = "0",
                min = 0,
                doc = "heap that bodies of requests under way take, all together; beyond it 503; 0 for a quarter of it")
        ByteSize maxBodies,

        @Setting(
                value = "1KiB",
                min = 0,
                doc = "size from which answers are compressed where the client takes it; 0 never")
        ByteSize compressAbove,

        @Setting(value = "same-host", doc = "origins of pages that may read and write: same-host, names, or *")
        List<String> origins,

        @Setting(value = "64", min = 1, max = 10_000, doc = "requests of one connection that may be under way")
        int maxPipelined,

        @Setting(value = "100", min = 1, max = 10_000, doc = "requests of one HTTP/2 connection that may be under way")
        int maxStreams,

        @Setting(value = "200", min = 1, doc = "HTTP/2 requests a connection may cancel within 30 s; beyond it the end")
        int maxResets,

        @Setting(
                value = "1000",
                min = 1,
                doc = "HTTP/2 PING, SETTINGS and PRIORITY frames within 30 s; beyond it the end")
        int maxControlFrames,

        @Setting(value = "8MiB", min = 65_536, doc = "answers of one HTTP/2 connection that may wait for its client")
        ByteSize maxUnsent,

        @Setting(value = "10s", min = 1, doc = "time for the head of a request; beyond it 408")
        Duration headerTimeout,

        @Setting(value = "60s", min = 1, doc = "time for the body of a request; beyond it 408")
        Duration bodyTimeout,

        @Setting(value = "60s", min = 1, doc = "time a client may leave an answer unread before it is cut off")
        Duration sendTimeout,

        @Setting(value = "75s", min = 1, doc = "time a connection may wait for its next request")
        Duration idleTimeout,

        @Setting(value = "5s", min = 0, doc = "time for requests under way when the host stops")
        Duration drainTimeout,

        @Setting(value = "60s", min = 0, doc = "time after which a connection's credentials are checked again")
        Duration credentialLifetime,

        @Setting(value = "millrace", doc = "name of the protection space in WWW-Authenticate")
        String realm) {}
