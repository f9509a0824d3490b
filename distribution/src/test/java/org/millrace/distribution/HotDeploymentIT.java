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
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
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

    private static final long PAUSE_NANOS = 1_000_000;

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
                Load load = new Load(host);
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

    /** Requests and messages without pause, each kind on a connection that is opened once. */
    private static final class Load implements AutoCloseable {
        private final KeptConnection http;
        private final Publisher publisher;
        private final Thread requests;
        private final AtomicReference<String> failure = new AtomicReference<>();
        private volatile boolean stopping;
        private volatile int answered;

        Load(MillraceProcess host) throws IOException {
            http = new KeptConnection(host.port("http"));
            publisher = new Publisher(host.port("mqtt"));
            requests = Thread.ofVirtual().start(this::ask);
            Thread.ofVirtual().start(publisher);
        }

        private void ask() {
            try {
                while (!stopping) {
                    if (!http.get("/$sys/health").contains("200 OK")) {
                        failure.compareAndSet(null, "an answer that is no 200");
                    }
                    answered++;
                    LockSupport.parkNanos(PAUSE_NANOS);
                }
            } catch (IOException e) {
                failure.compareAndSet(null, e.toString());
            }
        }

        void stopAndExpectNoFailure() throws InterruptedException {
            stopping = true;
            publisher.stopping = true;
            requests.join();
            assertThat(failure.get()).as("HTTP under load").isNull();
            assertThat(answered).as("requests answered").isGreaterThan(REPLACEMENTS);
            assertThat(publisher.failure()).isEmpty();
            assertThat(publisher.acknowledged).as("messages acknowledged").isGreaterThan(REPLACEMENTS);
            assertThat(publisher.connections())
                    .as("connections of the publisher")
                    .isEqualTo(1);
        }

        @Override
        public void close() throws Exception {
            stopping = true;
            publisher.stopping = true;
            http.close();
        }
    }

    /** Publishes one message after another at QoS 1; its connections are counted. */
    private static final class Publisher extends FireClient {
        private volatile boolean stopping;
        private volatile int acknowledged;

        Publisher(int port) {
            super("load", port);
        }

        @Override
        boolean isDone() {
            return stopping;
        }

        @Override
        void serve(Line line) throws IOException {
            while (!stopping) {
                line.send(0x32, publish("load/1", acknowledged % 65_535 + 1, acknowledged));
                line.read();
                acknowledged++;
                LockSupport.parkNanos(PAUSE_NANOS);
            }
        }
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
