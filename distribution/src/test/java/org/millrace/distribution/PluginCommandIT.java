package org.millrace.distribution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.millrace.testkit.RawPeer;

/** {@code millrace plugin} beside a running host. */
class PluginCommandIT {
    private static final Path HOME = Path.of(System.getProperty("millrace.home"));

    @TempDir
    Path folder;

    private record Outcome(int exitCode, String text) {}

    @Test
    void pluginsOfARunningHostAreListedStoppedStartedAndReloaded() throws Exception {
        try (MillraceProcess host = MillraceProcess.start(folder.resolve("data"))) {
            assertThat(plugin("list").text()).containsPattern("mqtt +\\S+ +started +plugins/mqtt.jar");
            assertThat(plugin("stop", "mqtt")).satisfies(outcome -> {
                assertThat(outcome.exitCode()).isZero();
                assertThat(outcome.text()).contains("plugin mqtt", "is stopped");
            });
            assertThat(Http.text(Http.get(host, "/$sys/plugins/mqtt"))).contains("\"state\":\"stopped\"");
            assertThat(plugin("start", "mqtt").text()).contains("is started");
            assertThat(Http.text(Http.get(host, "/$sys/plugins/mqtt")))
                    .contains("\"listeners\":[{\"name\":\"mqtt\",\"address\":\"127.0.0.1:", "\"transport\":\"tcp\"}]");
            assertThat(plugin("reload", "mqtt").exitCode()).isZero();
            assertThat(plugin("show", "mqtt").text()).contains("is started");
            assertThat(plugin("show", "mqt")).satisfies(outcome -> {
                assertThat(outcome.exitCode()).isEqualTo(1);
                assertThat(outcome.text()).contains("millrace plugin show: no plugin mqt; there are ");
            });
        }
        assertThat(plugin("list")).satisfies(outcome -> {
            assertThat(outcome.exitCode()).isEqualTo(1);
            assertThat(outcome.text()).contains("no host runs on ");
        });
    }

    @Test
    void subscribersFollowAPluginsState() throws Exception {
        try (MillraceProcess host = MillraceProcess.start(folder.resolve("data"));
                Mosquitto.Subscriber mqtt =
                        new Mosquitto(host.port("mqtt")).subscribe("-t", "$sys/plugins/amqp", "-q", "1");
                RawPeer http =
                        RawPeer.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), host.port("http")))) {
            http.send("GET /$sys/plugins/%23 HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\n\r\n");
            assertThat(http.readUntil("event: caught-up"))
                    .contains("\"path\":\"$sys/plugins/amqp\"", "\"path\":\"$sys/plugins/mqtt\"");

            plugin("stop", "amqp");

            await().untilAsserted(() -> assertThat(mqtt.lines())
                    .extracting(line -> line.replaceFirst(".*\"state\":\"(\\w+)\".*", "$1"))
                    .containsExactly("started", "stopping", "stopped"));
            assertThat(http.readUntil("\"state\":\"stopped\"")).contains("\"state\":\"stopping\"");
        }
    }

    @Test
    void anOfferThatNobodyUsesIsShownWithAHint() throws Exception {
        try (MillraceProcess host = MillraceProcess.start(folder.resolve("data"))) {
            assertThat(plugin("show", "sse").text()).contains("is started").doesNotContain("nobody");
            assertThat(plugin("stop", "websocket").exitCode()).isZero();
            assertThat(Http.text(Http.get(host, "/$sys/plugins/mqtt")))
                    .contains("\"unused\":[\"nobody uses its stream-protocol; start a plugin that carries other"
                            + " protocols");
            assertThat(plugin("stop", "http").exitCode()).isZero();
            assertThat(plugin("show", "sse").text())
                    .contains("is started", "nobody uses its http-route; start a plugin that serves HTTP");
        }
    }

    @Test
    void jarsAreVerifiedWithoutAHost() throws Exception {
        Path jar = HOME.resolve("plugins/mqtt.jar");
        assertThat(run("plugin", "verify", jar.toString()).text()).contains("plugin mqtt", "is verified");
        byte[] whole = Files.readAllBytes(jar);
        Path half = Files.write(folder.resolve("half.jar"), Arrays.copyOf(whole, whole.length / 2));
        assertThat(run("plugin", "verify", half.toString())).satisfies(outcome -> {
            assertThat(outcome.exitCode()).isEqualTo(1);
            assertThat(outcome.text()).contains("cut short or damaged");
        });
    }

    private Outcome plugin(String... arguments) throws Exception {
        List<String> all = new ArrayList<>(List.of("plugin"));
        all.addAll(List.of(arguments));
        all.addAll(List.of("--data", folder.resolve("data").toString()));
        return run(all.toArray(String[]::new));
    }

    private Outcome run(String... arguments) throws IOException, InterruptedException {
        List<String> command =
                new ArrayList<>(List.of(HOME.resolve("bin/millrace").toString()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder =
                new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true);
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        Process process = builder.start();
        String text = process.inputReader().lines().collect(Collectors.joining("\n"));
        return new Outcome(process.waitFor(), text);
    }
}
