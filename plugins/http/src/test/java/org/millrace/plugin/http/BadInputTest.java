package org.millrace.plugin.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.millrace.testkit.RawPeer;

/** Clients that try to hold or to break something: they get an answer, and the server keeps nothing of them. */
class BadInputTest {
    private HttpHost http = HttpHost.create();

    @AfterEach
    void close() {
        http.close();
    }

    @Test
    void hundredMegabytesAnnouncedAreRefusedUnread() {
        try (RawPeer peer = http.peer()) {
            peer.send("PUT /a/b HTTP/1.1\r\nHost: x\r\nContent-Length: 104857600\r\n\r\n");
            assertThat(peer.readUntil("}\n")).startsWith("HTTP/1.1 413 ");
        }
    }

    @Test
    void hundredMegabytesInChunksAreCutOffAtTheLimit() {
        try (RawPeer peer = http.peer()) {
            peer.send("PUT /a/b HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
            byte[] chunk = ("10000\r\n" + "a".repeat(65_536) + "\r\n").getBytes(StandardCharsets.US_ASCII);
            for (int sent = 0; sent < 17; sent++) {
                peer.send(chunk);
            }
            // What comes behind the limit is dropped for a moment, so that the answer arrives; then the connection
            // ends.
            assertThat(peer.readUntil("}\n")).startsWith("HTTP/1.1 413 ");
            await().atMost(Duration.ofSeconds(20)).until(() -> http.host.connections("http") == 0);
        }
        assertThat(http.host.record("a/b")).isEmpty();
    }

    @Test
    void dripsOfAHeadDoNotKeepAConnection() {
        http.close();
        http = new HttpHost(Map.of("header-timeout", "500ms"));
        List<RawPeer> drips = new ArrayList<>();
        try {
            for (int i = 0; i < 50; i++) {
                drips.add(http.peer().send("GET /a HTTP/1.1\r\nX: "));
            }
            await().atMost(Duration.ofSeconds(20)).until(() -> {
                for (RawPeer drip : drips) {
                    try {
                        drip.send("a");
                    } catch (RuntimeException e) {
                        // Closed already.
                        continue;
                    }
                }
                return http.host.connections("http") == 0;
            });
        } finally {
            drips.forEach(RawPeer::close);
        }
    }

    @Test
    void doubleEncodingIsDecodedOnceAndNamesAnotherRecord() {
        http.putJson("secret/a", "1");

        assertThat(http.get("/x/%252e%252e/secret/a").statusCode()).isEqualTo(404);
        assertThat(http.get("/x/%2e%2e/secret/a").statusCode()).isEqualTo(404);
        assertThat(http.get("/secret%2Fa").body()).isEqualTo("1");
        http.send("PUT", "/x/%2e%2e/b", "2");
        assertThat(http.text("x/../b")).isEqualTo("2");
    }

    @Test
    void connectionsThatComeAndGoLeaveNothing() {
        for (int i = 0; i < 200; i++) {
            try (RawPeer peer = http.peer()) {
                peer.send("PUT /a/b HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf");
            }
        }
        await().until(() -> http.host.metric("http", "connections") == 0);
    }
}
