package org.millrace.host.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.SequencedMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.millrace.host.config.Configuration;
import org.millrace.spi.plugin.ConfigurationException;
import picocli.CommandLine;

class MillraceTest {
    @TempDir
    Path directory;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();
    private final CompletableFuture<Runnable> stop = new CompletableFuture<>();
    private final Host host = new Host();

    /** A host that serves two listeners and keeps what it was told. */
    private static final class Host implements RunningHost, HostLauncher {
        private volatile Configuration configuration;
        private volatile boolean closed;
        private volatile Exception refusal;
        private volatile CountDownLatch closing = new CountDownLatch(0);

        @Override
        public RunningHost launch(Configuration given) throws Exception {
            if (refusal != null) {
                throw refusal;
            }
            configuration = given;
            return this;
        }

        @Override
        public SequencedMap<String, InetSocketAddress> listeners() {
            SequencedMap<String, InetSocketAddress> listeners = new LinkedHashMap<>();
            try {
                listeners.put("http", new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), 8080));
                listeners.put("mqtt", new InetSocketAddress(InetAddress.getByName("::1"), 1883));
            } catch (UnknownHostException e) {
                throw new AssertionError(e);
            }
            return listeners;
        }

        @Override
        public void close() {
            try {
                assertThat(closing.await(20, TimeUnit.SECONDS)).isTrue();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
            closed = true;
        }
    }

    @Test
    void readyLineNamesEveryListenerAndTheStopIsClean() throws Exception {
        CompletableFuture<Integer> exit = inBackground("start", "--data", directory.toString());
        Runnable request = stop.get(20, TimeUnit.SECONDS);
        Awaitility.await()
                .atMost(Duration.ofSeconds(20))
                .until(() -> out.toString().endsWith("\n"));
        assertThat(out.toString())
                .matches("ready http=127\\.0\\.0\\.1:8080 mqtt=\\[0:0:0:0:0:0:0:1\\]:1883 in \\d+ ms\\R");
        assertThat(host.closed).isFalse();
        request.run();
        assertThat(exit.get(20, TimeUnit.SECONDS)).isZero();
        assertThat(host.closed).isTrue();
        assertThat(err.toString()).isEmpty();
    }

    @Test
    void hostThatDoesNotStopIsGivenUp() throws Exception {
        host.closing = new CountDownLatch(1);
        CompletableFuture<Integer> exit = inBackground("start", "--set", "shutdown-timeout=1ms");
        stop.get(20, TimeUnit.SECONDS).run();
        assertThat(exit.get(20, TimeUnit.SECONDS)).isEqualTo(1);
        host.closing.countDown();
    }

    @Test
    void optionsReachTheConfiguration() throws Exception {
        Path file = Files.writeString(directory.resolve("c.yaml"), "bind: 10.0.0.1\nevent-loops: 3\n");
        CompletableFuture<Integer> exit = inBackground(
                "start", "--config", file.toString(), "--data", "d", "--plugins", "p", "--set", "event-loops=4");
        stop.get(20, TimeUnit.SECONDS).run();
        assertThat(exit.get(20, TimeUnit.SECONDS)).isZero();
        assertThat(host.configuration.host().bind()).isEqualTo("10.0.0.1");
        assertThat(host.configuration.host().eventLoops()).isEqualTo(4);
        assertThat(host.configuration.host().data()).isEqualTo(Path.of("d"));
        assertThat(host.configuration.host().plugins().directory()).isEqualTo(Path.of("p"));
    }

    @Test
    void configurationProblemsAreOneBlockAndExitCodeTwo() throws IOException {
        Path file = Files.writeString(directory.resolve("c.yaml"), "bnd: x\nlog.level: loud\n");
        assertThat(run("start", "--config", file.toString())).isEqualTo(2);
        assertThat(err.toString()).isEqualToNormalizingNewlines("""
            millrace start: the configuration has 2 problems:
              log.level = loud at %s:2: none of error, warn, info, debug, trace (error, warn, info, debug or trace)
              unknown key bnd at %s:1, did you mean bind?
            """.formatted(file, file));
        assertThat(out.toString()).isEmpty();
    }

    @Test
    void problemsFoundDuringTheStartAreExitCodeTwoAsWell() {
        host.refusal = new ConfigurationException("mqtt.bind 0.0.0.0 is open to the network: set auth.users");
        assertThat(run("start")).isEqualTo(2);
        assertThat(err.toString()).isEqualToNormalizingNewlines("""
            millrace start: the configuration has a problem:
              mqtt.bind 0.0.0.0 is open to the network: set auth.users
            """);
    }

    @Test
    void failureToStartIsOneBlockWithoutAStackTrace() {
        host.refusal = new IOException("data directory /var/lib/millrace is in use by another host");
        assertThat(run("start")).isEqualTo(1);
        assertThat(err.toString())
                .startsWith("millrace start: data directory /var/lib/millrace is in use by another host")
                .doesNotContain("\tat ");
        assertThat(out.toString()).isEmpty();
    }

    @Test
    void defectIsNamedByItsTypeAndCauses() {
        host.refusal = new IllegalStateException("odd", new NullPointerException("x"));
        assertThat(run("start")).isEqualTo(1);
        assertThat(err.toString())
                .contains("java.lang.IllegalStateException: odd", "caused by java.lang.NullPointerException: x");
    }

    @Test
    void unknownOptionIsAUsageError() {
        assertThat(run("start", "--prot", "1")).isEqualTo(2);
        assertThat(err.toString()).contains("Unknown option").contains("--plugins");
    }

    @Test
    void noCommandIsAUsageErrorThatListsTheCommands() {
        assertThat(run()).isEqualTo(2);
        assertThat(err.toString()).contains("which command?", "start", "config", "version");
    }

    @Test
    void helpDescribesTheOptions() {
        assertThat(run("start", "--help")).isZero();
        assertThat(out.toString())
                .contains("--config=FILE", "--data=DIR", "--plugins=DIR", "--set=KEY=VALUE", "Exit codes:");
    }

    @Test
    void versionNamesMillraceTheSpiAndJava() {
        assertThat(run("version")).isZero();
        assertThat(out.toString())
                .startsWith("millrace ")
                .contains("SPI 0.1", "Java " + System.getProperty("java.version"));
    }

    @Test
    void configPrintsWhereEachValueWasSet() throws IOException {
        Path file = Files.writeString(directory.resolve("c.yaml"), "bind: 10.0.0.1\nhttp:\n  password: hidden\n");
        assertThat(run("config", "--config", file.toString(), "--set", "log.level=debug"))
                .isZero();
        assertThat(out.toString())
                .containsPattern("bind: 10\\.0\\.0\\.1 +# at .*c\\.yaml:1")
                .containsPattern("log\\.level: debug +# in --set log\\.level")
                .containsPattern("event-loops: 0 +# by default")
                .containsPattern("http\\.password: \\*+ +# at .*c\\.yaml:3")
                .doesNotContain("hidden");
    }

    private int run(String... arguments) {
        CommandLine line = Millrace.commandLine(host, stop::complete, Duration.ofMillis(100));
        return line.setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(arguments);
    }

    private CompletableFuture<Integer> inBackground(String... arguments) {
        return CompletableFuture.supplyAsync(() -> run(arguments));
    }
}
