package org.millrace.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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
    void cborXAndMsgpackrReadWhatTheHostWritesAndTheReverse() {
        try (MillraceProcess host = MillraceProcess.start(folder.resolve("data"))) {
            NodeScript.run("websocket-formats.mjs", host.port("http"));
        }
    }
}
