package org.millrace.distribution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What is shown with one command. */
class DemoIT {
    private static final Pattern NODE = Pattern.compile("  node\\d  (http://127\\.0\\.0\\.1:\\d+)  .*");

    @Test
    @Timeout(180)
    void aClusterIsStartedWithOneCommandAndStoppedAsAWhole() throws Exception {
        ProcessBuilder builder = new ProcessBuilder(
                        Path.of(System.getProperty("millrace.home"), "bin/millrace")
                                .toString(),
                        "demo",
                        "cluster")
                .redirectError(ProcessBuilder.Redirect.INHERIT);
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        builder.environment().put("JAVA_OPTS", "-Xmx128m");
        Process demo = builder.start();
        List<ProcessHandle> all;
        try (HttpClient client = HttpClient.newHttpClient()) {
            List<String> nodes = nodes(demo.inputReader());
            assertThat(nodes).hasSize(3);
            all = demo.descendants().toList();
            assertThat(all).hasSizeGreaterThanOrEqualTo(4);
            HttpResponse<Void> put = client.send(
                    request(nodes.getFirst())
                            .header("Content-Type", Http.JSON)
                            .PUT(BodyPublishers.ofString("{\"temp\":21}"))
                            .build(),
                    BodyHandlers.discarding());
            assertThat(put.statusCode()).isEqualTo(201);
            await().atMost(Duration.ofSeconds(60))
                    .untilAsserted(() -> assertThat(
                                    client.send(request(nodes.getLast()).build(), BodyHandlers.ofString())
                                            .body())
                            .isEqualTo("{\"temp\":21}"));
        } finally {
            demo.destroy();
            assertThat(demo.waitFor(60, TimeUnit.SECONDS)).isTrue();
        }
        assertThat(all).noneMatch(ProcessHandle::isAlive);
    }

    private static HttpRequest.Builder request(String node) {
        return HttpRequest.newBuilder(URI.create(node + "/sensors/hall")).timeout(Duration.ofSeconds(10));
    }

    private static List<String> nodes(BufferedReader output) throws Exception {
        List<String> nodes = new ArrayList<>();
        for (String line = output.readLine(); line != null && !line.startsWith("Ctrl-C"); line = output.readLine()) {
            Matcher node = NODE.matcher(line);
            if (node.matches()) {
                nodes.add(node.group(1));
            }
        }
        return nodes;
    }
}
