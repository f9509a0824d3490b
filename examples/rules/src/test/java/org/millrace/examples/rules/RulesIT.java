package org.millrace.examples.rules;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.millrace.testkit.EmbeddedHost;
import org.millrace.testkit.junit.HostExtension;

/** The packed plugin in a real host: readings come by MQTT and HTTP, what follows from them is read by HTTP, SSE and MQTT. */
class RulesIT {
    private static final ObjectMapper JSON = new ObjectMapper();

    @RegisterExtension
    static final HostExtension<EmbeddedHost> HOST = HostExtension.embedded(folder -> EmbeddedHost.builder(folder)
            .plugin(Path.of(System.getProperty("plugin.jar")))
            .beside("http", "sse", "mqtt")
            .start());

    @TempDir
    Path folder;

    private static HttpRequest.Builder http(EmbeddedHost host, String path) {
        return HttpRequest.newBuilder(
                URI.create("http://127.0.0.1:" + host.address("http").getPort() + path));
    }

    private static int put(HttpClient client, EmbeddedHost host, String path, String json) throws Exception {
        HttpRequest request = http(host, path)
                .header("Content-Type", "application/json")
                .PUT(BodyPublishers.ofString(json))
                .build();
        return client.send(request, BodyHandlers.discarding()).statusCode();
    }

    private static String get(HttpClient client, EmbeddedHost host, String path) {
        try {
            HttpResponse<String> answer = client.send(http(host, path).build(), BodyHandlers.ofString());
            return answer.statusCode() == 200 ? answer.body() : "status " + answer.statusCode();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** The lines of an event stream as they come, until the client is closed. */
    private static Queue<String> events(HttpClient client, EmbeddedHost host, String path) throws Exception {
        Queue<String> lines = new ConcurrentLinkedQueue<>();
        HttpRequest request =
                http(host, path).header("Accept", "text/event-stream").build();
        Stream<String> body = client.send(request, BodyHandlers.ofLines()).body();
        Thread.ofVirtual().start(() -> {
            try (body) {
                body.forEach(lines::add);
            } catch (java.io.UncheckedIOException e) {
                lines.add("ended: " + e.getMessage());
            }
        });
        return lines;
    }

    private static void publish(EmbeddedHost host, String topic, String... payloads) throws Exception {
        for (String payload : payloads) {
            Process process = mosquitto(host, "mosquitto_pub", "-q", "1", "-t", topic, "-m", payload)
                    .inheritIO()
                    .start();
            assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).isZero();
        }
    }

    private static ProcessBuilder mosquitto(EmbeddedHost host, String... command) {
        List<String> all = new ArrayList<>(List.of(command));
        all.addAll(
                List.of("-V", "5", "-p", Integer.toString(host.address("mqtt").getPort())));
        return new ProcessBuilder(all);
    }

    @Test
    void aggregatesAndAlertsAreLiveOnEveryProtocol(EmbeddedHost host) throws Exception {
        Path output = folder.resolve("mqtt");
        Process subscriber = mosquitto(
                        host,
                        "stdbuf",
                        "-oL",
                        "mosquitto_sub",
                        "-d",
                        "-F",
                        ">%t %p",
                        "-q",
                        "1",
                        "-t",
                        "minutes/#",
                        "-t",
                        "alerts/#")
                .redirectOutput(output.toFile())
                .start();
        try (HttpClient client = HttpClient.newHttpClient()) {
            await().until(() -> Files.readString(output).contains("Subscribed (mid"));
            Queue<String> alerts = events(client, host, "/alerts/");

            publish(host, "readings/hall", "20", "31.5");
            assertThat(put(client, host, "/readings/hall", "29")).isBetween(200, 204);

            await().untilAsserted(() ->
                    assertThat(count(get(client, host, "/minutes/"))).isEqualTo(3));
            assertThat(get(client, host, "/readings/hall")).startsWith("{\"value\":29.0,\"at\":\"");
            assertThat(get(client, host, "/alerts/hall")).isEqualTo("status 404");
            await().untilAsserted(() -> assertThat(alerts)
                    .contains("event: put", "event: delete")
                    .anyMatch(line -> line.startsWith("data: ") && line.contains("31.5")));
            await().untilAsserted(() -> assertThat(Files.readString(output))
                    .containsPattern(">minutes/hall/\\S+Z \\{\"count\":1,\"min\":20.0")
                    .containsPattern(">alerts/hall \\{\"value\":31.5,\"since\":")
                    .containsPattern("(?m)^>alerts/hall $"));
            client.shutdownNow();
        } finally {
            subscriber.destroy();
        }
    }

    /** Readings of all minutes together, since the test may run across the end of one. */
    private static long count(String minutes) throws IOException {
        long count = 0;
        for (JsonNode minute : JSON.readTree(minutes)) {
            count += minute.path("value").path("count").asLong();
        }
        return count;
    }

    @Test
    void aReadingThatIsNoNumberIsRefusedInTheProtocolsTerms(EmbeddedHost host) throws Exception {
        try (HttpClient client = HttpClient.newHttpClient()) {
            assertThat(put(client, host, "/readings/attic", "\"warm\"")).isEqualTo(400);
            assertThat(put(client, host, "/minutes/attic/now", "1")).isEqualTo(415);
        }
    }

    @Test
    void manyClientsReadingsOfOneSensorEachCountOnce(EmbeddedHost host) throws Exception {
        int clients = 4;
        int each = 25;
        try (HttpClient client = HttpClient.newHttpClient()) {
            long before = count(get(client, host, "/minutes/"));
            List<Thread> threads = new ArrayList<>();
            Queue<Integer> statuses = new ConcurrentLinkedQueue<>();
            for (int i = 0; i < clients; i++) {
                threads.add(Thread.ofVirtual().start(() -> {
                    for (int n = 0; n < each; n++) {
                        try {
                            statuses.add(put(client, host, "/readings/busy", "20"));
                        } catch (Exception e) {
                            statuses.add(-1);
                        }
                    }
                }));
            }
            for (Thread thread : threads) {
                thread.join();
            }
            long accepted =
                    statuses.stream().filter(status -> status / 100 == 2).count();

            assertThat(statuses)
                    .as("accepted, or told to try again")
                    .allMatch(status -> status / 100 == 2 || status == 409);
            assertThat(accepted).isGreaterThan((long) clients * each / 2);
            assertThat(count(get(client, host, "/minutes/")) - before).isEqualTo(accepted);
        }
    }
}
