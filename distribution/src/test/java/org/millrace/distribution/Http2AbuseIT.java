package org.millrace.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.millrace.testkit.RawPeer;

/**
 * HTTP/2 clients that try to make an installed host work or remember without end: each is ended with the right error and
 * one line in the log, and leaves neither heap nor connections behind. RFC 9113 section 10.5, RFC 7541 section 7.3.
 */
class Http2AbuseIT {
    private static final int TIMES = 5;
    private static final long GROWTH = 24L << 20;

    private static final int DATA = 0;
    private static final int HEADERS = 1;
    private static final int RST_STREAM = 3;
    private static final int SETTINGS = 4;
    private static final int PING = 6;
    private static final int GOAWAY = 7;
    private static final int CONTINUATION = 9;
    private static final int END_STREAM = 1;
    private static final int END_HEADERS = 4;

    private static final int PROTOCOL_ERROR = 1;
    private static final int COMPRESSION_ERROR = 9;
    private static final int ENHANCE_YOUR_CALM = 11;

    private static final Pattern OPEN = Pattern.compile("millrace_listener_connections\\{listener=\"http\"} (\\d+)");

    @TempDir
    static Path folder;

    private static MillraceProcess host;
    private static long heapBefore;

    @BeforeAll
    static void startHost() {
        host = MillraceProcess.start(folder.resolve("data"));
        Http.put(host, "/good/1", Http.JSON, "1");
        heapBefore = host.heapAfterCollection();
    }

    @AfterAll
    static void stopHost() {
        assertThat(host.heapAfterCollection()).as("bytes of heap").isLessThan(heapBefore + GROWTH);
        assertThat(host.log()).doesNotContain(" ERROR ").doesNotContain("OutOfMemory");
        assertThat(host.stop()).isZero();
    }

    /** A client's bytes, a frame at a time. */
    private record Frames(ByteArrayOutputStream out) {
        Frames() {
            this(new ByteArrayOutputStream());
            out.writeBytes("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            send(SETTINGS, 0, 0);
        }

        Frames send(int type, int flags, int stream, byte... payload) {
            out.writeBytes(ByteBuffer.allocate(9 + payload.length)
                    .putShort((short) (payload.length >> 8))
                    .put((byte) payload.length)
                    .put((byte) type)
                    .put((byte) flags)
                    .putInt(stream)
                    .put(payload)
                    .array());
            return this;
        }

        /** GET /good/1 by static entries and one literal, and fields behind. */
        Frames get(int stream, byte... fields) {
            byte[] path = "/good/1".getBytes(StandardCharsets.US_ASCII);
            ByteArrayOutputStream block = new ByteArrayOutputStream();
            block.write(0x82);
            block.write(0x86);
            block.write(0x04);
            block.write(path.length);
            block.writeBytes(path);
            block.writeBytes(fields);
            return send(HEADERS, END_STREAM | END_HEADERS, stream, block.toByteArray());
        }
    }

    /**
     * What a client does.
     *
     * @param error the error of the GOAWAY that ends it; -1 if it is to be answered 431 and may go on
     */
    private record Abuse(String name, int error, Consumer<Frames> act) {
        @Override
        public String toString() {
            return name;
        }
    }

    /** A field into the dynamic table (RFC 7541 section 6.2.1): one letter, and a value of 3,000 bytes. */
    private static byte[] remembered(char name) {
        byte[] field = new byte[6 + 3_000];
        java.util.Arrays.fill(field, (byte) 'v');
        field[0] = 0x40;
        field[1] = 1;
        field[2] = (byte) name;
        // 3,000 as an integer with a prefix of seven bits: 127 and 2,873.
        field[3] = 127;
        field[4] = (byte) (2_873 & 127 | 128);
        field[5] = (byte) (2_873 >> 7);
        return field;
    }

    private static byte[] join(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }

    private static byte[] repeat(int b, int times) {
        byte[] all = new byte[times];
        java.util.Arrays.fill(all, (byte) b);
        return all;
    }

    static Stream<Abuse> abuses() {
        return Stream.of(
                new Abuse("rapid reset", ENHANCE_YOUR_CALM, f -> {
                    for (int i = 0; i < 5_000; i++) {
                        f.get(1 + 2 * i).send(RST_STREAM, 0, 1 + 2 * i, new byte[] {0, 0, 0, 8});
                    }
                }),
                new Abuse("streams that provoke a reset by the host", ENHANCE_YOUR_CALM, f -> {
                    for (int i = 0; i < 5_000; i++) {
                        f.get(1 + 2 * i, (byte) 0, (byte) 1, (byte) 'X', (byte) 0);
                    }
                }),
                new Abuse(
                        "header table larger than allowed",
                        COMPRESSION_ERROR,
                        // A size update to 2^28 (RFC 7541 section 6.3) at the head of a block.
                        f -> f.send(
                                HEADERS,
                                END_STREAM | END_HEADERS,
                                1,
                                join(
                                        new byte[] {0x3f, (byte) 0xe1, (byte) 0xff, (byte) 0xff, 0x7f},
                                        new byte[] {(byte) 0x82, (byte) 0x86, (byte) 0x84}))),
                new Abuse(
                        "index beyond the header table",
                        COMPRESSION_ERROR,
                        f -> f.get(1, (byte) 0xff, (byte) 0xff, (byte) 0xff, (byte) 0x7f)),
                new Abuse(
                        "integer without an end",
                        COMPRESSION_ERROR,
                        f -> f.get(1, join(new byte[] {(byte) 0xff}, repeat(0xff, 20)))),
                new Abuse(
                        "one remembered field many times over",
                        -1,
                        // A bomb: 4,000 bytes that stand for 12 million.
                        f -> f.get(1, join(remembered('a'), repeat(0xbe, 4_000)))),
                new Abuse("table filled anew by each request", -1, f -> {
                    f.get(1, join(remembered('a'), repeat(0xbe, 10)));
                    for (int i = 1; i < 90; i++) {
                        f.get(1 + 2 * i, remembered((char) ('a' + i % 26)));
                    }
                }),
                new Abuse("fields without an end in CONTINUATION", ENHANCE_YOUR_CALM, f -> {
                    f.send(HEADERS, END_STREAM, 1, (byte) 0x82, (byte) 0x86, (byte) 0x84);
                    for (int i = 0; i < 2_000; i++) {
                        f.send(CONTINUATION, 0, 1, join(new byte[] {0, 1, 'a', 100}, repeat('v', 100)));
                    }
                }),
                new Abuse("empty CONTINUATION", ENHANCE_YOUR_CALM, f -> {
                    f.send(HEADERS, END_STREAM, 1, (byte) 0x82, (byte) 0x86, (byte) 0x84);
                    for (int i = 0; i < 5_000; i++) {
                        f.send(CONTINUATION, 0, 1);
                    }
                }),
                new Abuse("PING", ENHANCE_YOUR_CALM, f -> {
                    for (int i = 0; i < 5_000; i++) {
                        f.send(PING, 0, 0, new byte[8]);
                    }
                }),
                new Abuse("SETTINGS of another header table each", ENHANCE_YOUR_CALM, f -> {
                    for (int i = 0; i < 5_000; i++) {
                        f.send(SETTINGS, 0, 0, (byte) 0, (byte) 1, (byte) (i & 0x3f), (byte) i, (byte) 0, (byte) 0);
                    }
                }),
                new Abuse("empty DATA", ENHANCE_YOUR_CALM, f -> {
                    f.send(HEADERS, END_HEADERS, 1, (byte) 0x83, (byte) 0x86, (byte) 0x84);
                    for (int i = 0; i < 5_000; i++) {
                        f.send(DATA, 0, 1);
                    }
                }),
                new Abuse(
                        "a frame on a stream of the server",
                        PROTOCOL_ERROR,
                        f -> f.send(HEADERS, END_STREAM | END_HEADERS, 2, (byte) 0x82, (byte) 0x86, (byte) 0x84)));
    }

    private static List<String> complaints() {
        return host.log().lines().filter(line -> line.contains(" WARN ")).toList();
    }

    private static int openConnections() {
        Matcher open = OPEN.matcher(Http.text(Http.get(host, "/metrics")));
        assertThat(open.find()).isTrue();
        return Integer.parseInt(open.group(1));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("abuses")
    void endsWithOneLineAndNothingLeft(Abuse abuse) {
        Frames frames = new Frames();
        abuse.act().accept(frames);
        byte[] bytes = frames.out().toByteArray();
        int connections = openConnections();
        for (int i = 0; i < TIMES; i++) {
            int before = complaints().size();

            int error = run(bytes, abuse.error() < 0);

            assertThat(error).isEqualTo(abuse.error());
            int lines = abuse.error() < 0 ? 0 : 1;
            Awaitility.await().untilAsserted(() -> assertThat(complaints()).hasSize(before + lines));
            // The log takes ten such lines a second.
            Awaitility.await().pollDelay(Duration.ofMillis(120)).until(() -> true);
        }
        Awaitility.await().untilAsserted(() -> assertThat(openConnections()).isLessThanOrEqualTo(connections));
        assertThat(Http.get(host, "/good/1").statusCode()).isEqualTo(200);
    }

    /** Sends, and gives the error of the GOAWAY; -1 if a good request behind is answered instead. */
    private static int run(byte[] bytes, boolean goesOn) {
        try (RawPeer peer = RawPeer.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), host.port("http")))
                .within(Duration.ofSeconds(30))) {
            try {
                peer.send(bytes);
                if (goesOn) {
                    ByteArrayOutputStream good = new ByteArrayOutputStream();
                    new Frames(good).get(9_999);
                    peer.send(good.toByteArray());
                }
            } catch (RuntimeException e) {
                // The host may end the connection in the middle; what it said is still to be read.
                assertThat(e.getCause()).isInstanceOf(java.io.IOException.class);
            }
            while (true) {
                ByteBuffer head = ByteBuffer.wrap(peer.read(9));
                int length = (head.getShort() & 0xffff) << 8 | head.get() & 0xff;
                int type = head.get();
                head.get();
                int stream = head.getInt();
                byte[] payload = peer.read(length);
                if (type == GOAWAY) {
                    return ByteBuffer.wrap(payload).getInt(4);
                }
                if (stream == 9_999 && type == DATA) {
                    return -1;
                }
            }
        }
    }
}
