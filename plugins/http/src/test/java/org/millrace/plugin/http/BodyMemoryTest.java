package org.millrace.plugin.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.millrace.plugin.http.Http2Peer.DATA;
import static org.millrace.plugin.http.Http2Peer.END_STREAM;
import static org.millrace.plugin.http.Http2Peer.request;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.millrace.testkit.RawPeer;

/** The bodies of all requests together take no more memory than they may. */
class BodyMemoryTest {
    private static final int BODY = 100_000;
    private static final int LIMIT = 384 * 1024;

    private final HttpHost http = new HttpHost(Map.of("max-bodies", "384KiB", "compress-above", "0"));
    private final List<AutoCloseable> peers = new ArrayList<>();

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable peer : peers) {
            peer.close();
        }
        http.close();
    }

    private RawPeer peer() {
        RawPeer peer = http.peer();
        peers.add(peer);
        return peer;
    }

    /** Sends a request without the last byte of its body. */
    private RawPeer begin(String method, String path, String fields) {
        return begin(method, path, fields, BODY);
    }

    private RawPeer begin(String method, String path, String fields, int size) {
        return peer().send(method + " " + path + " HTTP/1.1\r\nHost: x\r\n" + fields + "Content-Length: " + size
                        + "\r\n\r\n")
                .send("x".repeat(size - 1));
    }

    private long held() {
        return http.host.metric("http", "body_bytes");
    }

    private void awaitHeld(long atLeast, long atMost) {
        Awaitility.await().untilAsserted(() -> assertThat(held()).isBetween(atLeast, atMost));
    }

    @Test
    void bodyForWhichThereIsNoRoomIsAnswered503() {
        RawPeer first = begin("PUT", "/t/1", "");
        awaitHeld(BODY - 1, LIMIT);
        RawPeer second = begin("PUT", "/t/2", "");
        awaitHeld(2L * BODY - 2, LIMIT);
        RawPeer third = begin("PUT", "/t/3", "");
        String refusal = third.readUntil("\r\n\r\n");
        assertThat(refusal).startsWith("HTTP/1.1 503").contains("Retry-After: ");
        assertThat(third.readAll()).contains("http.max-bodies");

        assertThat(first.send("x").readUntil("\r\n\r\n")).startsWith("HTTP/1.1 201");
        assertThat(second.send("x").readUntil("\r\n\r\n")).startsWith("HTTP/1.1 201");
        awaitHeld(0, 0);
        assertThat(begin("PUT", "/t/3", "").send("x").readUntil("\r\n\r\n")).startsWith("HTTP/1.1 201");
    }

    @Test
    void smallBodiesHaveRoomWhenLargeOnesHaveNone() {
        begin("PUT", "/t/1", "");
        begin("PUT", "/t/2", "");
        begin("PUT", "/t/3", "", 94_000);
        awaitHeld(293_000, LIMIT);
        assertThat(http.send("PUT", "/t/4", "x".repeat(20_000)).statusCode()).isEqualTo(503);
        assertThat(http.send("PUT", "/t/4", "x".repeat(16_000)).statusCode()).isEqualTo(201);
        assertThat(http.send("PUT", "/t/", "[{\"id\":\"5\",\"value\":5}]", "Content-Type", "application/json")
                        .body())
                .as("no room for a list of results, so counts")
                .startsWith("{\"written\":1,\"refused\":0");
    }

    @Test
    void roomOfClientsThatHaveGoneIsFree() {
        begin("PUT", "/t/1", "").close();
        awaitHeld(0, 0);
        begin("PUT", "/t/1", "").close();
        begin("PUT", "/t/1", "").close();
        awaitHeld(0, 0);
        assertThat(http.send("PUT", "/t/1", "x".repeat(200_000)).statusCode()).isEqualTo(201);
        awaitHeld(0, 0);
    }

    @Test
    void roomOfRefusedRequestsIsFree() {
        assertThat(http.send("PUT", "/t/1", "{".repeat(50_000), "Content-Type", "application/json")
                        .statusCode())
                .isEqualTo(400);
        assertThat(http.send("POST", "/$transactions", "[".repeat(50_000), "Content-Type", "application/json")
                        .statusCode())
                .isEqualTo(400);
        awaitHeld(0, 0);
    }

    @Test
    void longLinesOfBulkWritesCount() {
        List<RawPeer> all = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            all.add(begin("PUT", "/t/", "Content-Type: application/x-ndjson\r\n"));
        }
        Awaitility.await().untilAsserted(() -> assertThat(held()).isPositive());
        long refused = Awaitility.await().until(() -> http.host.metric("http", "bodies_refused"), n -> n > 0);
        assertThat(refused).isPositive();
        assertThat(held()).isLessThanOrEqualTo(LIMIT);
        all.forEach(RawPeer::close);
        awaitHeld(0, 0);
    }

    @Test
    void resultsOfManyItemsBecomeASummaryWhereThereIsNoRoomForThem() {
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < 3_000; i++) {
            lines.append("{\"id\":\"").append(i).append("\",\"value\":1}\n");
        }
        assertThat(http.send("PUT", "/t/", lines.toString(), "Content-Type", "application/x-ndjson")
                        .body())
                .startsWith("{\"written\":3000,\"refused\":0");
        awaitHeld(0, 0);
    }

    @Test
    void bodiesOverHttp2Count() {
        begin("PUT", "/t/1", "");
        begin("PUT", "/t/2", "");
        awaitHeld(2L * BODY - 2, LIMIT);
        Http2Peer peer = new Http2Peer(http.peer()).begin();
        peers.add(peer);
        peer.headers(1, 0, request("PUT", "/t/3"));
        for (int i = 0; i < 6; i++) {
            peer.send(DATA, 0, 1, new byte[16_000]);
        }
        Http2Peer.Reply reply = peer.reply();
        assertThat(reply.status()).isEqualTo("503");
        assertThat(reply.headers().get("retry-after")).isNotNull();
        assertThat(peer.headers(3, 0, request("PUT", "/t/4"))
                        .send(DATA, END_STREAM, 3, (byte) '1')
                        .reply()
                        .status())
                .isEqualTo("201");
    }
}
