package org.millrace.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.millrace.testkit.RawPeer;

/** Event streams and WebSocket with the clients people use: headless Chromium, and libraries for Node.js. */
class WebClientsIT {
    @TempDir
    Path folder;

    @Test
    void chromiumsEventSourceMissesNothingWhileTheHostIsKilledAndStartedAgain() {
        int port;
        int last = 100;
        MillraceProcess host = MillraceProcess.start(folder.resolve("data"), "--set", "sse.retry=200ms");
        try {
            port = host.port("http");
            try (NodeScript page = NodeScript.start("browser-eventsource.mjs", port, "/feed/1?start=now", last)) {
                page.awaitLine("open");
                put(host, 1, last / 2);
                host.kill();
                host = MillraceProcess.start(
                        folder.resolve("data"), "--set", "sse.retry=200ms", "--set", "http.port=" + port);
                put(host, last / 2 + 1, last);
                assertThat(page.line())
                        .isEqualTo(IntStream.rangeClosed(1, last)
                                .mapToObj(Integer::toString)
                                .collect(Collectors.joining(",", "[", "]")));
                page.awaitEnd();
            }
        } finally {
            host.close();
        }
    }

    private static void put(MillraceProcess host, int first, int last) {
        for (int i = first; i <= last; i++) {
            Http.put(host, "/feed/1", "application/json", "{\"n\":" + i + "}");
        }
    }

    @Test
    void chromiumsWebSocketReadsAndWrites() {
        try (MillraceProcess host = MillraceProcess.start(folder.resolve("data"))) {
            NodeScript.run("browser-websocket.mjs", host.port("http"));
        }
    }

    @Test
    void mqttJsInChromiumMeetsHttp() {
        try (MillraceProcess host = MillraceProcess.start(folder.resolve("data"))) {
            NodeScript.run("browser-mqtt.mjs", host.port("http"));
        }
    }

    @Test
    void clientsThatCannotShowCredentialsInTheHandshakeShowThemLater() throws Exception {
        Path configuration = Files.writeString(folder.resolve("millrace.yaml"), """
            auth:
              users:
                - {name: ada, password: secret, roles: [all]}
              roles:
                - {name: all, read: ["#"], write: ["#"], publish: ["#"], subscribe: ["#"]}
            """);
        try (MillraceProcess host =
                MillraceProcess.start(folder.resolve("data"), "--config", configuration.toString())) {
            NodeScript.run("websocket-credentials.mjs", host.port("http"), "ada", "secret");
        }
    }

    @Test
    void bearerTokensLetProgramsInOverHttpEventStreamsAndWebSocket() throws Exception {
        String token = "0123456789abcdef0123456789abcdef";
        Path secret = Files.writeString(folder.resolve("token"), token);
        Path configuration = Files.writeString(folder.resolve("millrace.yaml"), """
            auth:
              tokens:
                - {name: gateway, token: "${file:%s}", roles: [gateway]}
              roles:
                - {name: gateway, read: ["#"], write: ["sensors/#"], subscribe: ["#"]}
            """.formatted(secret));
        try (MillraceProcess host =
                MillraceProcess.start(folder.resolve("data"), "--config", configuration.toString())) {
            assertThat(withToken(host, token, "PUT", "/sensors/hall", "1")).startsWith("HTTP/1.1 201 ");
            assertThat(withToken(host, token, "PUT", "/other/hall", "1")).startsWith("HTTP/1.1 403 ");
            assertThat(withToken(host, token + "x", "PUT", "/sensors/hall", "2"))
                    .startsWith("HTTP/1.1 401 ")
                    .contains("error=\"invalid_token\"");
            assertThat(withToken(host, token, "GET", "/sensors/hall", "", "Accept: text/event-stream"))
                    .startsWith("HTTP/1.1 200 ");
            assertThat(withToken(host, "", "GET", "/sensors/hall", "", "Accept: text/event-stream"))
                    .startsWith("HTTP/1.1 401 ");
            String[] upgrade = {
                "Connection: Upgrade",
                "Upgrade: websocket",
                "Sec-WebSocket-Version: 13",
                "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA=="
            };
            assertThat(withToken(host, token, "GET", "/sensors/hall", "", upgrade))
                    .startsWith("HTTP/1.1 101 ");
            assertThat(withToken(host, token + "x", "GET", "/sensors/hall", "", upgrade))
                    .startsWith("HTTP/1.1 401 ");
            assertThat(withToken(host, "", "GET", "/sensors/hall", "", "Cookie: token=" + token))
                    .startsWith("HTTP/1.1 401 ");
        }
    }

    private static String withToken(
            MillraceProcess host, String token, String method, String path, String body, String... fields) {
        StringBuilder request = new StringBuilder(method + " " + path + " HTTP/1.1\r\nHost: x\r\n");
        if (!token.isEmpty()) {
            request.append("Authorization: Bearer ").append(token).append("\r\n");
        }
        for (String field : fields) {
            request.append(field).append("\r\n");
        }
        request.append(body.isEmpty() ? "" : "Content-Length: " + body.length() + "\r\n");
        try (RawPeer peer =
                RawPeer.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), host.port("http")))) {
            peer.send(request.append("\r\n").append(body).toString());
            return peer.readUntil("\r\n\r\n");
        }
    }

    @Test
    void cborXAndMsgpackrReadWhatTheHostWritesAndTheReverse() {
        try (MillraceProcess host = MillraceProcess.start(folder.resolve("data"))) {
            NodeScript.run("websocket-formats.mjs", host.port("http"));
        }
    }
}
