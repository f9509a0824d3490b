package org.millrace.distribution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.millrace.distribution.Http.JSON;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.millrace.distribution.rules.RulesPlugin;
import org.millrace.testkit.PluginJar;

/** Application logic in a dropped jar, met through HTTP and MQTT alike. */
class CustomResourceIT {
    @TempDir
    static Path folder;

    private static MillraceProcess host;
    private static Mosquitto mosquitto;

    @BeforeAll
    static void startHost() throws IOException {
        Path plugins = Files.createDirectory(folder.resolve("plugins"));
        try (Stream<Path> jars = Files.list(Path.of(System.getProperty("millrace.home"), "plugins"))) {
            for (Path jar : jars.toList()) {
                Files.copy(jar, plugins.resolve(jar.getFileName()));
            }
        }
        PluginJar.ofPackage("rules", RulesPlugin.class).write(plugins.resolve("rules.jar"));
        host = MillraceProcess.start(folder.resolve("data"), "--plugins", plugins.toString());
        mosquitto = new Mosquitto(host.port("mqtt"));
    }

    @AfterAll
    static void stopHost() {
        assertThat(host.stop()).isZero();
    }

    @Test
    void aRefusalIsAnHttpProblemWithThePluginsOwnWords() {
        HttpResponse<byte[]> refused = Http.put(host, "/readings/1", JSON, "\"warm\"");

        assertThat(refused.statusCode()).isEqualTo(400);
        assertThat(Http.header(refused, "Content-Type")).startsWith("application/problem+json");
        assertThat(Http.text(refused)).contains("a reading is a number");
        assertThat(Http.get(host, "/readings/1").statusCode()).isEqualTo(404);
    }

    @Test
    void anActThatIsNotOfferedIsRefusedToo() {
        assertThat(Http.put(host, "/readings/2", JSON, "20").statusCode()).isEqualTo(201);
        assertThat(Http.delete(host, "/readings/2").statusCode()).isEqualTo(415);
    }

    @Test
    void whatAnHttpClientPutsRaisesAnAlertThatAnMqttClientSees() {
        try (Mosquitto.Subscriber alerts = mosquitto.subscribe("-t", "alerts/3")) {
            assertThat(Http.put(host, "/readings/3", JSON, "31").statusCode()).isEqualTo(201);

            alerts.await("alerts/3 31");
        }
    }

    @Test
    void whatAnMqttClientPublishesIsDecidedAlike() {
        mosquitto.publish("-V", "5", "-q", "1", "-r", "-t", "readings/4", "-m", "32");
        mosquitto.publish("-V", "5", "-q", "0", "-r", "-t", "readings/5", "-m", "\"warm\"");

        assertThat(Http.text(Http.get(host, "/alerts/4"))).isEqualTo("32");
        assertThat(Http.get(host, "/readings/5").statusCode()).isEqualTo(404);
    }

    @Test
    void aComputedReadAnswersGet() {
        HttpResponse<byte[]> read = Http.get(host, "/readings/unit");

        assertThat(read.statusCode()).isEqualTo(200);
        assertThat(Http.text(read)).isEqualTo("\"Celsius\"");
    }
}
