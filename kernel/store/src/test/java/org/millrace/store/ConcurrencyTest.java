package org.millrace.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.millrace.store.TestNode.path;
import static org.millrace.store.TestNode.put;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.millrace.spi.resource.Durability;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.Precondition;
import org.millrace.spi.resource.ResourceException;
import org.millrace.spi.resource.WriteOptions;

/** Readers and writers at the same time, while generations are frozen, applied and dropped all along. */
class ConcurrencyTest {
    private static final int RECORDS = 300;

    @TempDir
    Path directory;

    private TestNode node;

    @BeforeEach
    void open() {
        node = TestNode.open(StoreOptions.at(directory)
                .withMapBytes(256 << 10)
                .withOverlay(400, 1 << 20)
                .withIntervals(Duration.ofMillis(1), Duration.ofMillis(1), Duration.ofHours(1)));
    }

    @AfterEach
    void close() {
        node.close();
    }

    @Test
    void readersMissNothingAndNeverGoBackInTime() throws Exception {
        for (int i = 0; i < RECORDS; i++) {
            node.submit(Durability.OS, put("t/" + i, "0"));
        }
        node.write(put("t/0", "0"));
        AtomicBoolean done = new AtomicBoolean();
        try (ExecutorService readers = Executors.newFixedThreadPool(2)) {
            Future<Integer> scans = readers.submit(() -> scanUntil(done));
            Future<Integer> gets = readers.submit(() -> getUntil(done));
            for (int round = 1; round <= 60; round++) {
                for (int i = 0; i < RECORDS; i++) {
                    node.submit(Durability.OS, put("t/" + i, Integer.toString(round)));
                }
                node.write(put("t/0", Integer.toString(round)));
            }
            done.set(true);
            assertThat(scans.get()).isPositive();
            assertThat(gets.get()).isPositive();
        }
    }

    private int scanUntil(AtomicBoolean done) {
        Map<String, Long> seen = new HashMap<>();
        int scans = 0;
        do {
            List<StoredEntry> all = node.scan(ScanRange.table("t"), 64);
            assertThat(all).hasSize(RECORDS);
            for (StoredEntry stored : all) {
                assertThat(seen.merge(stored.entry().path().id(), stored.seq(), Math::max))
                        .as("newest seq seen of %s", stored.entry().path())
                        .isEqualTo(stored.seq());
            }
            scans++;
        } while (!done.get());
        return scans;
    }

    private int getUntil(AtomicBoolean done) {
        long[] seen = new long[RECORDS];
        int gets = 0;
        do {
            int i = gets++ % RECORDS;
            StoredEntry stored = node.store.get(path("t/" + i));
            assertThat(stored).as("t/%d", i).isNotNull();
            assertThat(stored.seq()).as("t/%d", i).isGreaterThanOrEqualTo(seen[i]);
            seen[i] = stored.seq();
        } while (!done.get());
        return gets;
    }

    @Test
    void optimisticUpdatesOfManyThreadsLoseNone() throws Exception {
        int threads = 4;
        int updates = 50;
        node.write(put("t/counter", "0"));
        try (ExecutorService pool = Executors.newFixedThreadPool(threads)) {
            List<Future<?>> all = new ArrayList<>();
            for (int thread = 0; thread < threads; thread++) {
                all.add(pool.submit(() -> {
                    for (int i = 0; i < updates; i++) {
                        increment();
                    }
                }));
            }
            for (Future<?> one : all) {
                one.get();
            }
        }
        assertThat(node.text("t/counter")).isEqualTo(Integer.toString(threads * updates));
    }

    private void increment() {
        while (true) {
            StoredEntry before = node.store.get(path("t/counter"));
            int value = Integer.parseInt(TestNode.text(before.entry().content()));
            WriteOptions unchanged = WriteOptions.DEFAULT.withPrecondition(
                    Precondition.at(before.entry().version()));
            try {
                TestNode.await(node.submit(Durability.OS, put("t/counter", Integer.toString(value + 1), unchanged)));
                return;
            } catch (ResourceException e) {
                assertThat(e.code()).isEqualTo(ErrorCode.PRECONDITION_FAILED);
            }
        }
    }
}
