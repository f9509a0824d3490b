package org.millrace.distribution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an operator is told where replication does not work, by a host that serves on. */
class ClusterTroubleIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    static Path folder;

    private static NatsServer nats;
    private static MillraceProcess host;

    @BeforeAll
    static void startWithoutNats() throws IOException {
        nats = NatsServer.start(folder.resolve("nats"));
        nats.kill();
        host = start("node");
    }

    @AfterAll
    static void stop() {
        host.close();
        nats.close();
    }

    private static MillraceProcess start(String data) {
        return MillraceProcess.start(
                folder.resolve(data), "--set", "cluster.nats=" + nats.url(), "--set", "log.level=info");
    }

    private static void awaitState(MillraceProcess of, String state) {
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(get(of, "/$sys/cluster")).contains("\"state\":\"" + state + "\""));
    }

    private static String get(MillraceProcess of, String path) {
        return Http.text(Http.get(of, path));
    }

    private static Command status(String data) {
        return Command.run(
                folder, "cluster", "status", "--data", folder.resolve(data).toString());
    }

    private static long logged(String data, String text) throws IOException {
        return Files.readString(folder.resolve(data + ".log"))
                .lines()
                .filter(line -> line.contains(text))
                .count();
    }

    private static void startNats() throws IOException {
        nats.kill();
        nats.start();
    }

    @Test
    void withoutNatsEveryPlaceSaysWhatToDoUntilItIsThere() throws Exception {
        String remedy = "Start nats-server with JetStream (-js), or correct cluster.nats";
        long before = logged("node", remedy);
        nats.kill();
        awaitState(host, "connecting");
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(get(host, "/$sys/cluster")).contains(remedy));
        Command bad = status("node");
        assertThat(bad.exitCode()).isEqualTo(1);
        assertThat(bad.output()).contains("connecting", "ALERT ", remedy);
        assertThat(get(host, "/$sys/metrics")).contains("millrace_cluster_connected 0", "millrace_cluster_alerts 1");
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(get(host, "/$sys/")).contains("\"alerts/cluster/"));
        assertThat(logged("node", remedy) - before).as("said once").isLessThanOrEqualTo(1);
        assertThat(Http.put(host, "/alone/1", Http.JSON, "1").statusCode()).isLessThan(300);
        try (Mosquitto.Subscriber subscriber = new Mosquitto(host.port("mqtt")).subscribe("-t", "$sys/alerts/#")) {
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(subscriber.lines())
                            .as("the alert that is there")
                            .singleElement()
                            .asString()
                            .contains(remedy)
                            .doesNotContain("\"over\":"));
            nats.start();
            awaitState(host, "running");
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(subscriber.lines())
                            .anyMatch(line -> line.contains(remedy) && line.contains("\"over\":")));
        }
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(get(host, "/$sys/cluster")).contains("\"unsentChanges\":0"));
        Command good = status("node");
        assertThat(good.exitCode()).as(good.output()).isZero();
        assertThat(get(host, "/$sys/metrics")).contains("millrace_cluster_connected 1", "millrace_cluster_alerts 0");
    }

    @Test
    void aStreamThatAnOperatorDeletedIsMadeAnewAndSaidToHaveBeenGone() throws Exception {
        startNats();
        awaitState(host, "running");
        long before = logged("node", "was gone and is made anew");
        request("$JS.API.STREAM.DELETE.MILLRACE_millrace");
        await().atMost(PATIENCE).untilAsserted(() -> {
            Http.put(host, "/stream/1", Http.JSON, "1");
            assertThat(logged("node", "was gone and is made anew")).isEqualTo(before + 1);
        });
        awaitState(host, "running");
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(get(host, "/$sys/cluster")).contains("\"unsentChanges\":0"));
    }

    @Test
    void aNodeRestoredFromAnOldBackupStopsReplicatingAndSaysWhatToDo() throws Exception {
        startNats();
        Path backup = folder.resolve("backup");
        try (MillraceProcess first = start("first")) {
            awaitState(first, "running");
            Http.put(first, "/old/1", Http.JSON, "1");
            Command made = Command.run(
                    folder, "backup", "--data", folder.resolve("first").toString(), backup.toString());
            assertThat(made.exitCode()).as(made.error()).isZero();
            for (int i = 0; i < 20; i++) {
                Http.put(first, "/old/2", Http.JSON, "" + i);
            }
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(get(first, "/$sys/cluster")).contains("\"unsentChanges\":0"));
        }
        Command restored = Command.run(
                folder, "restore", "--data", folder.resolve("restored").toString(), backup.toString());
        assertThat(restored.exitCode()).as(restored.error()).isZero();
        try (MillraceProcess again = start("restored")) {
            awaitState(again, "stopped");
            Command status = status("restored");
            assertThat(status.exitCode()).isEqualTo(1);
            assertThat(status.output())
                    .contains("restored from an old backup", "Start it with an empty data directory");
            assertThat(logged("restored", "Replication has stopped: ")).isEqualTo(1);
            assertThat(Http.put(again, "/old/3", Http.JSON, "3").statusCode()).isLessThan(300);
        }
    }

    /** Asks the NATS server for something, as an operator's tool does. */
    private static void request(String subject) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), nats.port());
                BufferedReader answers =
                        new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII))) {
            socket.setSoTimeout(30_000);
            socket.getOutputStream()
                    .write(("CONNECT {\"verbose\":false}\r\nSUB answer 1\r\nPUB " + subject + " answer 0\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
            String line = answers.readLine();
            while (line != null && !line.contains("\"success\":true")) {
                assertThat(line).doesNotContain("\"error\"");
                line = answers.readLine();
            }
            assertThat(line).isNotNull();
        }
    }
}
