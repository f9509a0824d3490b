package org.millrace.subscription;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.LongAdder;
import org.millrace.spi.resource.Change;
import org.millrace.spi.resource.Overflow;
import org.millrace.spi.resource.Path;
import org.millrace.spi.resource.Reason;
import org.millrace.spi.resource.ResourceException;
import org.millrace.spi.resource.Start;
import org.millrace.spi.resource.Subscriber;
import org.millrace.spi.resource.TopicFilter;

/**
 * Prints what a million subscriptions cost and how fast one change reaches ten thousand subscribers. Not a test: run its
 * {@code main} with {@code -Xmx2g}.
 */
final class SubscriptionBenchmark {
    private static final int SUBSCRIPTIONS = 1_000_000;
    private static final int SUBSCRIBERS = 10_000;

    private SubscriptionBenchmark() {}

    public static void main(String[] args) throws InterruptedException {
        matching();
        fanOut();
    }

    private static TopicFilter filter(int i) {
        return TopicFilter.of(
                switch (i % 4) {
                    case 0 -> "device/" + i + "/+/temp";
                    case 1 -> "device/" + i + "/#";
                    case 2 -> "site/" + i % 1000 + "/line/" + i / 1000 + "/+";
                    default -> "site/" + i % 1000 + "/+/" + i / 1000 + "/status";
                });
    }

    private static void matching() {
        List<TopicFilter> filters = new ArrayList<>();
        List<Object> values = new ArrayList<>();
        for (int i = 0; i < SUBSCRIPTIONS; i++) {
            filters.add(filter(i));
            values.add(new Object());
        }
        long before = usedBytes();
        TopicTrie<Object> trie = new TopicTrie<>();
        long started = System.nanoTime();
        for (int i = 0; i < SUBSCRIPTIONS; i++) {
            trie.add(filters.get(i), values.get(i));
        }
        double addSeconds = seconds(started);
        long after = usedBytes();
        System.out.printf(
                "trie: %,d of %,d filters and %,d values, %d bytes each beside the filter itself, %,.0f added/s%n",
                trie.size(),
                filters.size(),
                values.size(),
                (after - before) / SUBSCRIPTIONS,
                SUBSCRIPTIONS / addSeconds);
        Random random = new Random(1);
        List<Path> paths = new ArrayList<>();
        for (int i = 0; i < 200_000; i++) {
            int n = random.nextInt(SUBSCRIPTIONS);
            paths.add(Path.of(
                    i % 2 == 0
                            ? "device/" + n + "/engine/temp"
                            : "site/" + n % 1000 + "/line/" + n / 1000 + "/status"));
        }
        LongAdder found = new LongAdder();
        for (int round = 0; round < 8; round++) {
            found.reset();
            Duration cpuBefore = cpu();
            started = System.nanoTime();
            for (Path path : paths) {
                trie.match(path, value -> found.increment());
            }
            double took = seconds(started);
            Duration cpuTook = cpu().minus(cpuBefore);
            System.out.printf(
                    "trie: %,.0f topics matched/s, %.2f subscriptions each, %d ns CPU a topic%n",
                    paths.size() / took, found.doubleValue() / paths.size(), cpuTook.toNanos() / paths.size());
        }
    }

    private static void fanOut() throws InterruptedException {
        MemoryTree tree = new MemoryTree();
        ExecutorService readers = Executors.newFixedThreadPool(1);
        ExecutorService[] loops = {Executors.newSingleThreadExecutor(), Executors.newSingleThreadExecutor()};
        try (SubscriptionEngine engine = SubscriptionEngine.start(tree, tree, SubscriptionOptions.DEFAULTS, readers)) {
            Counter counter = new Counter();
            long before = usedBytes();
            for (int i = 0; i < SUBSCRIBERS; i++) {
                engine.subscribe(
                                SteppedEngine.request(Start.NOW, Overflow.EVERY, "alarm/#"),
                                counter,
                                loops[i % 2],
                                SteppedEngine.ALL)
                        .request(Long.MAX_VALUE);
            }
            System.out.printf("engine: %d bytes a subscription%n", (usedBytes() - before) / SUBSCRIBERS);
            for (int round = 0; round < 10; round++) {
                int changes = round < 3 ? 1 : 200;
                long deliveries = (long) changes * SUBSCRIBERS;
                Duration cpuBefore = cpu();
                long started = System.nanoTime();
                counter.expect(deliveries);
                for (int i = 0; i < changes; i++) {
                    tree.event("alarm/fire", "x");
                }
                counter.await();
                double took = seconds(started);
                System.out.printf(
                        "fan-out: %d changes to %,d subscribers in %.2f ms, %,.0f deliveries/s, %d ns CPU each%n",
                        changes,
                        SUBSCRIBERS,
                        took * 1e3,
                        deliveries / took,
                        cpu().minus(cpuBefore).toNanos() / deliveries);
            }
        } finally {
            readers.shutdownNow();
            loops[0].shutdownNow();
            loops[1].shutdownNow();
        }
    }

    private static final class Counter implements Subscriber {
        private final LongAdder received = new LongAdder();
        private volatile long expected;
        private volatile CountDownLatch done = new CountDownLatch(1);

        void expect(long deliveries) {
            received.reset();
            done = new CountDownLatch(1);
            expected = deliveries;
        }

        void await() throws InterruptedException {
            done.await();
        }

        @Override
        public void onChange(Change change, Reason reason) {
            received.increment();
        }

        @Override
        public void onBatchEnd() {
            if (received.sum() == expected) {
                done.countDown();
            }
        }

        @Override
        public void onClosed(ResourceException reason) {}
    }

    private static double seconds(long started) {
        return (System.nanoTime() - started) / 1e9;
    }

    /** The time of all threads together: what the machine does besides does not count. */
    private static Duration cpu() {
        return ProcessHandle.current().info().totalCpuDuration().orElse(Duration.ZERO);
    }

    private static long usedBytes() {
        Runtime runtime = Runtime.getRuntime();
        for (int i = 0; i < 3; i++) {
            System.gc();
        }
        return runtime.totalMemory() - runtime.freeMemory();
    }
}
