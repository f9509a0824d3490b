package org.millrace.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPOutputStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.millrace.testkit.RawPeer;

/**
 * HTTP clients that do wrong, against an installed host: the right answer, one line in the log where the connection had to
 * be ended and none where a request was merely refused, and in the end a host whose heap has not grown.
 */
class HttpBadInputIT {
    private static final int BOMB = 100_000;
    private static final int HUNDRED_MEGABYTES = 100_000_000;
    private static final long GROWTH = 32L << 20;

    @TempDir
    static Path folder;

    private static MillraceProcess host;
    private static long heapBefore;

    @BeforeAll
    static void startHost() {
        host = MillraceProcess.start(folder.resolve("data"));
        assertThat(exchange(request("PUT", "/good/1", "application/json", bytes("1"))))
                .startsWith("HTTP/1.1 201 ");
        heapBefore = host.heapAfterCollection();
    }

    @AfterAll
    static void stopHost() {
        assertThat(host.heapAfterCollection()).isLessThan(heapBefore + GROWTH);
        assertThat(host.log()).doesNotContain(" ERROR ").doesNotContain("OutOfMemory");
        assertThat(host.stop()).isZero();
    }

    /**
     * Wrong bytes.
     *
     * @param ends whether the connection cannot go on behind them
     */
    record Case(String name, int status, boolean ends, byte[] bytes) {
        @Override
        public String toString() {
            return name;
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    private static byte[] hex(String digits) {
        return HexFormat.of().parseHex(digits.replace(" ", ""));
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

    private static byte[] request(String method, String path, String type, byte[] body, String... fields) {
        StringBuilder head = new StringBuilder(method + " " + path + " HTTP/1.1\r\nHost: x\r\nContent-Type: " + type
                + "\r\nContent-Length: " + body.length + "\r\n");
        for (String field : fields) {
            head.append(field).append("\r\n");
        }
        return join(bytes(head.append("\r\n").toString()), body);
    }

    private static Case body(String name, String type, byte[] body) {
        return new Case(name, 400, false, request("PUT", "/bad/1", type, body));
    }

    /** Nests deeper than a content may: beyond a limit, and so not malformed. */
    private static Case deep(String name, String type, byte[] body) {
        return new Case(name, 413, false, request("PUT", "/bad/1", type, body));
    }

    private static byte[] packed(boolean gzip) {
        ByteArrayOutputStream small = new ByteArrayOutputStream();
        try (DeflaterOutputStream out = gzip ? new GZIPOutputStream(small) : new DeflaterOutputStream(small)) {
            byte[] spaces = repeat(' ', 1 << 20);
            for (int i = 0; i < 100; i++) {
                out.write(spaces);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return small.toByteArray();
    }

    static Stream<Case> cases() {
        String json = "application/json";
        String cbor = "application/cbor";
        String msgpack = "application/msgpack";
        String put = "PUT /bad/1 HTTP/1.1\r\nHost: x\r\n";
        return Stream.of(
                deep("JSON arrays too deep", json, repeat('[', BOMB)),
                deep("JSON objects too deep", json, bytes("{\"a\":".repeat(BOMB))),
                deep("CBOR arrays too deep", cbor, repeat(0x81, BOMB)),
                deep("CBOR maps too deep", cbor, join(hex("a1 61 61".repeat(BOMB)))),
                body("CBOR tags too deep", cbor, repeat(0xc1, BOMB)),
                deep("CBOR arrays of unknown length too deep", cbor, repeat(0x9f, BOMB)),
                deep("MessagePack arrays too deep", msgpack, repeat(0x91, BOMB)),
                deep("MessagePack maps too deep", msgpack, hex("81 a1 61".repeat(BOMB))),
                body("CBOR array of 2^64-1 elements", cbor, hex("9b ffffffffffffffff")),
                body("CBOR array of 2^31-1 elements", cbor, hex("9a 7fffffff 01")),
                body("CBOR map of 2^32-1 pairs", cbor, hex("ba ffffffff 01 01")),
                body("CBOR bytes of 2^31-1", cbor, hex("5a 7fffffff 00")),
                body("CBOR text of 2^63", cbor, hex("7b 8000000000000000 61")),
                body("MessagePack array of 2^32-1 elements", msgpack, hex("dd ffffffff 01")),
                body("MessagePack map of 2^32-1 pairs", msgpack, hex("df ffffffff 01 01")),
                body("MessagePack bytes of 2^32-1", msgpack, hex("c6 ffffffff 00")),
                body("MessagePack text of 2^31-1", msgpack, hex("db 7fffffff 61")),
                body("JSON text that is no UTF-8", json, join(bytes("\"a"), hex("ff"), bytes("\""))),
                body("JSON text with an overlong slash", json, join(bytes("\""), hex("c0af"), bytes("\""))),
                body("JSON text with an encoded surrogate", json, join(bytes("\""), hex("eda080"), bytes("\""))),
                body("CBOR text that is no UTF-8", cbor, hex("62 c328")),
                body("CBOR text with an encoded surrogate", cbor, hex("63 eda080")),
                body("MessagePack text that is no UTF-8", msgpack, hex("a2 c328")),
                new Case("path that is no UTF-8", 400, false, bytes("GET /bad/%ff HTTP/1.1\r\nHost: x\r\n\r\n")),
                new Case("path with a surrogate", 400, false, bytes("GET /bad/%ed%a0%80 HTTP/1.1\r\nHost: x\r\n\r\n")),
                new Case("query that is no UTF-8", 400, false, bytes("GET /bad/?a=%ff HTTP/1.1\r\nHost: x\r\n\r\n")),
                new Case(
                        "query too deep",
                        400,
                        false,
                        bytes("GET /bad/?" + "(".repeat(4000) + " HTTP/1.1\r\nHost: x\r\n\r\n")),
                new Case(
                        "lines too deep",
                        200,
                        false,
                        request("POST", "/bad/", "application/x-ndjson", bytes("[".repeat(BOMB) + "\n"))),
                new Case(
                        "transaction too deep",
                        413,
                        false,
                        request("POST", "/$transactions", json, bytes("[".repeat(BOMB)))),
                new Case(
                        "patch too deep",
                        413,
                        false,
                        request("PATCH", "/good/1", "application/merge-patch+json", bytes("{\"a\":".repeat(BOMB)))),
                new Case(
                        "gzip of a hundred megabytes",
                        413,
                        false,
                        request("PUT", "/bad/1", json, packed(true), "Content-Encoding: gzip")),
                new Case(
                        "deflate of a hundred megabytes",
                        413,
                        false,
                        request("PUT", "/bad/1", json, packed(false), "Content-Encoding: deflate")),
                new Case(
                        "gzip in gzip",
                        415,
                        false,
                        request("PUT", "/bad/1", json, bytes("1"), "Content-Encoding: gzip, gzip")),
                new Case(
                        "body of a hundred megabytes announced",
                        413,
                        true,
                        bytes(put + "Content-Length: " + HUNDRED_MEGABYTES + "\r\n\r\n")),
                new Case(
                        "flood of fields",
                        431,
                        true,
                        bytes("GET /good/1 HTTP/1.1\r\n" + "X: y\r\n".repeat(10_000) + "\r\n")),
                new Case(
                        "field without an end",
                        431,
                        true,
                        bytes("GET /good/1 HTTP/1.1\r\nHost: x\r\nX: " + "y".repeat(50_000))),
                new Case(
                        "both lengths",
                        400,
                        true,
                        bytes(put + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")),
                new Case("length behind a tab", 400, true, bytes(put + "Content-Length\t: 5\r\n\r\n12345")),
                new Case(
                        "chunked behind a vertical tab",
                        400,
                        true,
                        bytes(put + "Transfer-Encoding: \u000bchunked\r\n\r\n0\r\n\r\n")),
                new Case(
                        "chunk size with a blank",
                        400,
                        true,
                        bytes(put + "Transfer-Encoding: chunked\r\n\r\n1 1\r\na\r\n0\r\n\r\n")),
                new Case(
                        "chunk size ended by LF",
                        400,
                        true,
                        bytes(put + "Transfer-Encoding: chunked\r\n\r\n1\na\r\n0\r\n\r\n")),
                new Case(
                        "field ended by CR",
                        400,
                        true,
                        bytes("GET /good/1 HTTP/1.1\r\nHost: x\r\nX: a\rContent-Length: 3\r\n\r\nabc")),
                new Case("folded length", 400, true, bytes(put + "Content-Length:\r\n 5\r\n\r\n12345")));
    }

    private static RawPeer peer() {
        return RawPeer.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), host.port("http")))
                .within(Duration.ofSeconds(60));
    }

    /** Sends bytes and a good request behind them, and gives all answers. */
    private static String exchange(byte[] request) {
        try (RawPeer peer = peer()) {
            peer.send(request);
            peer.send("GET /good/1 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
            return peer.readAll();
        }
    }

    private static List<String> complaints() {
        return host.log()
                .lines()
                .filter(line -> line.contains(" WARN ") && line.contains("closed the connection"))
                .toList();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void isAnsweredAndLoggedOnce(Case wrong) {
        int before = complaints().size();

        String answers = exchange(wrong.bytes());

        assertThat(answers).startsWith("HTTP/1.1 " + wrong.status() + " ");
        if (wrong.status() >= 400) {
            assertThat(answers)
                    .contains("\r\nContent-Type: application/problem+json\r\n")
                    .contains("\"status\":" + wrong.status());
        }
        int good = answers.split("HTTP/1\\.1 200 OK\r\n", -1).length - 1;
        if (wrong.ends()) {
            assertThat(good).as("answers behind the end").isZero();
            Awaitility.await().untilAsserted(() -> assertThat(complaints()).hasSize(before + 1));
            // The log takes ten such lines a second.
            Awaitility.await().pollDelay(Duration.ofMillis(120)).until(() -> true);
        } else {
            assertThat(answers).endsWith("\r\n\r\n1");
            assertThat(good).isPositive();
            assertThat(complaints()).hasSize(before);
        }
        assertThat(exchange(bytes("GET /bad/1 HTTP/1.1\r\nHost: x\r\n\r\n"))).startsWith("HTTP/1.1 404 ");
    }

    @Test
    void hundredMegabytesInChunksAreCutOffAndNotHeld() {
        int before = complaints().size();
        byte[] chunk = join(bytes("10000\r\n"), repeat('a', 0x10000), bytes("\r\n"));
        try (RawPeer peer = peer()) {
            peer.send("PUT /bad/1 HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
            for (int sent = 0; sent < HUNDRED_MEGABYTES; sent += 0x10000) {
                peer.send(chunk);
            }
        } catch (RuntimeException e) {
            // The host has ended the connection, as it may.
            assertThat(e.getCause()).isInstanceOf(IOException.class);
        }
        Awaitility.await().untilAsserted(() -> assertThat(complaints()).hasSize(before + 1));
        assertThat(complaints().getLast()).contains("413");
    }
}
