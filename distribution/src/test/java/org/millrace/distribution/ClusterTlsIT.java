package org.millrace.distribution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Hosts and a NATS server that show each other certificates. */
class ClusterTlsIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    static Path folder;

    private static NatsServer nats;

    @BeforeAll
    static void startServer() throws Exception {
        Certificates.make(folder);
        nats = NatsServer.start(
                folder.resolve("nats"),
                "--tlsverify",
                "--tlscert",
                file("server.pem"),
                "--tlskey",
                file("server.key"),
                "--tlscacert",
                file("ca.pem"));
    }

    @AfterAll
    static void stopServer() {
        nats.close();
    }

    private static String file(String name) {
        return folder.resolve(name).toString();
    }

    private static MillraceProcess start(String node, String... settings) {
        List<String> options = new ArrayList<>(List.of("--set", "cluster.nats=" + nats.url()));
        for (String setting : settings) {
            options.add("--set");
            options.add(setting);
        }
        return MillraceProcess.start(folder.resolve(node), options.toArray(String[]::new));
    }

    private static String status(MillraceProcess host) {
        return Http.text(Http.get(host, "/$sys/cluster"));
    }

    @Test
    void hostsReplicateThatShowACertificateAndTakeARenewedOne() throws IOException {
        Files.copy(folder.resolve("client.pem"), folder.resolve("renewed.pem"));
        Files.copy(folder.resolve("client.key"), folder.resolve("renewed.key"));
        try (MillraceProcess a = start(
                        "a",
                        "cluster.authorities=" + file("ca.pem"),
                        "cluster.certificate=" + file("client.pem"),
                        "cluster.key=" + file("client.key"));
                MillraceProcess b = start(
                        "b",
                        "cluster.authorities=" + file("ca.pem"),
                        "cluster.certificate=" + file("renewed.pem"),
                        "cluster.key=" + file("renewed.key"))) {
            Http.put(a, "/tls/1", Http.JSON, "1");
            await().atMost(PATIENCE)
                    .untilAsserted(
                            () -> assertThat(Http.text(Http.get(b, "/tls/1"))).isEqualTo("1"));
            // Read again for the next connection.
            Files.writeString(folder.resolve("renewed.pem"), "half written");
            nats.kill();
            nats.start();
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(status(b)).contains("renewed.pem", "They must be PEM"));
            Files.copy(
                    folder.resolve("client.pem"),
                    folder.resolve("renewed.pem"),
                    java.nio.file.StandardCopyOption.REPLACE_EXISTING);
            await().atMost(PATIENCE).untilAsserted(() -> assertThat(status(b)).contains("\"state\":\"running\""));
        }
    }

    @Test
    void withoutACertificateTheHostServesAndSaysWhatIsMissing() {
        try (MillraceProcess host = start("without", "cluster.authorities=" + file("ca.pem"))) {
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(status(host))
                            .contains("\"state\":\"connecting\"", "Set cluster.certificate and cluster.key"));
            assertThat(Http.put(host, "/tls/2", Http.JSON, "2").statusCode()).isEqualTo(201);
        }
    }

    @Test
    void withoutTlsTheHostServesAndSaysThatTheServerDemandsIt() {
        try (MillraceProcess host = start("plain")) {
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(status(host)).contains("demands TLS: set cluster.authorities"));
        }
    }

    @Test
    void aServerOfAnotherAuthorityIsRefusedAndSaidToBe() {
        try (MillraceProcess host = start("stranger", "cluster.authorities=" + file("client.pem"))) {
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(status(host))
                            .contains("Check that cluster.authorities has the authority that signed"));
        }
    }
}
