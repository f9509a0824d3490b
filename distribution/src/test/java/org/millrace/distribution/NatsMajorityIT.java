package org.millrace.distribution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two installed hosts over three NATS servers, each with a copy of the stream. */
class NatsMajorityIT {
    private static final Duration PATIENCE = Duration.ofSeconds(120);

    @TempDir
    Path folder;

    private final List<NatsServer> servers = new ArrayList<>();
    private final List<MillraceProcess> hosts = new ArrayList<>();

    @BeforeEach
    void start() throws IOException {
        List<Integer> ports = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            ports.add(NatsServer.freePort());
        }
        String routes = ports.stream().map(port -> "nats://127.0.0.1:" + port).collect(Collectors.joining(","));
        for (int i = 0; i < 3; i++) {
            servers.add(NatsServer.start(
                    folder.resolve("nats" + i),
                    "--server_name=s" + i,
                    "--cluster_name=majority",
                    "--cluster=nats://127.0.0.1:" + ports.get(i),
                    "--routes=" + routes));
        }
        String urls = servers.stream().map(NatsServer::url).collect(Collectors.joining(","));
        for (String node : List.of("a", "b")) {
            hosts.add(MillraceProcess.start(
                    folder.resolve(node),
                    "--set",
                    "cluster.nats=" + urls,
                    "--set",
                    "cluster.node=" + node,
                    "--set",
                    "cluster.replicas=3"));
        }
    }

    @AfterEach
    void stop() {
        hosts.forEach(MillraceProcess::close);
        servers.forEach(NatsServer::close);
    }

    @Test
    void oneServerMayGoAndWithoutAMajorityNothingIsLostAndAnAlertSaysSo() throws IOException {
        put("all");
        awaitBoth("all");

        servers.getFirst().kill();
        put("without-one");
        awaitBoth("all", "without-one");

        servers.get(1).kill();
        put("without-majority");
        for (MillraceProcess host : hosts) {
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(status(host)).containsPattern("alerts\":\\[\".*majority"));
        }
        assertThat(records(0)).contains("without-majority-0").doesNotContain("without-majority-1");

        servers.get(0).start();
        servers.get(1).start();
        awaitBoth("all", "without-one", "without-majority");
        for (MillraceProcess host : hosts) {
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(status(host)).contains("\"state\":\"running\"", "\"alerts\":[]"));
        }
    }

    private void put(String when) {
        for (int host = 0; host < hosts.size(); host++) {
            assertThat(Http.put(hosts.get(host), "/t/" + when + "-" + host, Http.JSON, "1")
                            .statusCode())
                    .isEqualTo(201);
        }
    }

    private void awaitBoth(String... puts) {
        await().atMost(PATIENCE)
                .untilAsserted(() -> IntStream.range(0, hosts.size()).forEach(host -> {
                    for (String put : puts) {
                        assertThat(records(host)).contains(put + "-0", put + "-1");
                    }
                }));
    }

    private String records(int host) {
        return Http.text(Http.get(hosts.get(host), "/t/"));
    }

    private static String status(MillraceProcess host) {
        return Http.text(Http.get(host, "/$sys/cluster"));
    }
}
