package org.millrace.distribution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Plugins of an installed host that come, go and change while others serve. */
class HotDeploymentIT {
    private static final int REPLACEMENTS = 50;
    /** Pools of the host and the JVM grow and shrink by themselves, by far less than a thread for each replacement. */
    private static final int SPARE_THREADS = 15;

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
    void aPluginIsReplacedFiftyTimesWhileOthersServeUnderLoad() throws Exception {
        try (MillraceProcess host = start();
                KeptConnection http = new KeptConnection(host.port("http"));
                SteadyLoad load = new SteadyLoad(host);
                Mosquitto.Subscriber subscriber = new Mosquitto(host.port("mqtt")).subscribe("-t", "t/#", "-q", "1")) {
            replaceAndAwait(host, 1); // what is made once for all is there now
            Footprint before = Footprint.of(host.pid());
            for (int n = 2; n <= REPLACEMENTS; n++) {
                replaceAndAwait(host, n);
                assertThat(http.get("/$sys/plugins/amqp")).contains("200 OK");
                Http.put(host, "/t/" + n, Http.JSON, Integer.toString(n));
            }
            subscriber.await(IntStream.rangeClosed(2, REPLACEMENTS)
                    .mapToObj(n -> "t/" + n + " " + n)
                    .toArray(String[]::new));
            assertThat(subscriber.connects()).as("CONNECTs of the subscriber").isEqualTo(1);
            load.stopAndExpectNoFailure();
            await().atMost(60, TimeUnit.SECONDS).untilAsserted(() -> {
                Footprint after = Footprint.of(host.pid());
                assertThat(after.loaders()).as("class loaders of plugins").isEqualTo(before.loaders());
                assertThat(after.listening()).as("listening sockets").isEqualTo(before.listening());
                assertThat(after.threads()).as("threads").isLessThanOrEqualTo(before.threads() + SPARE_THREADS);
                assertThat(after.metaspaceKiB())
                        .as("KiB of metaspace, %s before", before.metaspaceKiB())
                        .isLessThan(before.metaspaceKiB() * 11 / 10);
            });
        }
    }

    /** The plugin amqp has a listener, threads of libraries and hundreds of classes of its own. */
    private void replaceAndAwait(MillraceProcess host, int times) throws IOException {
        replace("amqp");
        awaitLogged(host, "replaced version", times);
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
}
