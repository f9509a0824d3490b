package org.millrace.benchmarks;

import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Prints MQTT rates, latencies and costs of Millrace beside those of other brokers in one run: all rows of one
 * broker, then those of the next.
 *
 * <p>Usage: {@code MqttBrokers HOME [SECONDS [MOQUETTE [ROWS]]]}, where HOME is an unpacked distribution, SECONDS how long
 * each row is measured after a warm-up of as long (2 unless given), MOQUETTE a folder with Moquette's jars ("-" for none),
 * and ROWS a part of the names of the rows wanted. Mosquitto is taken from the path.
 */
public final class MqttBrokers {
    private static final int IDLE = 20_000;
    /** Files a broker has open beside its connections. */
    private static final int SPARE_FILES = 1_000;

    private static final int CLIENTS_WITH_FILTERS = 1_000;
    private static final int FILTERS_EACH = 1_000;
    private static final int FILTERS_A_PACKET = 100;

    private final long millis;
    private final String wanted;
    private final PrintStream table;
    private int runs;

    private MqttBrokers(long millis, String wanted, PrintStream table) {
        this.millis = millis;
        this.wanted = wanted;
        this.table = table;
    }

    /** A row of messages. */
    private record Row(String name, MqttSwarm.Shape shape) {}

    private static final List<Row> ROWS = List.of(
            row("QoS 0, 1 -> 1", 1, 1, 0, false, 200),
            row("QoS 1, 1 -> 1", 1, 1, 1, false, 100),
            row("QoS 0, 1 -> 1,000", 1, 1_000, 0, false, 32),
            row("QoS 1, 1 -> 1,000", 1, 1_000, 1, false, 16),
            row("QoS 0, 100 -> 1", 100, 1, 0, false, 400),
            row("QoS 1, 100 -> 1", 100, 1, 1, false, 400),
            row("QoS 0, 1,000 -> 1,000 in pairs", 1_000, 1_000, 0, true, 1_000),
            row("QoS 1, 1,000 -> 1,000 in pairs", 1_000, 1_000, 1, true, 1_000));

    private static final List<Row> RETAINED = List.of(
            new Row("QoS 1 retained, 1 in flight", new MqttSwarm.Shape(1, 0, 1, false, 1, 1_000)),
            new Row("QoS 1 retained, 100 in flight", new MqttSwarm.Shape(1, 0, 1, false, 100, 1_000)));

    private static Row row(String name, int publishers, int subscribers, int qos, boolean pairs, int inFlight) {
        return new Row(name, new MqttSwarm.Shape(publishers, subscribers, qos, pairs, inFlight, 0));
    }

    /**
     * Runs all rows for all brokers.
     *
     * @param arguments see the class
     * @throws IOException if a broker cannot be started or breaks a connection off
     */
    public static void main(String[] arguments) throws IOException {
        if (arguments.length < 1) {
            System.err.println("usage: MqttBrokers HOME [SECONDS [MOQUETTE_JARS|- [ROWS]]]");
            System.exit(2);
        }
        Path home = Path.of(arguments[0]);
        long seconds = arguments.length > 1 ? Long.parseLong(arguments[1]) : 2;
        @Nullable Path moquette = arguments.length > 2 && !arguments[2].equals("-") ? Path.of(arguments[2]) : null;
        Path folder = Files.createTempDirectory("mqtt-brokers");
        try {
            new MqttBrokers(seconds * 1_000, arguments.length > 3 ? arguments[3] : "", System.out)
                    .run(home, moquette, folder);
        } finally {
            Benchmarks.deleteTree(folder);
        }
    }

    /** Starts a broker anew, for rows whose memory is looked at. */
    private interface Start {
        BrokerProcess start() throws IOException;
    }

    private void run(Path home, @Nullable Path moquette, Path folder) throws IOException {
        table.printf(
                "%d processors, closed loop, 64-byte payloads, load generator and brokers on one machine%n%n",
                Runtime.getRuntime().availableProcessors());
        List<Start> brokers = new ArrayList<>();
        brokers.add(() -> MqttBroker.millrace(home, Files.createTempDirectory(folder, "m")));
        brokers.add(() -> MqttBroker.mosquitto(Files.createTempDirectory(folder, "q"), false));
        if (moquette != null) {
            brokers.add(() -> MqttBroker.moquette(moquette, Files.createTempDirectory(folder, "j")));
        }
        messages(brokers);
        brokers.set(1, () -> MqttBroker.mosquitto(Files.createTempDirectory(folder, "q"), true));
        retained(brokers);
        brokers.set(1, () -> MqttBroker.mosquitto(Files.createTempDirectory(folder, "q"), false));
        slowSubscriber(brokers);
        idle(brokers);
        subscriptions(brokers);
    }

    private void messages(List<Start> brokers) throws IOException {
        rows("case", ROWS, brokers);
    }

    private void retained(List<Start> brokers) throws IOException {
        rows("retained over 1,000 topics", RETAINED, brokers);
    }

    private void rows(String title, List<Row> rows, List<Start> brokers) throws IOException {
        if (rows.stream().noneMatch(row -> row.name.contains(wanted))) {
            return;
        }
        table.println("| " + title + " | broker | per second | p50 ms | p99 ms | broker CPU s per million | lost |");
        table.println("|---|---|---|---|---|---|---|");
        for (Start start : brokers) {
            try (BrokerProcess broker = start.start()) {
                for (Row row : rows) {
                    if (row.name.contains(wanted)) {
                        measureOrSayWhyNot(row, broker);
                    }
                }
            }
        }
        table.println();
    }

    /** A broker that breaks connections off loses a row, not the run. */
    private void measureOrSayWhyNot(Row row, BrokerProcess broker) {
        try {
            measure(row, broker);
        } catch (IOException | UncheckedIOException e) {
            table.printf("| %s | %s | %s | | | | |%n", row.name, broker.name(), e.getMessage());
        }
    }

    private void measure(Row row, BrokerProcess broker) throws IOException {
        try (MqttSwarm swarm = new MqttSwarm(broker.address(), "r" + runs++, row.shape)) {
            swarm.run(millis);
            long cpuBefore = broker.cpuTime().toMillis();
            Measurement m = swarm.run(millis);
            double cpu = (broker.cpuTime().toMillis() - cpuBefore) / 1e3;
            table.printf(
                    "| %s | %s | %,.0f | %.2f | %.2f | %.2f | %,d |%n",
                    row.name,
                    broker.name(),
                    m.perSecond(),
                    m.millisAt(50),
                    m.millisAt(99),
                    cpu * 1e6 / Math.max(1, m.answers()),
                    swarm.lost());
        }
    }

    private void slowSubscriber(List<Start> brokers) throws IOException {
        String name = "QoS 0, 1 -> 10 beside one that does not read";
        if (!name.contains(wanted)) {
            return;
        }
        table.println("| case | broker | per second alone | per second beside it | ratio | resident MiB more |");
        table.println("|---|---|---|---|---|---|");
        for (Start start : brokers) {
            try (BrokerProcess broker = start.start();
                    MqttSwarm swarm =
                            new MqttSwarm(broker.address(), "slow", new MqttSwarm.Shape(1, 10, 0, false, 64, 0))) {
                swarm.run(millis);
                double alone = swarm.run(millis).perSecond();
                long before = broker.residentBytes();
                try (SocketChannel slow = MqttClients.subscriber(broker.address(), "sleeper", "slow/0", 0)) {
                    swarm.run(millis);
                    double beside = swarm.run(millis).perSecond();
                    table.printf(
                            "| %s | %s | %,.0f | %,.0f | %.2f | %.1f |%n",
                            name,
                            broker.name(),
                            alone,
                            beside,
                            beside / alone,
                            (broker.residentBytes() - before) / 1048576.0);
                }
            }
        }
        table.println();
    }

    private void idle(List<Start> brokers) throws IOException {
        String name = "idle connections";
        if (!name.contains(wanted)) {
            return;
        }
        int connections = (int) Math.min(IDLE, openFiles() - SPARE_FILES);
        table.println(
                "| case | broker | connects per second | resident bytes per connection | heap bytes per connection |");
        table.println("|---|---|---|---|---|");
        for (Start start : brokers) {
            List<SocketChannel> channels = new ArrayList<>(connections);
            try (BrokerProcess broker = start.start()) {
                for (int i = 0; i < 1_000; i++) {
                    MqttClients.connect(broker.address(), "warm" + i).close();
                }
                long heapBefore = broker.collectedHeap();
                long before = broker.residentBytes();
                long from = System.nanoTime();
                for (int i = 0; i < connections; i++) {
                    channels.add(MqttClients.connect(broker.address(), "idle" + i));
                }
                double seconds = (System.nanoTime() - from) / 1e9;
                long resident = (broker.residentBytes() - before) / connections;
                table.printf(
                        "| %,d %s | %s | %,.0f | %,d | %s |%n",
                        connections,
                        name,
                        broker.name(),
                        connections / seconds,
                        resident,
                        heapBefore < 0
                                ? "-"
                                : String.format("%,d", (broker.collectedHeap() - heapBefore) / connections));
            } finally {
                for (SocketChannel channel : channels) {
                    channel.close();
                }
            }
        }
        table.println();
    }

    /** What the shell allows this process and those it starts. */
    private static long openFiles() throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/self/limits"))) {
            if (line.startsWith("Max open files")) {
                String soft = line.substring("Max open files".length()).trim().split("\\s+", -1)[0];
                return soft.equals("unlimited") ? Integer.MAX_VALUE : Long.parseLong(soft);
            }
        }
        throw new IOException("/proc/self/limits does not say how many files may be open");
    }

    private void subscriptions(List<Start> brokers) throws IOException {
        String name = "subscriptions";
        if (!name.contains(wanted)) {
            return;
        }
        table.println("| case | broker | made per second | resident bytes each | publishes per second, 1 -> 1 |");
        table.println("|---|---|---|---|---|");
        for (Start start : brokers) {
            List<SocketChannel> channels = new ArrayList<>();
            try (BrokerProcess broker = start.start()) {
                long before = broker.residentBytes();
                long from = System.nanoTime();
                for (int c = 0; c < CLIENTS_WITH_FILTERS; c++) {
                    SocketChannel channel = MqttClients.connect(broker.address(), "many" + c);
                    channels.add(channel);
                    for (int f = 0; f < FILTERS_EACH; f += FILTERS_A_PACKET) {
                        List<String> filters = new ArrayList<>(FILTERS_A_PACKET);
                        for (int i = f; i < f + FILTERS_A_PACKET; i++) {
                            filters.add("site/" + c + "/device/" + i + (i % 10 == 0 ? "/+" : ""));
                        }
                        MqttClients.subscribe(channel, filters, 0);
                    }
                }
                double seconds = (System.nanoTime() - from) / 1e9;
                long each = (broker.residentBytes() - before) / (CLIENTS_WITH_FILTERS * FILTERS_EACH);
                try (MqttSwarm swarm =
                        new MqttSwarm(broker.address(), "among", new MqttSwarm.Shape(1, 1, 0, false, 200, 0))) {
                    swarm.run(millis);
                    table.printf(
                            "| %,d %s | %s | %,.0f | %,d | %,.0f |%n",
                            CLIENTS_WITH_FILTERS * FILTERS_EACH,
                            name,
                            broker.name(),
                            CLIENTS_WITH_FILTERS * FILTERS_EACH / seconds,
                            each,
                            swarm.run(millis).perSecond());
                }
            } finally {
                for (SocketChannel channel : channels) {
                    channel.close();
                }
            }
        }
        table.println();
    }
}
