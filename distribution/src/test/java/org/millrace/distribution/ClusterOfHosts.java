package org.millrace.distribution;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.awaitility.core.ConditionTimeoutException;

/** Installed hosts that replicate over one NATS server. Each keeps its ports when it is started again. For one thread. */
final class ClusterOfHosts implements AutoCloseable {
    static final Duration PATIENCE = Duration.ofSeconds(120);

    private final Path folder;
    private final NatsServer nats;
    private final List<String> settings;
    private final MillraceProcess[] hosts;
    private final int[][] ports;

    private ClusterOfHosts(Path folder, NatsServer nats, int nodes, List<String> settings) {
        this.folder = folder;
        this.nats = nats;
        this.settings = settings;
        this.hosts = new MillraceProcess[nodes];
        this.ports = new int[nodes][3];
    }

    /** Starts all of them, each with some settings besides. */
    static ClusterOfHosts start(Path folder, int nodes, String... settings) throws IOException {
        ClusterOfHosts cluster =
                new ClusterOfHosts(folder, NatsServer.start(folder.resolve("nats")), nodes, List.of(settings));
        IntStream.range(0, nodes).parallel().forEach(cluster::start);
        return cluster;
    }

    /** Starts a node, again where it was before. */
    void start(int node) {
        List<String> options =
                new ArrayList<>(List.of("--set", "cluster.nats=" + nats.url(), "--set", "cluster.node=n" + node));
        for (String setting : settings) {
            options.add("--set");
            options.add(setting);
        }
        List<String> listeners = List.of("http", "mqtt", "amqp");
        for (int i = 0; i < listeners.size(); i++) {
            options.add("--set");
            options.add(listeners.get(i) + ".port=" + ports[node][i]);
        }
        hosts[node] = MillraceProcess.start(folder.resolve("node" + node), options.toArray(String[]::new));
        for (int i = 0; i < listeners.size(); i++) {
            ports[node][i] = hosts[node].port(listeners.get(i));
        }
    }

    /** Where the NATS server is. */
    String nats() {
        return nats.url();
    }

    MillraceProcess host(int node) {
        return hosts[node];
    }

    int size() {
        return hosts.length;
    }

    int http(int node) {
        return ports[node][0];
    }

    int mqtt(int node) {
        return ports[node][1];
    }

    int amqp(int node) {
        return ports[node][2];
    }

    /** Waits until a place at one node is known at another: that is later than when they first told each other. */
    void awaitPlaces(int from, int to) {
        String path = "/places/" + from + "-" + to;
        await().atMost(PATIENCE)
                .ignoreException(ConditionTimeoutException.class)
                .untilAsserted(() -> {
                    Http.put(hosts[from], path, Http.JSON, "0");
                    String id;
                    try (Curl curl = new Curl(hosts[from], path)) {
                        curl.awaitLine("event: caught-up");
                        Http.put(hosts[from], path, Http.JSON, "1");
                        curl.awaitLine("data: 1");
                        id = curl.lastId();
                    }
                    try (Curl curl = new Curl(hosts[to], path, "-H", "Last-Event-ID: " + id)) {
                        await().atMost(Duration.ofSeconds(3))
                                .until(() -> curl.lines().contains("event: caught-up"));
                    }
                });
    }

    @Override
    public void close() {
        for (MillraceProcess host : hosts) {
            if (host != null) {
                host.close();
            }
        }
        nats.close();
    }
}
