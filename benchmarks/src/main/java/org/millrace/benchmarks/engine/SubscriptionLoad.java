package org.millrace.benchmarks.engine;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import org.HdrHistogram.Histogram;
import org.millrace.spi.resource.Change;
import org.millrace.spi.resource.Path;
import org.millrace.spi.resource.Reason;
import org.millrace.spi.resource.ResourceException;
import org.millrace.spi.resource.Start;
import org.millrace.spi.resource.SubscribeRequest;
import org.millrace.spi.resource.Subscriber;
import org.millrace.spi.resource.TopicFilter;
import org.millrace.subscription.ChangeSource;
import org.millrace.subscription.RecordSource;
import org.millrace.subscription.SubscriptionEngine;
import org.millrace.subscription.SubscriptionOptions;

/** Matches topics with many subscriptions, and brings one change to many subscribers. */
final class SubscriptionLoad implements AutoCloseable {
    private final StoreUnderTest records;
    private final Options options;
    private final PrintStream table;
    private final ExecutorService readers = Executors.newFixedThreadPool(SubscriptionOptions.DEFAULTS.readers());
    private final ExecutorService[] loops = {Executors.newSingleThreadExecutor(), Executors.newSingleThreadExecutor()};
    private final SubscriptionEngine engine;

    SubscriptionLoad(StoreUnderTest records, Options options, PrintStream table) {
        this.records = records;
        this.options = options;
        this.table = table;
        this.engine = SubscriptionEngine.start(
                ChangeSource.of(records.journal()),
                RecordSource.of(records.store()),
                SubscriptionOptions.DEFAULTS,
                readers);
    }

    /** Every filter has a wildcard; half of them at the end, half in the middle. */
    private static TopicFilter filter(int i) {
        return TopicFilter.of(
                switch (i % 4) {
                    case 0 -> "device/" + i + "/+/temp";
                    case 1 -> "device/" + i + "/#";
                    case 2 -> "site/" + i % 1000 + "/line/" + i / 1000 + "/+";
                    default -> "site/" + i % 1000 + "/+/" + i / 1000 + "/status";
                });
    }

    void matching() {
        int count = options.subscriptions();
        Subscriber nobody = new Silent();
        long before = usedBytes();
        for (int i = 0; i < count; i++) {
            engine.subscribe(SubscribeRequest.every(filter(i), Start.NOW), nobody, loops[i % 2], _ -> true);
        }
        long each = (usedBytes() - before) / count;
        SplittableRandom random = new SplittableRandom(1);
        List<Path> topics = new ArrayList<>();
        for (int i = 0; i < 200_000; i++) {
            int n = random.nextInt(count);
            topics.add(Path.of(
                    i % 2 == 0
                            ? "device/" + n + "/engine/temp"
                            : "site/" + n % 1000 + "/line/" + n / 1000 + "/status"));
        }
        long end = System.nanoTime() + options.warmUp() * 1_000_000_000L;
        while (System.nanoTime() < end) {
            match(topics);
        }
        long start = System.nanoTime();
        long matched = 0;
        long found = 0;
        while (System.nanoTime() - start < options.seconds() * 1_000_000_000L) {
            found += match(topics);
            matched += topics.size();
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        table.printf(
                "| match a topic, %,d subscriptions with wildcards | 1 thread | %,.0f topics/s | %.2f found a topic,"
                        + " %d bytes of heap a subscription |%n",
                count, matched / seconds, (double) found / matched, each);
    }

    private long match(List<Path> topics) {
        long found = 0;
        for (Path topic : topics) {
            found += engine.count(topic);
        }
        return found;
    }

    void fanOut() {
        int count = options.subscribers();
        AtomicLong left = new AtomicLong();
        Arrivals arrivals = new Arrivals(left);
        for (int i = 0; i < count; i++) {
            engine.subscribe(
                            SubscribeRequest.every(TopicFilter.table("bench"), Start.NOW),
                            arrivals,
                            loops[i % 2],
                            _ -> true)
                    .request(Long.MAX_VALUE);
        }
        Histogram micros = new Histogram(3);
        long end = System.nanoTime() + options.warmUp() * 1_000_000_000L;
        while (System.nanoTime() < end) {
            one(arrivals, left, count);
        }
        long start = System.nanoTime();
        long deliveries = 0;
        while (System.nanoTime() - start < options.seconds() * 1_000_000_000L) {
            micros.recordValue(one(arrivals, left, count) / 1_000);
            deliveries += count;
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        table.printf(
                "| one durable put to %,d subscribers on two loops | 1 in flight | %,.0f deliveries/s | to the last of"
                        + " them p50 %.2f, p99 %.2f, max %.1f ms |%n",
                count,
                deliveries / seconds,
                micros.getValueAtPercentile(50) / 1e3,
                micros.getValueAtPercentile(99) / 1e3,
                micros.getMaxValue() / 1e3);
    }

    private long one(Arrivals arrivals, AtomicLong left, int count) {
        CountDownLatch all = new CountDownLatch(1);
        arrivals.all = all;
        left.set(count);
        long start = System.nanoTime();
        records.put(0, () -> {});
        try {
            all.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        return System.nanoTime() - start;
    }

    private static class Silent implements Subscriber {
        @Override
        public void onChange(Change change, Reason reason) {}

        @Override
        public void onClosed(ResourceException reason) {}
    }

    private static final class Arrivals extends Silent {
        private final AtomicLong left;
        private volatile CountDownLatch all = new CountDownLatch(1);

        Arrivals(AtomicLong left) {
            this.left = left;
        }

        @Override
        public void onChange(Change change, Reason reason) {
            if (left.decrementAndGet() == 0) {
                all.countDown();
            }
        }
    }

    private static long usedBytes() {
        Runtime runtime = Runtime.getRuntime();
        for (int i = 0; i < 3; i++) {
            System.gc();
        }
        return runtime.totalMemory() - runtime.freeMemory();
    }

    @Override
    public void close() {
        engine.close();
        readers.shutdown();
        loops[0].shutdown();
        loops[1].shutdown();
    }
}
