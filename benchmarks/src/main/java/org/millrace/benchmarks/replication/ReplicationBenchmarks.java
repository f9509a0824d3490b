package org.millrace.benchmarks.replication;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * Prints what replication does as a table: three nodes in this process and a nats-server beside it, then the NATS client
 * alone with the same bytes, published by as many and read by as many, in the same run: once in as many messages as the
 * nodes make of them, which hold up to a thousand changes each, and once with a message for each change.
 */
public final class ReplicationBenchmarks {
    static final String USAGE =
            "usage: ReplicationBenchmarks [--directory DIR] [--seconds 10] [--away 1000000] [--rates 1000,10000]"
                    + " [--parts saturate,pace,catch-up,bootstrap] [--streams 1]";

    private static final int NODES = 3;
    private static final int IN_FLIGHT = 2_000;
    private static final int KEYS = 1_000_000;
    private static final long RETAIN = 1L << 33;
    private static final long PATIENCE_NANOS = 600_000_000_000L;

    private final Path directory;
    private final int seconds;
    private final int away;
    private final List<Integer> rates;
    private final Set<String> parts;
    private final int streams;
    private final PrintStream table = System.out;
    private final List<NodeUnderTest> nodes = new ArrayList<>();

    private ReplicationBenchmarks(
            Path directory, int seconds, int away, List<Integer> rates, Set<String> parts, int streams) {
        this.directory = directory;
        this.seconds = seconds;
        this.away = away;
        this.rates = rates;
        this.parts = parts;
        this.streams = streams;
    }

    /**
     * Runs all parts.
     *
     * @param arguments see {@link #USAGE}
     * @throws Exception if the disk or NATS fails
     */
    public static void main(String[] arguments) throws Exception {
        Locale.setDefault(Locale.ROOT);
        Path parent = Path.of(".");
        int seconds = 10;
        int away = 1_000_000;
        int streams = 1;
        List<Integer> rates = List.of(1_000, 10_000);
        Set<String> parts = Set.of("saturate", "pace", "catch-up", "bootstrap");
        for (int i = 0; i + 1 < arguments.length; i += 2) {
            String value = arguments[i + 1];
            switch (arguments[i]) {
                case "--directory" -> parent = Path.of(value);
                case "--seconds" -> seconds = Integer.parseInt(value);
                case "--away" -> away = Integer.parseInt(value);
                case "--rates" ->
                    rates = Stream.of(value.split(",", -1))
                            .map(Integer::valueOf)
                            .toList();
                case "--streams" -> streams = Integer.parseInt(value);
                case "--parts" -> parts = Set.of(value.split(",", -1));
                default -> throw new IllegalArgumentException(USAGE);
            }
        }
        Path directory = Files.createTempDirectory(parent.toAbsolutePath(), "replication-benchmark");
        try (NatsUnderTest nats = NatsUnderTest.start(directory.resolve("nats"));
                Yardstick yardstick = new Yardstick(nats)) {
            new ReplicationBenchmarks(directory, seconds, away, rates, parts, streams).run(nats, yardstick);
        } finally {
            deleteTree(directory);
        }
    }

    private void run(NatsUnderTest nats, Yardstick yardstick) throws Exception {
        table.printf(
                "%d processors, %d nodes and nats-server on them, values of %d bytes, streams: %d%n%n",
                Runtime.getRuntime().availableProcessors(), NODES, NodeUnderTest.BODY, streams);
        table.println(
                "| what | changes a second | of the NATS client with as many messages | with a message a change | lag"
                        + " p50 ms | lag p99 ms |");
        table.println("|---|---|---|---|---|---|");
        try {
            for (int i = 0; i < NODES; i++) {
                nodes.add(start("node" + i, "n" + i, nats, RETAIN));
            }
            write(1, "warm", Math.min(3, seconds));
            forget();
            if (parts.contains("saturate")) {
                saturate(yardstick, 1);
                saturate(yardstick, NODES);
            }
            for (int rate : parts.contains("pace") ? rates : List.<Integer>of()) {
                pace(rate);
            }
            if (parts.contains("catch-up")) {
                catchUp(nats, yardstick);
            }
            if (parts.contains("bootstrap")) {
                bootstrap(nats, yardstick);
            }
        } finally {
            nodes.forEach(NodeUnderTest::close);
        }
    }

    private NodeUnderTest start(String folder, String name, NatsUnderTest nats, long retain) throws IOException {
        return NodeUnderTest.start(directory.resolve(folder), name, nats.url(), retain, streams);
    }

    /** As many puts as some nodes take, and the time until the last node has the last of them. */
    private void saturate(Yardstick yardstick, int writers) throws Exception {
        Yardstick.Kept before = yardstick.kept();
        long begin = System.nanoTime();
        long puts = write(writers, "full", seconds);
        double took = (System.nanoTime() - begin) / 1e9;
        Histogram lag = forget();
        Yardstick.Kept after = yardstick.kept();
        long bytes = after.bytes() - before.bytes();
        Alone alone = new Alone(
                yardstick.publishAndConsume(writers, NODES, after.messages() - before.messages(), bytes),
                yardstick.publishAndConsume(writers, NODES, puts, bytes));
        row("durable puts at " + writers + (writers == 1 ? " node" : " nodes at once"), puts, took, alone, lag);
    }

    /** Writes with so many writers and waits until every node has everything; returns how many puts there were. */
    private long write(int writers, String name, int forSeconds) throws InterruptedException {
        long[] before = nodes.stream().mapToLong(NodeUnderTest::taken).toArray();
        long[] puts = new long[NODES];
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(forSeconds);
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < writers; i++) {
            int writer = i;
            threads.add(Thread.ofPlatform().start(() -> puts[writer] = put(nodes.get(writer), name + writer, end)));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        long all = puts[0] + puts[1] + puts[2];
        for (int i = 0; i < NODES; i++) {
            await(nodes.get(i), before[i] + all - puts[i]);
        }
        return all;
    }

    private static long put(NodeUnderTest node, String name, long end) {
        Semaphore free = new Semaphore(IN_FLIGHT);
        int key = 0;
        while (System.nanoTime() < end) {
            free.acquireUninterruptibly();
            node.put(name, key++ % KEYS, free::release);
        }
        free.acquireUninterruptibly(IN_FLIGHT);
        return key;
    }

    private static void await(NodeUnderTest node, long taken) {
        long last = System.nanoTime() + PATIENCE_NANOS;
        while (node.taken() < taken) {
            if (System.nanoTime() > last) {
                throw new IllegalStateException("a node has " + node.taken() + " of " + taken + ": " + node.status());
            }
            LockSupport.parkNanos(1_000_000);
        }
    }

    /** So many puts a second at one node, each at its time. */
    private void pace(int rate) {
        long before = nodes.get(1).taken();
        long begin = System.nanoTime();
        int puts = rate * seconds;
        AtomicLong done = new AtomicLong();
        for (int i = 0; i < puts; i++) {
            long at = begin + i * 1_000_000_000L / rate;
            while (System.nanoTime() < at) {
                LockSupport.parkNanos(at - System.nanoTime());
            }
            nodes.getFirst().put("paced", i % KEYS, done::incrementAndGet);
        }
        await(nodes.get(1), before + puts);
        row("puts at 1 node, paced", puts, (System.nanoTime() - begin) / 1e9, null, forget());
    }

    /** What nodes have seen of lag since this was asked last. */
    private Histogram forget() {
        nodes.forEach(NodeUnderTest::awaitApplied);
        Histogram all = new Histogram(3);
        nodes.forEach(node -> all.add(node.lagMicros()));
        return all;
    }

    /** The last node is away while another writes. */
    private void catchUp(NatsUnderTest nats, Yardstick yardstick) throws Exception {
        nodes.removeLast().close();
        yardstick.purge();
        fill(nodes.getFirst(), "away");
        await(nodes.get(1), nodes.get(1).taken());
        while (nodes.getFirst().status().unsent() > 0) {
            LockSupport.parkNanos(10_000_000);
        }
        forget();
        Yardstick.Kept kept = yardstick.kept();
        Alone alone = new Alone(yardstick.consume(), yardstick.consume(away, kept.bytes()));
        long begin = System.nanoTime();
        NodeUnderTest back = start("node" + (NODES - 1), "back", nats, RETAIN);
        nodes.add(back);
        await(back, away);
        double took = (System.nanoTime() - begin) / 1e9;
        row("catching up with %,d changes".formatted(away), away, took, alone, null);
        forget();
    }

    private void fill(NodeUnderTest node, String name) {
        Semaphore free = new Semaphore(IN_FLIGHT);
        for (int i = 0; i < away; i++) {
            free.acquireUninterruptibly();
            node.put(name, i % KEYS, free::release);
        }
        free.acquireUninterruptibly(IN_FLIGHT);
        node.awaitApplied();
    }

    /** A new node joins nodes whose journals and stream no longer have the changes. */
    private void bootstrap(NatsUnderTest nats, Yardstick yardstick) throws Exception {
        if (!parts.contains("catch-up")) {
            yardstick.purge();
            fill(nodes.getFirst(), "away");
            while (nodes.getFirst().status().unsent() > 0) {
                LockSupport.parkNanos(10_000_000);
            }
        }
        Yardstick.Kept kept = yardstick.kept();
        Alone alone = new Alone(
                yardstick.publishAndConsume(1, 1, kept.messages(), kept.bytes()),
                yardstick.publishAndConsume(1, 1, away, kept.bytes()));
        while (nodes.size() > 1) {
            nodes.removeLast().close();
        }
        nodes.removeLast().close();
        deleteTree(directory.resolve("node1"));
        yardstick.purge();
        // Opened with a journal that keeps next to nothing.
        nodes.add(start("node0", "n0", nats, 1));
        fillLittle(nodes.getFirst());
        yardstick.purge();
        long begin = System.nanoTime();
        NodeUnderTest joining = start("node1", "new", nats, RETAIN);
        nodes.add(joining);
        await(joining, away);
        double took = (System.nanoTime() - begin) / 1e9;
        row("a new node that copies records", joining.taken(), took, alone, null);
    }

    /** Gives the journal a reason to let go of old files, and the stream something that a new node sees missing. */
    private static void fillLittle(NodeUnderTest node) throws InterruptedException {
        Semaphore free = new Semaphore(0);
        for (int i = 0; i < 100; i++) {
            node.put("little", i, free::release);
            free.acquire();
        }
        while (node.status().unsent() > 2) {
            LockSupport.parkNanos(10_000_000);
        }
    }

    /** How many seconds the client alone took, in as many messages and with a message for each change. */
    private record Alone(double inBatches, double oneByOne) {}

    private void row(String what, long changes, double seconds, @Nullable Alone alone, @Nullable Histogram lag) {
        table.printf(
                "| %s | %,.0f | %s | %s | %s | %s |%n",
                what,
                changes / seconds,
                alone == null ? "" : "%.0f%%".formatted(100 * alone.inBatches() / seconds),
                alone == null ? "" : "%.0f%%".formatted(100 * alone.oneByOne() / seconds),
                lag == null ? "" : "%.1f".formatted(lag.getValueAtPercentile(50) / 1e3),
                lag == null ? "" : "%.1f".formatted(lag.getValueAtPercentile(99) / 1e3));
    }

    private static void deleteTree(Path root) throws IOException {
        if (!Files.exists(root)) {
            return;
        }
        try (Stream<Path> tree = Files.walk(root)) {
            for (Path path : tree.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
