package org.millrace.benchmarks.engine;

import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.millrace.spi.resource.Path;
import org.millrace.store.StoredEntry;

/** Reads uniformly chosen records one by one by the store's own interface, with one thread and with more. */
final class ReadLoad {
    private static final int READS_BETWEEN_LOOKS_AT_THE_CLOCK = 100;

    private final ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    private final StoreUnderTest store;
    private final Options options;
    private final PrintStream table;

    /** What one thread did. */
    private record Result(double perSecond, double cpuMicros) {}

    ReadLoad(StoreUnderTest store, Options options, PrintStream table) {
        this.store = store;
        this.options = options;
        this.table = table;
    }

    /** Measures and prints a row for each number of threads. */
    void run() throws InterruptedException {
        table.printf(
                "%n| reads by the store's API | threads | per second and thread | CPU us each |%n|---|---|---|---|%n");
        for (int count = 1; count <= Runtime.getRuntime().availableProcessors(); count *= 2) {
            Result[] results = new Result[count];
            List<Thread> running = new ArrayList<>();
            for (int t = 0; t < count; t++) {
                int index = t;
                running.add(Thread.ofPlatform().start(() -> results[index] = measure(index)));
            }
            double perSecond = 0;
            double cpuMicros = 0;
            for (int t = 0; t < count; t++) {
                running.get(t).join();
                perSecond += results[t].perSecond() / count;
                cpuMicros += results[t].cpuMicros() / count;
            }
            table.printf("| one record of %,d | %d | %,.0f | %.2f |%n", store.keys(), count, perSecond, cpuMicros);
        }
    }

    private Result measure(int seed) {
        SplittableRandom random = new SplittableRandom(seed);
        read(random, options.warmUp());
        long cpu = threads.getCurrentThreadCpuTime();
        long start = System.nanoTime();
        long count = read(random, options.seconds());
        long nanos = System.nanoTime() - start;
        return new Result(count * 1e9 / nanos, (threads.getCurrentThreadCpuTime() - cpu) / 1e3 / count);
    }

    private long read(SplittableRandom random, int seconds) {
        long end = System.nanoTime() + seconds * 1_000_000_000L;
        long count = 0;
        byte[] name = StoreUnderTest.name(0);
        while (System.nanoTime() < end) {
            for (int i = 0; i < READS_BETWEEN_LOOKS_AT_THE_CLOCK; i++) {
                // As a protocol does, from the bytes it was sent. Paths kept for all records would not be in the
                // processor's caches either, and their reading be measured as if it were the store's.
                StoreUnderTest.name(name, random.nextInt(store.keys()));
                StoredEntry found = store.store().get(Path.of(new String(name, StandardCharsets.UTF_8)));
                if (found == null || found.entry().content().size() != StoreUnderTest.BODY) {
                    throw new IllegalStateException("a record is missing");
                }
            }
            count += READS_BETWEEN_LOOKS_AT_THE_CLOCK;
        }
        return count;
    }
}
