package org.millrace.benchmarks;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Prints AMQP 1.0 rates, latencies and costs of Millrace beside those of Apache Artemis in one run: each row for one broker,
 * then for the next.
 *
 * <p>Usage: {@code AmqpBrokers HOME JARS ARTEMIS [ROWS [SCALE]]}, where HOME is an unpacked distribution, JARS a folder with
 * Artemis's jars, ARTEMIS the program that starts it ({@code benchmarks/artemis/ArtemisBroker.java}), ROWS a part of the
 * names of the rows wanted, and SCALE a factor for the number of messages.
 */
public final class AmqpBrokers {
    private static final int WARM_UP_ROUNDS = 2;

    private final List<BrokerProcess> brokers;
    private final PrintStream table;
    private int runs;

    private AmqpBrokers(List<BrokerProcess> brokers, PrintStream table) {
        this.brokers = brokers;
        this.table = table;
    }

    /** A row: the queues are filled, which is measured, and then emptied, which is too. */
    private record Row(boolean settled, boolean durable, int links, int bytes, int messages) {
        String name() {
            String size = bytes < 1024 ? bytes + " B" : bytes / 1024 + " KiB";
            return (settled ? "pre-settled" : "unsettled") + ", " + (durable ? "durable" : "not durable") + ", " + links
                    + (links == 1 ? " link, " : " links, ") + size;
        }
    }

    private static List<Row> rows(double scale) {
        List<Row> rows = new ArrayList<>();
        for (int[] size : new int[][] {{100, 60_000}, {1024, 30_000}, {100 * 1024, 600}}) {
            for (boolean durable : new boolean[] {true, false}) {
                for (boolean settled : new boolean[] {false, true}) {
                    for (int links : new int[] {1, 100}) {
                        rows.add(new Row(settled, durable, links, size[0], (int) (size[1] * scale)));
                    }
                }
            }
        }
        return rows;
    }

    /**
     * Runs all rows for all brokers.
     *
     * @param arguments see the class
     * @throws IOException if a broker cannot be started or breaks a connection off
     */
    public static void main(String[] arguments) throws IOException {
        if (arguments.length < 3) {
            System.err.println("usage: AmqpBrokers HOME ARTEMIS_JARS ARTEMIS_BROKER [ROWS [SCALE]]");
            System.exit(2);
        }
        String wanted = arguments.length > 3 ? arguments[3] : "";
        double scale = arguments.length > 4 ? Double.parseDouble(arguments[4]) : 1;
        Path folder = Files.createTempDirectory("amqp-brokers");
        try (BrokerProcess millrace = AmqpBroker.millrace(Path.of(arguments[0]), folder);
                BrokerProcess artemis = AmqpBroker.artemis(Path.of(arguments[1]), Path.of(arguments[2]), folder)) {
            new AmqpBrokers(List.of(millrace, artemis), System.out).run(wanted, scale);
        } finally {
            Benchmarks.deleteTree(folder);
        }
    }

    private void run(String wanted, double scale) throws IOException {
        table.printf(
                "%d processors, 1,000 messages under way at most, load generator and brokers on one machine%n%n",
                Runtime.getRuntime().availableProcessors());
        table.println(
                "| case | broker | sent per second | p50 / p99 ms | CPU s per million | received per second | CPU s"
                        + " per million |");
        table.println("|---|---|---|---|---|---|---|");
        List<Row> rows =
                rows(scale).stream().filter(row -> row.name().contains(wanted)).toList();
        for (BrokerProcess broker : brokers) {
            for (int i = 0; i < WARM_UP_ROUNDS; i++) {
                for (boolean settled : new boolean[] {false, true}) {
                    fillAndEmpty(broker, new Row(settled, true, 1, 100, (int) (40_000 * scale)));
                }
            }
        }
        for (Row row : rows) {
            for (BrokerProcess broker : brokers) {
                fillAndEmpty(broker, new Row(row.settled, row.durable, row.links, row.bytes, row.messages / 5));
                print(row, broker, fillAndEmpty(broker, row));
            }
        }
    }

    /** What both halves of a row took. */
    private record Took(AmqpLoad.Result sent, Duration sendingCpu, AmqpLoad.Result received, Duration receivingCpu) {}

    private Took fillAndEmpty(BrokerProcess broker, Row row) throws IOException {
        String queues = "queues/b" + runs++ + "-";
        AmqpLoad load = new AmqpLoad(broker.address(), queues, row.links, row.settled);
        Duration start = broker.cpuTime();
        AmqpLoad.Result sent = load.send(row.messages, row.bytes, row.durable);
        Duration middle = broker.cpuTime();
        AmqpLoad.Result received = load.receive(row.messages);
        return new Took(sent, middle.minus(start), received, broker.cpuTime().minus(middle));
    }

    private void print(Row row, BrokerProcess broker, Took took) {
        String latency = row.settled
                ? ""
                : "%.2f / %.2f"
                        .formatted(
                                took.sent.measurement().millisAt(50),
                                took.sent.measurement().millisAt(99));
        table.printf(
                "| %s | %s | %,.0f | %s | %.1f | %,.0f | %.1f |%n",
                row.name(),
                broker.name(),
                took.sent.perSecond(),
                latency,
                took.sendingCpu.toMillis() * 1e3 / row.messages,
                took.received.perSecond(),
                took.receivingCpu.toMillis() * 1e3 / row.messages);
    }
}
