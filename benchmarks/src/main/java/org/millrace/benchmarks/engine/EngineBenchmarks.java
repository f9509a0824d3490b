package org.millrace.benchmarks.engine;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Prints what the engine does without protocols as tables: durable puts beside a bare log on the same disk in the same
 * run, reads, indexes, matching, fan-out. {@link Options#USAGE} tells the options.
 */
public final class EngineBenchmarks {
    /** What the journal's entry of such a record weighs, so that the bare log writes as much. */
    private static final int ENTRY = StoreUnderTest.BODY + 72;
    /** How many puts to indexed records wait for the disk at once. */
    private static final int INDEXED_IN_FLIGHT = 100;

    private final Options options;
    private final Path directory;
    private final PrintStream table = System.out;
    private final Map<Integer, Double> raw = new HashMap<>();

    private EngineBenchmarks(Options options, Path directory) {
        this.options = options;
        this.directory = directory;
    }

    /**
     * Runs what the options name.
     *
     * @param arguments see {@link Options#USAGE}
     * @throws Exception if the disk fails
     */
    public static void main(String[] arguments) throws Exception {
        Locale.setDefault(Locale.ROOT);
        Options options;
        try {
            options = Options.parse(arguments);
        } catch (IllegalArgumentException e) {
            System.err.println(e.getMessage() + System.lineSeparator() + Options.USAGE);
            System.exit(2);
            return;
        }
        Path directory = Files.createTempDirectory(options.directory(), "engine-benchmark");
        try {
            new EngineBenchmarks(options, directory).run();
        } finally {
            deleteTree(directory);
        }
    }

    private void run() throws Exception {
        table.printf(
                "%d processors, values of %d bytes, %d s a row after %d s of warm-up%n%n",
                Runtime.getRuntime().availableProcessors(), StoreUnderTest.BODY, options.seconds(), options.warmUp());
        if (options.only().contains("puts")) {
            putsHeader();
            for (int inFlight : options.inFlight()) {
                bareLog(inFlight);
            }
        }
        for (int keys : options.keys()) {
            if (options.only().contains("puts") || (options.only().contains("reads") && keys == largest())) {
                try (StoreUnderTest store = new StoreUnderTest(directory.resolve("store-" + keys), keys)) {
                    store.fill();
                    if (options.only().contains("puts")) {
                        puts(store);
                    }
                    if (options.only().contains("reads") && keys == largest()) {
                        new ReadLoad(store, options, table).run();
                    }
                }
                deleteTree(directory.resolve("store-" + keys));
            }
        }
        if (options.only().contains("indexes")) {
            indexes();
        }
        subscriptions();
    }

    private void putsHeader() {
        table.println("| durable puts | keys | in flight | per second | of the bare log | p50 ms | p99 ms | max ms |"
                + " longest silence ms | CPU us each |");
        table.println("|---|---|---|---|---|---|---|---|---|---|");
    }

    private void indexes() throws IOException {
        table.println();
        putsHeader();
        if (!raw.containsKey(INDEXED_IN_FLIGHT)) {
            bareLog(INDEXED_IN_FLIGHT);
        }
        new IndexLoad(options, directory, table).run(INDEXED_IN_FLIGHT, this::row);
        deleteTree(directory.resolve("indexed"));
    }

    private int largest() {
        return options.keys().stream().mapToInt(i -> i).max().orElse(0);
    }

    private void bareLog(int inFlight) throws IOException {
        Path file = directory.resolve("raw-" + inFlight);
        try (RawLog log = new RawLog(file, ENTRY)) {
            PutLoad.Result result = new PutLoad(log, 1, inFlight).run(options.warmUp(), options.seconds());
            raw.put(inFlight, result.perSecond());
            row("bare log", 0, inFlight, result);
        }
        Files.delete(file);
    }

    private void puts(StoreUnderTest store) {
        for (int inFlight : options.inFlight()) {
            row(
                    "store",
                    store.keys(),
                    inFlight,
                    new PutLoad(store, store.keys(), inFlight).run(options.warmUp(), options.seconds()));
            store.awaitApplied();
        }
    }

    private void row(String what, int keys, int inFlight, PutLoad.Result result) {
        table.printf(
                "| %s | %s | %,d | %,.0f | %.0f%% | %.2f | %.2f | %.1f | %.1f | %.1f |%n",
                what,
                keys == 0 ? "-" : "%,d".formatted(keys),
                inFlight,
                result.perSecond(),
                100 * result.perSecond() / raw.getOrDefault(inFlight, Double.NaN),
                result.micros().getValueAtPercentile(50) / 1e3,
                result.micros().getValueAtPercentile(99) / 1e3,
                result.micros().getMaxValue() / 1e3,
                result.silenceMillis(),
                result.cpuMicros());
    }

    private void subscriptions() throws IOException {
        boolean matching = options.only().contains("matching");
        boolean fanOut = options.only().contains("fan-out");
        if (!matching && !fanOut) {
            return;
        }
        table.printf("%n| subscriptions | load | rate | |%n|---|---|---|---|%n");
        try (StoreUnderTest store = new StoreUnderTest(directory.resolve("subscriptions"), 1)) {
            if (matching) {
                try (SubscriptionLoad load = new SubscriptionLoad(store, options, table)) {
                    load.matching();
                }
            }
            if (fanOut) {
                try (SubscriptionLoad load = new SubscriptionLoad(store, options, table)) {
                    load.fanOut();
                }
            }
        }
    }

    private static void deleteTree(Path root) throws IOException {
        try (Stream<Path> tree = Files.walk(root)) {
            for (Path path : tree.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
