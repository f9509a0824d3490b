package org.millrace.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.millrace.testkit.RawPeer;

/** More bodies at once than the heap has room for: the host refuses what is too much, and goes on serving. */
class ManyBodiesIT {
    private static final int CLIENTS = 200;
    private static final int BODY = 1 << 20;
    private static final Pattern REFUSED = Pattern.compile("millrace_http_bodies_refused (\\d+)");
    private static final Pattern HELD = Pattern.compile("millrace_http_body_bytes (\\d+)");

    @TempDir
    Path folder;

    @Test
    void whatTheHeapHasNoRoomForIsRefusedAndTheHostLives() {
        List<RawPeer> clients = new ArrayList<>();
        try (MillraceProcess host = MillraceProcess.start(folder.resolve("data"), Map.of("JAVA_OPTS", "-Xmx160m"))) {
            byte[] part = new byte[BODY - 1];
            try {
                for (int i = 0; i < CLIENTS; i++) {
                    RawPeer client = RawPeer.connect(new InetSocketAddress("127.0.0.1", host.port("http")));
                    clients.add(client);
                    client.send("PUT /many/" + i + " HTTP/1.1\r\nHost: x\r\nContent-Length: " + BODY + "\r\n\r\n");
                    try {
                        client.send(part);
                    } catch (RuntimeException e) {
                        // Refused and closed while it was sending; that it was is counted below.
                    }
                }
                Awaitility.await().until(() -> metric(host, REFUSED) >= CLIENTS / 2);
                assertThat(metric(host, HELD)).isLessThanOrEqualTo(40L << 20);
                assertThat(Http.put(host, "/good/1", Http.JSON, "1").statusCode())
                        .isEqualTo(201);
                assertThat(host.log())
                        .containsOnlyOnce("http.max-bodies")
                        .doesNotContain(" ERROR ")
                        .doesNotContain("OutOfMemory");
            } finally {
                clients.forEach(RawPeer::close);
            }
            Awaitility.await().until(() -> metric(host, HELD) == 0);
            assertThat(Http.put(host, "/good/2", "text/plain", "x".repeat(500_000))
                            .statusCode())
                    .isEqualTo(201);
        }
    }

    private static long metric(MillraceProcess host, Pattern pattern) {
        Matcher found = pattern.matcher(Http.text(Http.get(host, "/metrics")));
        assertThat(found.find()).as("a metric of %s", pattern).isTrue();
        return Long.parseLong(found.group(1));
    }
}
