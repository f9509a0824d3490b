package org.millrace.plugin.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.millrace.plugin.http.Http2Peer.ACK;
import static org.millrace.plugin.http.Http2Peer.CONTINUATION;
import static org.millrace.plugin.http.Http2Peer.DATA;
import static org.millrace.plugin.http.Http2Peer.END_HEADERS;
import static org.millrace.plugin.http.Http2Peer.END_STREAM;
import static org.millrace.plugin.http.Http2Peer.GOAWAY;
import static org.millrace.plugin.http.Http2Peer.HEADERS;
import static org.millrace.plugin.http.Http2Peer.PING;
import static org.millrace.plugin.http.Http2Peer.PRIORITY;
import static org.millrace.plugin.http.Http2Peer.PUSH_PROMISE;
import static org.millrace.plugin.http.Http2Peer.RST_STREAM;
import static org.millrace.plugin.http.Http2Peer.SETTINGS;
import static org.millrace.plugin.http.Http2Peer.WINDOW_UPDATE;
import static org.millrace.plugin.http.Http2Peer.request;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Frames that HTTP/2 forbids, or that have been used to wear servers out, by the section of RFC 9113 that says what to
 * answer: an error of the connection ends it with GOAWAY, one of a stream resets that stream, and the connection goes on.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class Http2FramesTest {
    private static final int PROTOCOL_ERROR = 1;
    private static final int FLOW_CONTROL_ERROR = 3;
    private static final int STREAM_CLOSED = 5;
    private static final int FRAME_SIZE_ERROR = 6;
    private static final int COMPRESSION_ERROR = 9;
    private static final int ENHANCE_YOUR_CALM = 11;

    private final HttpHost http = new HttpHost(
            Map.of("max-streams", "10", "max-resets", "20", "max-control-frames", "50", "max-header-size", "4096"));

    @AfterAll
    void close() {
        http.close();
    }

    private Http2Peer peer() {
        return new Http2Peer(http.peer()).begin();
    }

    private static byte[] number(int value) {
        return ByteBuffer.allocate(4).putInt(value).array();
    }

    private static byte[] setting(int id, int value) {
        return ByteBuffer.allocate(6).putShort((short) id).putInt(value).array();
    }

    private static Arguments connectionError(String what, int[] codes, Consumer<Http2Peer> act) {
        return Arguments.of(what, codes, act);
    }

    private static int[] any(int... codes) {
        return codes;
    }

    static Stream<Arguments> errorsOfTheConnection() {
        return Stream.of(
                connectionError("3.4 first frame is no SETTINGS", any(PROTOCOL_ERROR), p -> {}),
                connectionError(
                        "4.1 frame on stream 0 that needs a stream: DATA",
                        any(PROTOCOL_ERROR),
                        p -> p.send(DATA, END_STREAM, 0, (byte) 1)),
                connectionError(
                        "4.2 frame larger than allowed",
                        any(FRAME_SIZE_ERROR),
                        p -> p.send(DATA, 0, 1, new byte[16_385])),
                connectionError(
                        "4.3 header block that cannot be decompressed",
                        any(COMPRESSION_ERROR),
                        p -> p.send(HEADERS, END_HEADERS | END_STREAM, 1, (byte) 0xff, (byte) 0xff, (byte) 0xff, (byte)
                                0x7f)),
                connectionError(
                        "4.3 header block cut in by another frame",
                        any(PROTOCOL_ERROR),
                        p -> p.send(HEADERS, END_STREAM, 1, p.block(request("GET", "/a/b")))
                                .send(PING, 0, 0, new byte[8])),
                connectionError(
                        "4.3 header block cut in by another stream's",
                        any(PROTOCOL_ERROR),
                        p -> p.send(HEADERS, END_STREAM, 1, p.block(request("GET", "/a/b")))
                                .send(CONTINUATION, END_HEADERS, 3, p.block("x", "y"))),
                connectionError(
                        "5.1 DATA on an idle stream",
                        any(PROTOCOL_ERROR, STREAM_CLOSED),
                        p -> p.send(DATA, END_STREAM, 1, (byte) 1)),
                connectionError(
                        "5.1 RST_STREAM on an idle stream",
                        any(PROTOCOL_ERROR),
                        p -> p.send(RST_STREAM, 0, 1, number(8))),
                connectionError(
                        "5.1 WINDOW_UPDATE on an idle stream",
                        any(PROTOCOL_ERROR),
                        p -> p.send(WINDOW_UPDATE, 0, 1, number(100))),
                connectionError(
                        "5.1 CONTINUATION without a header block",
                        any(PROTOCOL_ERROR),
                        p -> p.send(CONTINUATION, END_HEADERS, 1, p.block("x", "y"))),
                connectionError(
                        "5.1 HEADERS on a stream that the client has ended",
                        any(STREAM_CLOSED),
                        p -> p.get(1, "/a/b").get(1, "/a/b")),
                connectionError("5.1 HEADERS on a stream that is closed", any(STREAM_CLOSED), p -> {
                    p.get(1, "/a/b").reply();
                    p.get(1, "/a/b");
                }),
                connectionError(
                        "5.1 HEADERS on a stream that the client has reset",
                        any(STREAM_CLOSED),
                        p -> p.headers(1, 0, request("PUT", "/a/b"))
                                .send(RST_STREAM, 0, 1, number(8))
                                .get(1, "/a/b")),
                connectionError(
                        "5.1.1 stream identifier below an earlier one",
                        any(PROTOCOL_ERROR),
                        p -> p.get(5, "/a/b").get(3, "/a/b")),
                connectionError("5.1.1 even stream identifier", any(PROTOCOL_ERROR), p -> p.get(2, "/a/b")),
                connectionError(
                        "6.1 padding longer than DATA",
                        any(PROTOCOL_ERROR),
                        p -> p.headers(1, 0, request("PUT", "/a/b")).send(DATA, 8 | END_STREAM, 1, (byte) 5, (byte) 1)),
                connectionError("6.2 HEADERS on stream 0", any(PROTOCOL_ERROR), p -> p.get(0, "/a/b")),
                connectionError(
                        "6.2 padding longer than HEADERS",
                        any(PROTOCOL_ERROR),
                        p -> p.send(HEADERS, 8 | END_HEADERS | END_STREAM, 1, (byte) 100, (byte) 0x82)),
                connectionError(
                        "6.3 PRIORITY on stream 0", any(PROTOCOL_ERROR), p -> p.send(PRIORITY, 0, 0, new byte[5])),
                connectionError(
                        "6.4 RST_STREAM on stream 0", any(PROTOCOL_ERROR), p -> p.send(RST_STREAM, 0, 0, number(8))),
                connectionError(
                        "6.4 RST_STREAM of another length",
                        any(FRAME_SIZE_ERROR),
                        p -> p.headers(1, 0, request("PUT", "/a/b")).send(RST_STREAM, 0, 1, new byte[3])),
                connectionError(
                        "6.5 SETTINGS acknowledgement with a payload",
                        any(FRAME_SIZE_ERROR),
                        p -> p.send(SETTINGS, ACK, 0, setting(1, 1))),
                connectionError(
                        "6.5 SETTINGS on a stream", any(PROTOCOL_ERROR), p -> p.send(SETTINGS, 0, 1, setting(1, 1))),
                connectionError(
                        "6.5 SETTINGS of another length",
                        any(FRAME_SIZE_ERROR),
                        p -> p.send(SETTINGS, 0, 0, new byte[5])),
                connectionError(
                        "6.5.2 ENABLE_PUSH beyond 1", any(PROTOCOL_ERROR), p -> p.send(SETTINGS, 0, 0, setting(2, 2))),
                connectionError(
                        "6.5.2 INITIAL_WINDOW_SIZE beyond 2^31-1",
                        any(FLOW_CONTROL_ERROR),
                        p -> p.send(SETTINGS, 0, 0, setting(4, -1))),
                connectionError(
                        "6.5.2 MAX_FRAME_SIZE below 16384",
                        any(PROTOCOL_ERROR),
                        p -> p.send(SETTINGS, 0, 0, setting(5, 16_383))),
                connectionError(
                        "6.5.2 MAX_FRAME_SIZE beyond 2^24-1",
                        any(PROTOCOL_ERROR),
                        p -> p.send(SETTINGS, 0, 0, setting(5, 1 << 24))),
                connectionError(
                        "6.6 PUSH_PROMISE of a client",
                        any(PROTOCOL_ERROR),
                        p -> p.send(PUSH_PROMISE, END_HEADERS, 1, (byte) 0, (byte) 0, (byte) 0, (byte) 2, (byte) 0x82)),
                connectionError("6.7 PING on a stream", any(PROTOCOL_ERROR), p -> p.send(PING, 0, 1, new byte[8])),
                connectionError(
                        "6.7 PING of another length", any(FRAME_SIZE_ERROR), p -> p.send(PING, 0, 0, new byte[6])),
                connectionError("6.8 GOAWAY on a stream", any(PROTOCOL_ERROR), p -> p.send(GOAWAY, 0, 1, new byte[8])),
                connectionError(
                        "6.9 WINDOW_UPDATE by 0 for the connection",
                        any(PROTOCOL_ERROR),
                        p -> p.send(WINDOW_UPDATE, 0, 0, number(0))),
                connectionError(
                        "6.9 WINDOW_UPDATE of another length",
                        any(FRAME_SIZE_ERROR),
                        p -> p.send(WINDOW_UPDATE, 0, 0, new byte[3])),
                connectionError(
                        "6.9.1 window of the connection beyond 2^31-1",
                        any(FLOW_CONTROL_ERROR),
                        p -> p.send(WINDOW_UPDATE, 0, 0, number(Integer.MAX_VALUE))),
                connectionError("abuse: rapid reset", any(ENHANCE_YOUR_CALM), p -> {
                    for (int i = 0; i < 50; i++) {
                        p.get(1 + 2 * i, "/a/none").send(RST_STREAM, 0, 1 + 2 * i, number(8));
                    }
                }),
                connectionError("abuse: flood of PING", any(ENHANCE_YOUR_CALM), p -> {
                    for (int i = 0; i < 100; i++) {
                        p.send(PING, 0, 0, new byte[8]);
                    }
                }),
                connectionError("abuse: flood of SETTINGS", any(ENHANCE_YOUR_CALM), p -> {
                    for (int i = 0; i < 100; i++) {
                        p.send(SETTINGS, 0, 0);
                    }
                }),
                connectionError("abuse: flood of PRIORITY", any(ENHANCE_YOUR_CALM), p -> {
                    for (int i = 0; i < 100; i++) {
                        p.send(PRIORITY, 0, 1, new byte[] {0, 0, 0, 3, 1});
                    }
                }),
                connectionError("abuse: flood of CONTINUATION", any(ENHANCE_YOUR_CALM, PROTOCOL_ERROR), p -> {
                    p.send(HEADERS, END_STREAM, 1, p.block(request("GET", "/a/b")));
                    for (int i = 0; i < 2000; i++) {
                        p.send(CONTINUATION, 0, 1);
                    }
                }),
                connectionError("abuse: flood of empty DATA", any(ENHANCE_YOUR_CALM), p -> {
                    p.headers(1, 0, request("PUT", "/a/b"));
                    for (int i = 0; i < 100; i++) {
                        p.send(DATA, 0, 1);
                    }
                }));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("errorsOfTheConnection")
    void endsTheConnection(String what, int[] codes, Consumer<Http2Peer> act) {
        try (Http2Peer peer = new Http2Peer(http.peer())) {
            if (what.startsWith("3.4")) {
                peer.raw.send(Http2Peer.PREFACE);
                peer.send(PING, 0, 0, new byte[8]);
            } else {
                peer.begin();
            }
            try {
                act.accept(peer);
            } catch (RuntimeException e) {
                // The server may end the connection in the middle of a flood; what it said is still to be read.
                assertThat(what).startsWith("abuse");
            }
            assertThat(peer.next(GOAWAY).error())
                    .isIn(Arrays.stream(codes).boxed().toList());
        }
    }

    private static Arguments streamError(String what, Consumer<Http2Peer> act) {
        return Arguments.of(what, act);
    }

    private static Consumer<Http2Peer> head(String... fields) {
        return p -> p.headers(1, END_STREAM, fields);
    }

    static Stream<Arguments> errorsOfAStream() {
        return Stream.of(
                streamError("6.3 PRIORITY of another length", p -> p.send(PRIORITY, 0, 1, new byte[4])),
                streamError(
                        "6.9 WINDOW_UPDATE by 0 for a stream",
                        p -> p.headers(1, 0, request("PUT", "/a/b")).send(WINDOW_UPDATE, 0, 1, number(0))),
                streamError(
                        "6.9.1 window of a stream beyond 2^31-1",
                        p -> p.headers(1, 0, request("PUT", "/a/b"))
                                .send(WINDOW_UPDATE, 0, 1, number(Integer.MAX_VALUE))),
                streamError(
                        "8.1 second header block that does not end",
                        p -> p.headers(1, 0, request("PUT", "/a/b")).headers(1, 0, "x", "y")),
                streamError(
                        "8.1.1 content shorter than its length",
                        p -> p.headers(1, 0, request("PUT", "/a/b", "content-length", "5"))
                                .send(DATA, END_STREAM, 1, (byte) '1')),
                streamError(
                        "8.1.1 content longer than its length",
                        p -> p.headers(1, 0, request("PUT", "/a/b", "content-length", "1"))
                                .send(DATA, END_STREAM, 1, (byte) '1', (byte) '2')),
                streamError("8.2.1 field name in upper case", head(request("GET", "/a/b", "X-Upper", "y"))),
                streamError("8.2.1 field value with a line feed", head(request("GET", "/a/b", "x", "y\nz: 1"))),
                streamError("8.2.1 field value with a zero", head(request("GET", "/a/b", "x", "y\0z"))),
                streamError("8.2.2 Connection", head(request("GET", "/a/b", "connection", "keep-alive"))),
                streamError("8.2.2 Transfer-Encoding", head(request("GET", "/a/b", "transfer-encoding", "chunked"))),
                streamError("8.2.2 TE other than trailers", head(request("GET", "/a/b", "te", "gzip"))),
                streamError(
                        "8.1 pseudo field in trailers",
                        p -> p.headers(1, 0, request("PUT", "/a/b")).headers(1, END_STREAM, ":method", "GET")),
                streamError("8.3 unknown pseudo field", head(request("GET", "/a/b", ":test", "1"))),
                streamError("8.3 pseudo field of answers", head(request("GET", "/a/b", ":status", "200"))),
                streamError(
                        "8.3 pseudo field behind others",
                        head(":method", "GET", ":scheme", "http", "x", "y", ":path", "/a/b")),
                streamError("8.3.1 no :method", head(":scheme", "http", ":path", "/a/b")),
                streamError("8.3.1 no :scheme", head(":method", "GET", ":path", "/a/b")),
                streamError("8.3.1 no :path", head(":method", "GET", ":scheme", "http")),
                streamError("8.3.1 empty :path", head(":method", "GET", ":scheme", "http", ":path", "")),
                streamError(
                        "8.3.1 :method twice",
                        head(":method", "GET", ":method", "PUT", ":scheme", "http", ":path", "/")));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("errorsOfAStream")
    void resetsTheStreamAndTheConnectionGoesOn(String what, Consumer<Http2Peer> act) {
        try (Http2Peer peer = peer()) {
            act.accept(peer);
            Http2Peer.Frame reset = peer.next(RST_STREAM);
            assertThat(reset.stream()).isEqualTo(1);
            assertThat(reset.error()).isNotZero();
            assertThat(peer.get(3, "/").reply().status()).isEqualTo("200");
        }
    }

    /** What the host has closed, its client may not know yet to be closed. */
    @Test
    void trailersOnAStreamThatTheHostHasEndedAreNoOffence() {
        try (Http2Peer peer = peer()) {
            peer.headers(1, 0, request("BREW", "/a/b")).next(RST_STREAM);
            peer.headers(1, END_STREAM, "x-checksum", "1");
            assertThat(peer.get(3, "/").reply().status()).isEqualTo("200");
        }
    }

    /** The identifiers remembered are those of the last streams; it is a ring that thousands have passed. */
    @Test
    void orderIsKeptAfterThousandsOfStreams() {
        try (Http2Peer peer = peer()) {
            int stream = 1;
            for (int i = 0; i < 5_000; i++) {
                // Without content, which the window of the connection would not take so often.
                peer.headers(stream, END_STREAM, request("HEAD", "/")).reply();
                stream += 2;
            }
            peer.headers(stream, 0, request("PUT", "/order/1")).headers(stream, END_STREAM, "x", "y");
            assertThat(peer.reply().status()).isEqualTo("201");
            stream += 4;
            assertThat(peer.get(stream, "/").reply().status()).isEqualTo("200");
            assertThat(peer.get(stream - 2, "/").next(GOAWAY).error()).isEqualTo(PROTOCOL_ERROR);
        }
    }

    @Test
    void oneStreamTooManyIsRefused() {
        try (Http2Peer peer = peer()) {
            for (int i = 0; i < 11; i++) {
                peer.headers(1 + 2 * i, 0, request("PUT", "/a/b"));
            }
            Http2Peer.Frame reset = peer.next(RST_STREAM);
            assertThat(reset.stream()).isEqualTo(21);
            assertThat(reset.error()).isEqualTo(7);
        }
    }

    @Test
    void headTooLargeIsRefused() {
        try (Http2Peer peer = peer()) {
            String[] many = new String[400];
            for (int i = 0; i < many.length; i += 2) {
                many[i] = "x-" + i;
                many[i + 1] = "y".repeat(60);
            }
            peer.headers(1, END_STREAM, request("GET", "/a/b", many));
            Http2Peer.Reply reply = peer.reply();
            assertThat(reply.status()).isEqualTo("431");
            assertThat(reply.headers().get("content-type")).hasToString("application/problem+json");
            assertThat(reply.body()).contains("urn:millrace:problem:header-too-large", "http.max-header-size");
            assertThat(peer.get(3, "/a/b").reply().status()).isEqualTo("404");
        }
    }

    @Test
    void pathTooLongIsRefused() {
        try (Http2Peer peer = peer()) {
            peer.get(1, "/a/" + "b".repeat(8200));
            assertThat(peer.reply().status()).isEqualTo("414");
        }
    }

    @Test
    void authorityThatContradictsHostIsRefused() {
        try (Http2Peer peer = peer()) {
            assertThat(peer.get(1, "/a/b", "host", "other").reply().status()).isEqualTo("400");
        }
    }

    @Test
    void pingIsAnswered() {
        try (Http2Peer peer = peer()) {
            Http2Peer.Frame pong =
                    peer.send(PING, 0, 0, new byte[] {1, 2, 3, 4, 5, 6, 7, 8}).next(PING);
            assertThat(pong.flags()).isEqualTo(ACK);
            assertThat(pong.payload()).containsExactly(1, 2, 3, 4, 5, 6, 7, 8);
        }
    }

    @Test
    void unknownFramesAndSettingsArePassedOver() {
        try (Http2Peer peer = peer()) {
            peer.send(0x77, 0xff, 0, new byte[100]).send(SETTINGS, 0, 0, setting(0x7777, 5));
            assertThat(peer.get(1, "/").reply().status()).isEqualTo("200");
        }
    }

    @Test
    void trailersEndTheBody() {
        try (Http2Peer peer = peer()) {
            peer.headers(1, 0, request("PUT", "/a/b"))
                    .send(DATA, 0, 1, (byte) '1')
                    .headers(1, END_STREAM, "x-checksum", "1");
            assertThat(peer.reply().status()).isEqualTo("201");
        }
    }

    @Test
    void largeHeaderTableOfTheClientIsNotFilled() {
        try (Http2Peer peer = new Http2Peer(http.peer()).begin(1, 1 << 30)) {
            assertThat(peer.get(1, "/").reply().status()).isEqualTo("200");
        }
    }
}
