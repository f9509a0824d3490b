package org.millrace.plugin.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.millrace.testkit.InMemoryHost;
import org.millrace.testkit.RawPeer;

/** Exact bytes that are no good HTTP, each with the status it gets; afterwards the connection is closed. */
class MalformedRequestTest {
    private static HttpHost http;

    @BeforeAll
    static void start() {
        http = new HttpHost(
                InMemoryHost.Options.DEFAULT.withMaxContentSize(1000),
                Map.of("max-request-line", "512", "max-header-size", "1KiB"));
    }

    @AfterAll
    static void stop() {
        http.close();
    }

    static Stream<Arguments> malformed() {
        String put = "PUT /a/b HTTP/1.1\r\nHost: x\r\n";
        return Stream.of(
                Arguments.of("no version", 400, "GET /a/b\r\n\r\n"),
                Arguments.of("nonsense", 400, "\u0016\u0003\u0001\u0002\r\n\r\n"),
                Arguments.of("space in target", 400, "GET /a b HTTP/1.1\r\nHost: x\r\n\r\n"),
                Arguments.of("HTTP/2 preface that goes wrong", 505, "PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n"),
                Arguments.of("HTTP/3", 505, "GET / HTTP/3.0\r\nHost: x\r\n\r\n"),
                Arguments.of("no host", 400, "GET / HTTP/1.1\r\n\r\n"),
                Arguments.of("two hosts", 400, "GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n"),
                Arguments.of("host with a blank", 400, "GET / HTTP/1.1\r\nHost: a b\r\n\r\n"),
                Arguments.of("host with a user", 400, "GET / HTTP/1.1\r\nHost: user@a\r\n\r\n"),
                Arguments.of("host with a path", 400, "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n"),
                Arguments.of("host with two ports", 400, "GET / HTTP/1.1\r\nHost: a:1:2\r\n\r\n"),
                Arguments.of("host with an open bracket", 400, "GET / HTTP/1.1\r\nHost: [::1\r\n\r\n"),
                Arguments.of("long line", 414, "GET /" + "a".repeat(600) + " HTTP/1.1\r\nHost: x\r\n\r\n"),
                Arguments.of("long header", 431, "GET / HTTP/1.1\r\nHost: x\r\nX: " + "a".repeat(1100) + "\r\n\r\n"),
                Arguments.of("many headers", 431, "GET / HTTP/1.1\r\n" + "X: y\r\n".repeat(500) + "\r\n"),
                Arguments.of("header without colon", 400, "GET / HTTP/1.1\r\nHost: x\r\nnonsense\r\n\r\n"),
                Arguments.of("space before colon", 400, "GET / HTTP/1.1\r\nHost : x\r\n\r\n"),
                Arguments.of("folded header", 400, "GET / HTTP/1.1\r\nHost: x\r\nX: a\r\n b\r\n\r\n"),
                Arguments.of("folded first header", 400, "GET / HTTP/1.1\r\n Host: x\r\n\r\n"),
                Arguments.of("null in header", 400, "GET / HTTP/1.1\r\nHost: x\r\nX: a\u0000b\r\n\r\n"),
                Arguments.of(
                        "both lengths", 400, put + "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
                Arguments.of("two lengths", 400, put + "Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd"),
                Arguments.of("list of lengths", 400, put + "Content-Length: 3, 3\r\n\r\nabc"),
                Arguments.of("negative length", 400, put + "Content-Length: -1\r\n\r\n"),
                Arguments.of("signed length", 400, put + "Content-Length: +3\r\n\r\nabc"),
                Arguments.of("hexadecimal length", 400, put + "Content-Length: 0x3\r\n\r\nabc"),
                Arguments.of("huge length", 413, put + "Content-Length: 1000000000000\r\n\r\n"),
                Arguments.of("vast length", 400, put + "Content-Length: 99999999999999999999\r\n\r\n"),
                Arguments.of("body far beyond the limit", 413, put + "Content-Length: 70000\r\n\r\n"),
                Arguments.of(
                        "chunks beyond the limit",
                        413,
                        put + "Transfer-Encoding: chunked\r\n\r\n3e9\r\n" + "a".repeat(1001) + "\r\n0\r\n\r\n"),
                Arguments.of("bad chunk size", 400, put + "Transfer-Encoding: chunked\r\n\r\nxyz\r\n"),
                Arguments.of("negative chunk size", 400, put + "Transfer-Encoding: chunked\r\n\r\n-1\r\n"),
                Arguments.of("prefixed chunk size", 400, put + "Transfer-Encoding: chunked\r\n\r\n0x1\r\na\r\n"),
                Arguments.of("vast chunk size", 400, put + "Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n"),
                Arguments.of(
                        "chunk without its end", 400, put + "Transfer-Encoding: chunked\r\n\r\n1\r\nab\r\n0\r\n\r\n"),
                Arguments.of(
                        "long chunk extension",
                        400,
                        put + "Transfer-Encoding: chunked\r\n\r\n1;" + "a".repeat(600) + "\r\na\r\n0\r\n\r\n"),
                Arguments.of("unknown coding", 501, put + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"),
                Arguments.of("chunked twice", 400, put + "Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n"),
                Arguments.of(
                        "chunked in HTTP/1.0",
                        400,
                        "PUT /a/b HTTP/1.0\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
                Arguments.of("unknown expectation", 417, put + "Expect: tea\r\nContent-Length: 1\r\n\r\na"),
                Arguments.of("cut off head", 400, "GET /a HTTP/1.1\r\nHost:"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("malformed")
    void isAnsweredAndTheConnectionClosed(String name, int status, String bytes) {
        try (RawPeer peer = http.peer()) {
            peer.send(bytes);
            if (name.startsWith("cut off")) {
                peer.halfClose();
            }
            String answer = peer.readAll();

            assertThat(answer)
                    .startsWith("HTTP/1.1 " + status + " ")
                    .contains("\r\nConnection: close\r\n", "\r\nContent-Type: application/problem+json\r\n")
                    .contains("\"status\":" + status)
                    .endsWith("}\n");
            assertThat(answer.split("HTTP/1.1 [0-9]", -1)).hasSize(2);
        }
        assertThat(http.host.record("a/b")).isEmpty();
    }

    static Stream<Arguments> refusedPaths() {
        return Stream.of(
                Arguments.of("/a/%zz", "illegal escape '%zz'"),
                Arguments.of("/a/%4", "illegal escape '%4'"),
                Arguments.of("/a/%C3", "no UTF-8"),
                Arguments.of("/a/%ED%A0%80", "no UTF-8"),
                Arguments.of("/a/%C0%AF", "no UTF-8"),
                Arguments.of("/a/%00", "U+0000"),
                Arguments.of("/a/b%2Bc", "'+'"),
                Arguments.of("/a/%23", "'#'"),
                Arguments.of("/a/\u00fc", "write it as %FC"),
                Arguments.of("/a/../b", "'..'"),
                Arguments.of("/./a", "'.'"),
                Arguments.of("/a/..", "'..'"),
                Arguments.of("/a#b", "'#'"),
                Arguments.of("a/b", "start with '/'"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("refusedPaths")
    void badPathIsRefusedAndTheConnectionGoesOn(String path, String why) {
        try (RawPeer peer = http.peer()) {
            peer.send("GET " + path + " HTTP/1.1\r\nHost: x\r\n\r\n");
            assertThat(peer.readUntil("}\n"))
                    .startsWith("HTTP/1.1 400 Bad Request\r\n")
                    .contains(why);
            peer.send("OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n");
            assertThat(peer.readUntil("\r\n\r\n")).startsWith("HTTP/1.1 204 No Content\r\n");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "x", "x:80", "x:", "127.0.0.1:8080", "[::1]", "[::1]:8080", "a-b_c.example", "xn--h%C3%A9"})
    void goodHostsAreLetIn(String host) {
        try (RawPeer peer = http.peer()) {
            peer.send("OPTIONS * HTTP/1.1\r\nHost: " + host + "\r\n\r\n");
            assertThat(peer.readUntil("\r\n\r\n")).startsWith("HTTP/1.1 204 No Content\r\n");
        }
    }

    @Test
    void bodyALittleBeyondTheLimitIsDroppedAndTheConnectionGoesOn() {
        try (RawPeer peer = http.peer()) {
            peer.send("PUT /a/b HTTP/1.1\r\nHost: x\r\nContent-Length: 1001\r\n\r\n");
            assertThat(peer.readUntil("}\n")).startsWith("HTTP/1.1 413 Content Too Large\r\n");
            peer.send("a".repeat(1001) + "OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n");
            assertThat(peer.readUntil("\r\n\r\n")).startsWith("HTTP/1.1 204 No Content\r\n");
        }
    }

    @Test
    void malformedRequestBehindGoodOnesLeavesTheirAnswersAlone() {
        http.putJson("g/1", "1");
        try (RawPeer peer = http.peer()) {
            peer.send("GET /g/1 HTTP/1.1\r\nHost: x\r\n\r\nGET /g/1 HTTP/1.1\r\nHost: x\r\n\r\nrubbish\r\n\r\n");

            assertThat(peer.readAll()).matches("(?s)HTTP/1.1 200 .*HTTP/1.1 200 .*HTTP/1.1 400 .*");
        }
    }

    @Test
    void otherConnectionsDoNotNotice() {
        http.putJson("g/1", "1");
        try (RawPeer good = http.peer();
                RawPeer bad = http.peer()) {
            good.send("GET /g/1 HTTP/1.1\r\n");
            bad.send("rubbish\r\n\r\n").within(Duration.ofSeconds(10)).readAll();
            good.send("Host: x\r\n\r\n");
            assertThat(good.readUntil("\r\n\r\n1")).startsWith("HTTP/1.1 200 OK\r\n");
        }
    }
}
