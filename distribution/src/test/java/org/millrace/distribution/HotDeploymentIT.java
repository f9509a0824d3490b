package org.millrace.distribution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Plugins of an installed host that come, go and change while others serve. */
class HotDeploymentIT {
    private static final int REPLACEMENTS = 50;
    private static final Path SHIPPED = Path.of(System.getProperty("millrace.home"), "plugins");

    @TempDir
    Path folder;

    private Path plugins;

    @BeforeEach
    void copyPlugins() throws IOException {
        plugins = Files.createDirectory(folder.resolve("plugins"));
        try (Stream<Path> jars = Files.list(SHIPPED)) {
            for (Path jar : jars.toList()) {
                Files.copy(jar, plugins.resolve(jar.getFileName()));
            }
        }
    }

    @Test
    void aPluginIsReplacedFiftyTimesWhileOthersKeepTheirConnections() throws Exception {
        try (MillraceProcess host = start();
                KeptConnection http = new KeptConnection(host.port("http"));
                Mosquitto.Subscriber subscriber = new Mosquitto(host.port("mqtt")).subscribe("-t", "t/#", "-q", "1")) {
            int loaders = count(host, "GC.class_histogram", "org.millrace.host.plugin.PluginClassLoader");
            for (int n = 1; n <= REPLACEMENTS; n++) {
                replace("sse");
                awaitLogged(host, "replaced version", n);
                assertThat(http.get("/$sys/plugins/sse")).contains("200 OK");
                Http.put(host, "/t/" + n, Http.JSON, Integer.toString(n));
            }
            subscriber.await(IntStream.rangeClosed(1, REPLACEMENTS)
                    .mapToObj(n -> "t/" + n + " " + n)
                    .toArray(String[]::new));
            assertThat(subscriber.connects()).as("CONNECTs of the subscriber").isEqualTo(1);
            await().untilAsserted(() -> assertThat(
                            count(host, "GC.class_histogram", "org.millrace.host.plugin.PluginClassLoader"))
                    .isEqualTo(loaders));
        }
    }

    @Test
    void aPluginComesAndGoesWithItsJar() throws Exception {
        Path elsewhere = folder.resolve("sse.jar");
        Files.move(plugins.resolve("sse.jar"), elsewhere);
        try (MillraceProcess host = start()) {
            awaitAnswer(host, "/$sys/plugins/sse", 404, "");
            Files.move(elsewhere, plugins.resolve("sse.jar"));
            awaitAnswer(host, "/$sys/plugins/sse", 200, "\"state\":\"started\"");
            Files.delete(plugins.resolve("sse.jar"));
            awaitAnswer(host, "/$sys/plugins/sse", 404, "");
        }
    }

    @Test
    void aBrokenJarIsReportedAndTheOneBeforeGoesOn() throws Exception {
        try (MillraceProcess host = start()) {
            byte[] whole = Files.readAllBytes(plugins.resolve("mqtt.jar"));
            Path half = Files.write(folder.resolve("half"), Arrays.copyOf(whole, whole.length / 2));
            Files.move(half, plugins.resolve("mqtt.jar"), StandardCopyOption.REPLACE_EXISTING);
            awaitLogged(host, "the jar that was to replace it failed at verify: mqtt.jar is no readable jar", 1);
            new Mosquitto(host.port("mqtt")).publish("-t", "t/1", "-m", "still here", "-r");
            assertThat(Http.text(Http.get(host, "/t/1"))).isEqualTo("still here");
        }
    }

    private MillraceProcess start() {
        return MillraceProcess.start(
                folder.resolve("data"), "--plugins", plugins.toString(), "--set", "plugins.scan-interval=50ms");
    }

    private void replace(String id) throws IOException {
        Path copy =
                Files.copy(SHIPPED.resolve(id + ".jar"), folder.resolve("copy"), StandardCopyOption.REPLACE_EXISTING);
        Files.move(copy, plugins.resolve(id + ".jar"), StandardCopyOption.ATOMIC_MOVE);
    }

    private static void awaitLogged(MillraceProcess host, String text, int times) {
        await().untilAsserted(() ->
                assertThat(host.log().split(Pattern.quote(text), -1)).hasSizeGreaterThan(times));
    }

    private static void awaitAnswer(MillraceProcess host, String path, int status, String text) {
        await().untilAsserted(() -> {
            var answer = Http.get(host, path);
            assertThat(answer.statusCode()).isEqualTo(status);
            assertThat(Http.text(answer)).contains(text);
        });
    }

    /** How many objects of a class a host holds, after a collection. */
    private static int count(MillraceProcess host, String command, String className) throws IOException {
        Process jcmd = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                        Long.toString(host.pid()),
                        command)
                .redirectErrorStream(true)
                .start();
        List<String> lines = jcmd.inputReader().lines().toList();
        return lines.stream()
                .map(line -> line.strip().split("\\s+"))
                .filter(columns -> columns.length >= 4 && columns[3].equals(className))
                .mapToInt(columns -> Integer.parseInt(columns[1]))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no " + className + " in " + lines));
    }

    /** One HTTP connection that is never opened again. */
    private static final class KeptConnection implements AutoCloseable {
        private final Socket socket;
        private final BufferedReader in;

        KeptConnection(int port) throws IOException {
            socket = new Socket("127.0.0.1", port);
            socket.setSoTimeout(20_000);
            in = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
        }

        /** Gives the status line. */
        String get(String path) throws IOException {
            socket.getOutputStream()
                    .write(("GET " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n").getBytes(StandardCharsets.UTF_8));
            String status = in.readLine();
            if (status == null) {
                throw new IOException("the host closed the connection");
            }
            int length = 0;
            for (String line = in.readLine(); !line.isEmpty(); line = in.readLine()) {
                if (line.regionMatches(true, 0, "content-length:", 0, 15)) {
                    length = Integer.parseInt(line.substring(15).strip());
                }
            }
            in.skip(length);
            return status;
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }
}
