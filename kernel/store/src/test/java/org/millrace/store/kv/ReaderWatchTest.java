package org.millrace.store.kv;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.ref.WeakReference;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReaderWatchTest {
    private static final Duration AGE = Duration.ofMillis(50);

    @TempDir
    Path directory;

    @Test
    void aReadThatGoesOnIsReportedOnceWithItsThreadAndPlace() throws Exception {
        try (LmdbKv kv = LmdbKv.open(directory, 1 << 20)) {
            CountDownLatch reading = new CountDownLatch(1);
            CountDownLatch enough = new CountDownLatch(1);
            Thread reader = Thread.ofPlatform()
                    .name("slow-reader")
                    .start(() -> kv.read(snapshot -> {
                        reading.countDown();
                        await(enough);
                        return "";
                    }));
            assertThat(reading.await(20, TimeUnit.SECONDS)).isTrue();

            Kv.OldReader[] found = new Kv.OldReader[1];
            Awaitility.await().until(() -> {
                var old = kv.oldReaders(AGE);
                old.forEach(reported -> found[0] = reported);
                return !old.isEmpty();
            });
            assertThat(found[0].reader()).isEqualTo("thread slow-reader");
            assertThat(found[0].doing()).contains("ReaderWatchTest");
            Awaitility.await()
                    .during(Duration.ofMillis(200))
                    .atMost(Duration.ofSeconds(20))
                    .until(() -> kv.oldReaders(AGE).isEmpty());
            enough.countDown();
            reader.join();
        }
    }

    @Test
    void manyShortReadsAreNotReported() {
        try (LmdbKv kv = LmdbKv.open(directory, 1 << 20)) {
            long end = System.nanoTime() + AGE.toNanos() * 6;
            while (System.nanoTime() < end) {
                kv.get(Tree.RECORDS, new byte[] {1}, "", (argument, value) -> "");
                assertThat(kv.oldReaders(AGE)).isEmpty();
            }
        }
    }

    @Test
    void aThreadThatHasReadIsNotKept() throws Exception {
        try (LmdbKv kv = LmdbKv.open(directory, 1 << 20)) {
            WeakReference<Thread> reader = reader(kv);

            Awaitility.await().untilAsserted(() -> {
                System.gc();
                assertThat(reader.refersTo(null)).isTrue();
            });
        }
    }

    private static WeakReference<Thread> reader(LmdbKv kv) throws InterruptedException {
        Thread reader =
                Thread.ofPlatform().start(() -> kv.get(Tree.RECORDS, new byte[] {1}, "", (argument, value) -> ""));
        reader.join();
        return new WeakReference<>(reader);
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
