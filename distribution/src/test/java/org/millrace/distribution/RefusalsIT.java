package org.millrace.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.millrace.distribution.MillraceProcess.Refusal;

/** What people do wrong, and what they are told. */
class RefusalsIT {
    @TempDir
    Path folder;

    private Path data() {
        return folder.resolve("data");
    }

    @Test
    void malformedJsonIsRefusedWithItsPlaceAndChangesNothing() {
        try (MillraceProcess host = MillraceProcess.start(data())) {
            Http.put(host, "/sensors/kitchen", Http.JSON, "{\"temp\":21}");

            HttpResponse<byte[]> refused = Http.put(host, "/sensors/kitchen", Http.JSON, "{\"temp\":");

            assertThat(refused.statusCode()).isEqualTo(400);
            assertThat(Http.header(refused, "Content-Type")).startsWith("application/problem+json");
            assertThat(Http.text(refused)).contains("JSON");
            assertThat(Http.text(Http.get(host, "/sensors/kitchen"))).isEqualTo("{\"temp\":21}");
        }
    }

    @Test
    void aPathWithAWildcardIsRefusedByName() {
        try (MillraceProcess host = MillraceProcess.start(data())) {
            HttpResponse<byte[]> refused = Http.put(host, "/sensors/%23", Http.JSON, "1");

            assertThat(refused.statusCode()).isEqualTo(400);
            assertThat(Http.text(refused)).contains("sensors/#");
        }
    }

    @Test
    void anOverlongIdIsRefusedWithTheLimit() {
        try (MillraceProcess host = MillraceProcess.start(data())) {
            HttpResponse<byte[]> refused = Http.put(host, "/sensors/" + "x".repeat(5_000), Http.JSON, "1");

            assertThat(refused.statusCode()).isIn(400, 413, 414);
            assertThat(Http.text(refused)).contains("4096");
        }
    }

    @Test
    void anUnknownKeyOfAPluginIsNamedWithTheNearestKnownOne() {
        Refusal refusal = MillraceProcess.startExpectingRefusal(data(), "--set", "mqtt.prot=1884");

        assertThat(refusal.exitCode()).isEqualTo(2);
        assertThat(refusal.output()).isEmpty();
        assertThat(refusal.error()).contains("mqtt.prot").contains("mqtt.port");
    }

    @Test
    void aTakenPortIsNamedAndTheOtherPluginServes() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                MillraceProcess host = MillraceProcess.start(data(), "--set", "mqtt.port=" + taken.getLocalPort())) {
            assertThat(host.hasListener("mqtt")).isFalse();
            assertThat(Http.put(host, "/t/1", Http.JSON, "1").statusCode()).isEqualTo(201);
            assertThat(host.log())
                    .contains("plugin mqtt")
                    .contains("127.0.0.1:" + taken.getLocalPort())
                    .contains("mqtt.port");
        }
    }

    @Test
    void aCorruptPluginJarIsNamedAndTheOthersServe() throws IOException {
        Path plugins = Files.createDirectory(folder.resolve("plugins"));
        try (Stream<Path> jars = Files.list(Path.of(System.getProperty("millrace.home"), "plugins"))) {
            for (Path jar : jars.toList()) {
                Files.copy(jar, plugins.resolve(jar.getFileName()));
            }
        }
        Files.write(plugins.resolve("broken.jar"), new byte[] {'P', 'K', 3, 4, 0, 0, 1, 2, 3});

        try (MillraceProcess host = MillraceProcess.start(data(), "--plugins", plugins.toString())) {
            assertThat(Http.put(host, "/t/1", Http.JSON, "1").statusCode()).isEqualTo(201);
            assertThat(host.log()).contains("broken.jar");
        }
    }

    @Test
    void aDataDirectoryInUseIsRefusedAndTheFirstHostIsNotDisturbed() {
        try (MillraceProcess first = MillraceProcess.start(data())) {
            Http.put(first, "/t/1", Http.JSON, "1");

            Refusal refusal = MillraceProcess.startExpectingRefusal(data());

            assertThat(refusal.exitCode()).isEqualTo(1);
            assertThat(refusal.output()).isEmpty();
            assertThat(refusal.error()).contains(data().toString()).contains("in use");
            assertThat(Http.put(first, "/t/1", Http.JSON, "2").statusCode()).isEqualTo(204);
        }
    }

    @Test
    void anAddressThatOthersReachIsRefusedWithoutAuthentication() {
        Refusal refusal = MillraceProcess.startExpectingRefusal(data(), "--set", "bind=0.0.0.0");

        assertThat(refusal.exitCode()).isIn(1, 2);
        assertThat(refusal.output()).isEmpty();
        assertThat(refusal.error()).contains("0.0.0.0").contains("users");
    }

    @Test
    void theReadyLineNamesEveryListenerAndTheTime() {
        try (MillraceProcess host = MillraceProcess.start(data())) {
            assertThat(host.readyLine())
                    .matches("ready amqp=127\\.0\\.0\\.1:\\d+ http=127\\.0\\.0\\.1:\\d+ mqtt=127\\.0\\.0\\.1:\\d+ in"
                            + " \\d+ ms");
        }
    }
}
