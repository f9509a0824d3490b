package org.millrace.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DurabilityIT {
    private static final int ACKNOWLEDGED_BEFORE_THE_KILL = 1_000;

    @TempDir
    Path folder;

    @RepeatedTest(3)
    void everyAcknowledgedWriteIsThereAfterKill() throws Exception {
        loseNothing();
    }

    @RepeatedTest(50)
    @Tag("slow")
    void everyAcknowledgedWriteIsThereAfterKillAgainAndAgain() throws Exception {
        loseNothing();
    }

    private void loseNothing() throws Exception {
        long seed = System.nanoTime();
        Path data = folder.resolve("data");
        Map<String, Integer> acknowledged = new ConcurrentHashMap<>();
        AtomicInteger next = new AtomicInteger();
        MillraceProcess host = MillraceProcess.start(data);
        try (ExecutorService writers = Executors.newFixedThreadPool(8);
                HttpClient client = HttpClient.newBuilder()
                        .version(HttpClient.Version.HTTP_1_1)
                        .build()) {
            List<Future<?>> writing = new ArrayList<>();
            for (int w = 0; w < 8; w++) {
                writing.add(writers.submit(() -> writeUntilRefused(client, host, next, acknowledged)));
            }
            Awaitility.await()
                    .atMost(60, TimeUnit.SECONDS)
                    .until(() -> acknowledged.size() >= ACKNOWLEDGED_BEFORE_THE_KILL);
            TimeUnit.MICROSECONDS.sleep(new Random(seed).nextInt(50_000));
            host.kill();
            for (Future<?> writer : writing) {
                writer.get(30, TimeUnit.SECONDS);
            }
        }

        try (MillraceProcess again = MillraceProcess.start(data)) {
            acknowledged.forEach((path, value) -> assertThat(Http.text(Http.get(again, path)))
                    .as("seed %d, %d acknowledged, %s", seed, acknowledged.size(), path)
                    .isEqualTo("{\"n\":" + value + "}"));
        }
    }

    private static Void writeUntilRefused(
            HttpClient client, MillraceProcess host, AtomicInteger next, Map<String, Integer> acknowledged)
            throws InterruptedException {
        while (true) {
            int n = next.incrementAndGet();
            String path = "/crash/" + n;
            HttpRequest put = HttpRequest.newBuilder(host.url(path))
                    .header("Content-Type", Http.JSON)
                    .PUT(HttpRequest.BodyPublishers.ofString("{\"n\":" + n + "}"))
                    .build();
            try {
                HttpResponse<Void> answer = client.send(put, BodyHandlers.discarding());
                if (answer.statusCode() != 201) {
                    throw new AssertionError("PUT " + path + " answered " + answer.statusCode());
                }
                acknowledged.put(path, n);
            } catch (IOException e) {
                return null; // the host is gone: what was not answered is not counted
            }
        }
    }

    @Test
    void aRetainedPublishIsThereAfterKill() {
        Path data = folder.resolve("data");
        MillraceProcess host = MillraceProcess.start(data);
        new Mosquitto(host.port("mqtt")).publish("-r", "-q", "1", "-t", "kept/hall", "-m", "{\"temp\":19}");
        host.kill();

        try (MillraceProcess again = MillraceProcess.start(data)) {
            assertThat(Http.text(Http.get(again, "/kept/hall"))).isEqualTo("{\"temp\":19}");
        }
    }

    @Test
    void theETagOutlivesARestart() {
        Path data = folder.resolve("data");
        String tag;
        try (MillraceProcess host = MillraceProcess.start(data)) {
            tag = Http.header(Http.put(host, "/tags/1", Http.JSON, "1"), "ETag");
        }

        try (MillraceProcess again = MillraceProcess.start(data)) {
            assertThat(Http.get(again, "/tags/1", "If-None-Match", tag).statusCode())
                    .isEqualTo(304);
        }
    }
}
