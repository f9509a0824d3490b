package org.millrace.journal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.millrace.spi.resource.Change;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.ResourceException;

/** Readers race the writer and retention, on real files. */
class ConcurrentReadingTest {
    private static final long CHANGES = 60_000;

    @TempDir
    Path directory;

    private Journal open(long retainBytes) throws IOException {
        JournalOptions options = JournalOptions.in(directory)
                .withSegmentBytes(256 * 1024)
                .withRing(64, 64 * 1024)
                .withRetention(retainBytes, Duration.ofDays(1), Long.MAX_VALUE);
        return Journal.open(options, JournalFiles.system(), PlainContent::new);
    }

    private static void write(Journal journal, AtomicBoolean done) {
        SplittableRandom random = new SplittableRandom(1);
        while (journal.lastSeq() < CHANGES) {
            List<Change> changes = Changes.append(journal, 1 + random.nextInt(200), random.nextInt(300));
            journal.write();
            if (random.nextInt(10) == 0) {
                journal.sync();
            }
            journal.publish(changes);
        }
        done.set(true);
    }

    @Test
    void readersSeeEveryChangeOnceAndInOrder() throws Exception {
        AtomicBoolean done = new AtomicBoolean();
        try (Journal journal = open(Long.MAX_VALUE);
                ExecutorService threads = Executors.newFixedThreadPool(4)) {
            List<Future<Long>> readers = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                int slowness = i * 50;
                readers.add(threads.submit(() -> follow(journal, done, slowness)));
            }
            Future<?> writer = threads.submit(() -> write(journal, done));
            writer.get(60, TimeUnit.SECONDS);
            for (Future<Long> reader : readers) {
                assertThat(reader.get(60, TimeUnit.SECONDS)).isEqualTo(journal.lastSeq());
            }
        }
    }

    private static long follow(Journal journal, AtomicBoolean done, int slowness) {
        PublishSignal signal = new PublishSignal();
        long seen = 0;
        try (var _ = journal.onPublished(signal);
                ChangeReader reader = journal.read(0)) {
            while (!done.get() || seen < journal.publishedSeq()) {
                long position = seen;
                signal.await(() -> journal.publishedSeq() > position + slowness || done.get(), 1_000_000_000L);
                for (Change c = reader.next(); c != null; c = reader.next()) {
                    seen++;
                    check(c, seen);
                }
            }
        }
        return seen;
    }

    private static void check(Change change, long seq) {
        if (change.cursor().position() != seq || !Changes.text(change).equals(String.valueOf(seq))) {
            throw new AssertionError("change " + seq + " reads " + change.cursor() + ' ' + Changes.text(change));
        }
    }

    @Test
    void readersThatRetentionOvertakesExpireAndNeverSeeGarbage() throws Exception {
        AtomicBoolean done = new AtomicBoolean();
        AtomicLong expired = new AtomicLong();
        try (Journal journal = open(1024 * 1024);
                ExecutorService threads = Executors.newFixedThreadPool(3)) {
            journal.retainUnapplied(journal::syncedSeq);
            List<Future<?>> readers = new ArrayList<>();
            for (int i = 0; i < 2; i++) {
                long seed = i;
                readers.add(threads.submit(() -> jump(journal, done, expired, new SplittableRandom(seed))));
            }
            write(journal, done);
            for (Future<?> reader : readers) {
                reader.get(60, TimeUnit.SECONDS);
            }
            assertThat(journal.firstSeq()).isGreaterThan(1);
            assertThat(expired).hasPositiveValue();
        }
    }

    /** Starts at the oldest change again and again, which is where retention works. */
    private static void jump(Journal journal, AtomicBoolean done, AtomicLong expired, SplittableRandom random) {
        while (!done.get()) {
            try (ChangeReader reader = journal.read(journal.firstSeq() - 1)) {
                long seq = reader.position();
                for (int i = random.nextInt(20_000); i > 0; i--) {
                    Change c = reader.next();
                    if (c == null) {
                        break;
                    }
                    check(c, ++seq);
                }
                // Dawdling where the oldest change was: the segment may go meanwhile.
                long asked = journal.firstSeq();
                try (ChangeReader dawdler = journal.read(asked - 1)) {
                    while (!done.get() && journal.firstSeq() == asked) {
                        Thread.onSpinWait();
                    }
                    dawdler.next();
                }
            } catch (ResourceException e) {
                if (e.code() != ErrorCode.EXPIRED_CURSOR) {
                    throw e;
                }
                expired.incrementAndGet();
            }
        }
    }
}
