package org.millrace.distribution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.millrace.distribution.Http.JSON;

import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.millrace.distribution.rules.RulesPlugin;

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
        writeRules(plugins.resolve("rules.jar"));
        host = MillraceProcess.start(folder.resolve("data"), "--plugins", plugins.toString());
        mosquitto = new Mosquitto(host.port("mqtt"));
    }

    private static void writeRules(Path file) throws IOException {
        Manifest manifest = new Manifest();
        Attributes lines = manifest.getMainAttributes();
        lines.put(Attributes.Name.MANIFEST_VERSION, "1.0");
        lines.putValue("Plugin-Id", "rules");
        lines.putValue("Plugin-Version", "1.0.0");
        lines.putValue("Requires-Spi", "0.1");
        try (JarOutputStream jar = new JarOutputStream(Files.newOutputStream(file), manifest)) {
            add(
                    jar,
                    "META-INF/services/org.millrace.spi.plugin.Plugin",
                    RulesPlugin.class.getName().getBytes(StandardCharsets.UTF_8));
            String folder = RulesPlugin.class.getPackageName().replace('.', '/') + '/';
            for (String name : new String[] {"RulesPlugin", "RulesPlugin$Readings"}) {
                String path = folder + name + ".class";
                try (InputStream in = RulesPlugin.class.getClassLoader().getResourceAsStream(path)) {
                    add(jar, path, in.readAllBytes());
                }
            }
        }
    }

    private static void add(JarOutputStream jar, String name, byte[] bytes) throws IOException {
        jar.putNextEntry(new JarEntry(name));
        jar.write(bytes);
        jar.closeEntry();
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
