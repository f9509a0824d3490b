package org.millrace.distribution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Event streams of an installed host, read by curl. */
class EventStreamIT {
    private static final String JSON = "application/json";

    @TempDir
    Path folder;

    @Test
    void aStreamGoesOnWhereItWasAfterARestart() {
        String id;
        try (MillraceProcess host = MillraceProcess.start(folder.resolve("data"));
                Curl curl = new Curl(host, "/t/1")) {
            curl.awaitLine("event: caught-up");
            Http.put(host, "/t/1", JSON, "1");
            curl.awaitLine("data: 1");
            id = curl.lastId();
        }
        try (MillraceProcess host = MillraceProcess.start(folder.resolve("data"))) {
            Http.put(host, "/t/1", JSON, "2");
            try (Curl curl = new Curl(host, "/t/1", "-H", "Last-Event-ID: " + id)) {
                Http.put(host, "/t/1", JSON, "3");
                curl.awaitLine("data: 3");
                assertThat(curl.lines())
                        .filteredOn(line -> line.startsWith("data: ") && !line.equals("data: {}"))
                        .containsExactly("data: 2", "data: 3");
            }
        }
    }

    @Test
    void aQueryIsFollowedLive() {
        try (MillraceProcess host = MillraceProcess.start(folder.resolve("data"));
                Curl curl = new Curl(host, "/t/?temp=gt=30")) {
            curl.awaitLine("event: caught-up");
            for (int temp : new int[] {20, 35, 36, 10}) {
                Http.put(host, "/t/1", JSON, "{\"temp\":" + temp + "}");
            }
            Http.put(host, "/t/2", JSON, "{\"temp\":40}");
            Http.delete(host, "/t/2");

            await().atMost(Duration.ofSeconds(20))
                    .untilAsserted(() -> assertThat(curl.lines())
                            .filteredOn(line -> line.startsWith("event: "))
                            .containsExactly(
                                    "event: caught-up",
                                    "event: enter",
                                    "event: put",
                                    "event: leave",
                                    "event: enter",
                                    "event: leave"));
        }
    }
}
