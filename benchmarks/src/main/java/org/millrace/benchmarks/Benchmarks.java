package org.millrace.benchmarks;

import java.io.IOException;
import java.io.PrintStream;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.LongFunction;
import java.util.stream.Stream;

/**
 * Prints rates and latencies of a host as a table.
 *
 * <p>Usage: {@code Benchmarks HOME [SECONDS]}, where HOME is an unpacked distribution and SECONDS is how long each row is
 * measured (3 unless given), after a warm-up of as long.
 */
public final class Benchmarks {
    private static final int RECORDS = 10_000;
    private static final int PAYLOAD = 64;
    private static final String JSON = "{\"temp\":21.5,\"site\":\"hall\",\"unit\":\"C\",\"text\":\"0123456789abcdef\"}";

    private final ServerProcess server;
    private final long millis;
    private final PrintStream table;
    private int clients;

    private Benchmarks(ServerProcess server, long millis, PrintStream table) {
        this.server = server;
        this.millis = millis;
        this.table = table;
    }

    /**
     * Runs all rows.
     *
     * @param arguments the distribution's folder, and how many seconds each row takes
     * @throws IOException if the host cannot be started or breaks a connection off
     */
    public static void main(String[] arguments) throws IOException {
        if (arguments.length < 1 || arguments.length > 2) {
            System.err.println("usage: Benchmarks HOME [SECONDS]   (HOME is an unpacked distribution)");
            System.exit(2);
        }
        long seconds = arguments.length == 2 ? Long.parseLong(arguments[1]) : 3;
        Path data = Files.createTempDirectory("millrace-benchmark");
        try (ServerProcess server = ServerProcess.start(Path.of(arguments[0]), data)) {
            new Benchmarks(server, seconds * 1_000, System.out).run();
        } finally {
            deleteTree(data);
        }
    }

    private void run() throws IOException {
        table.printf(
                "%d processors, closed loop, load generator and server on one machine%n",
                Runtime.getRuntime().availableProcessors());
        table.println(
                "| case | connections | in flight | per second | p50 ms | p99 ms | max ms | server CPU s per million"
                        + " |");
        table.println("|---|---|---|---|---|---|---|---|");
        for (int connections : new int[] {1, 16, 64}) {
            httpPut(connections);
        }
        for (int connections : new int[] {1, 16, 64}) {
            httpGet(connections);
        }
        pubSub("MQTT QoS 0, 1 publisher to 1 subscriber", 0, 100);
        pubSub("MQTT QoS 1, 1 publisher to 1 subscriber", 1, 100);
        mqttPublish("MQTT QoS 1 publish, durable", 1, 1, false);
        mqttPublish("MQTT QoS 1 publish, durable", 1, 100, false);
        mqttPublish("MQTT QoS 1 retained, durable, 1,000 topics", 1, 1, true);
        mqttPublish("MQTT QoS 1 retained, durable, 1,000 topics", 1, 100, true);
        mqttPublish("MQTT QoS 1 retained, durable, 1,000 topics", 10, 100, true);
    }

    private void httpPut(int connections) throws IOException {
        InetSocketAddress http = server.listener("http");
        List<HttpLoad> load = new ArrayList<>();
        for (int c = 0; c < connections; c++) {
            Keys keys = new Keys(c, connections);
            load.add(new HttpLoad(http, () -> HttpLoad.put("/bench/" + keys.next(), JSON), 2));
        }
        row("HTTP PUT, durable", connections, 1, load);
    }

    private void httpGet(int connections) throws IOException {
        InetSocketAddress http = server.listener("http");
        fillRecords(http);
        List<HttpLoad> load = new ArrayList<>();
        for (int c = 0; c < connections; c++) {
            Keys keys = new Keys(c, connections);
            load.add(new HttpLoad(http, () -> HttpLoad.get("/bench/" + keys.next()), 2));
        }
        row("HTTP GET", connections, 1, load);
    }

    /** Makes sure that every record the reading rows ask for is there. */
    private static void fillRecords(InetSocketAddress http) throws IOException {
        Keys keys = new Keys(0, 1);
        HttpLoad connection = new HttpLoad(http, () -> HttpLoad.put("/bench/" + keys.next(), JSON), 2);
        try (LoadLoop loop = LoadLoop.over(List.of(connection))) {
            for (long done = 0; done < RECORDS; ) {
                done += loop.run(200).answers();
            }
        }
    }

    private void pubSub(String name, int qos, int window) throws IOException {
        InetSocketAddress mqtt = server.listener("mqtt");
        String topic = "live/" + clients;
        MqttLoad.Flow flow = new MqttLoad.Flow();
        MqttLoad subscriber = MqttLoad.subscriber(mqtt, clientId(), topic, qos, flow);
        MqttLoad publisher = MqttLoad.publisher(
                mqtt, clientId(), new MqttLoad.Publishing(n -> topic, qos, false, window, PAYLOAD, true), flow);
        row(name, 2, window, List.of(subscriber, publisher));
    }

    private void mqttPublish(String name, int connections, int window, boolean retain) throws IOException {
        InetSocketAddress mqtt = server.listener("mqtt");
        List<MqttLoad> load = new ArrayList<>();
        for (int c = 0; c < connections; c++) {
            int offset = c;
            LongFunction<String> topics =
                    retain ? n -> "retained/" + (n * connections + offset) % 1_000 : n -> "events/1";
            load.add(MqttLoad.publisher(
                    mqtt,
                    clientId(),
                    new MqttLoad.Publishing(topics, 1, retain, window, PAYLOAD, false),
                    new MqttLoad.Flow()));
        }
        row(name, connections, window, load);
    }

    private String clientId() {
        return "bench" + clients++;
    }

    private void row(String name, int connections, int inFlight, List<? extends LoadConnection> load)
            throws IOException {
        try (LoadLoop loop = LoadLoop.over(load)) {
            loop.run(millis);
            long cpuBefore = server.cpuTime().toMillis();
            Measurement m = loop.run(millis);
            double cpuSeconds = (server.cpuTime().toMillis() - cpuBefore) / 1e3;
            table.printf(
                    "| %s | %d | %d | %,.0f | %.2f | %.2f | %.1f | %.1f |%n",
                    name,
                    connections,
                    inFlight,
                    m.perSecond(),
                    m.millisAt(50),
                    m.millisAt(99),
                    m.millisAt(100),
                    cpuSeconds * 1e6 / Math.max(1, m.answers()));
        }
    }

    /** Walks through the records' ids, each connection its own share. */
    private static final class Keys {
        private final int step;
        private long next;

        Keys(int first, int step) {
            this.next = first;
            this.step = step;
        }

        long next() {
            long key = next % RECORDS;
            next += step;
            return key;
        }
    }

    static void deleteTree(Path root) throws IOException {
        try (Stream<Path> tree = Files.walk(root)) {
            for (Path path : tree.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
