package org.millrace.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.millrace.spi.content.MediaType;
import org.millrace.spi.resource.Change;
import org.millrace.spi.resource.ChangeKind;
import org.millrace.spi.resource.Cursor;
import org.millrace.spi.resource.Version;

/**
 * Measures appended and synced entries a second, against a loop that only writes the same bytes to one preallocated
 * file and syncs them. Both are fed alike: so many entries are in flight, and what waits while a sync is in progress
 * forms the next batch. Not a test; run {@code main}, with a directory on the disk to measure.
 */
public final class JournalBenchmark {
    private static final int BODY = 300;
    private static final int MAX_BATCH = 1_000;
    private static final int[] IN_FLIGHT = {1, 10, 100, 1_000};
    private static final long RAW_FILE_BYTES = 64L << 20;

    private interface Sink extends AutoCloseable {
        void commit(int entries) throws IOException;

        @Override
        void close() throws IOException;
    }

    private JournalBenchmark() {}

    /**
     * Prints a table.
     *
     * @param arguments a directory, and how many seconds each cell takes
     * @throws Exception if the disk fails
     */
    public static void main(String[] arguments) throws Exception {
        Path directory = Files.createTempDirectory(Path.of(arguments[0]), "journal-benchmark");
        int seconds = Integer.parseInt(arguments[1]);
        try {
            int frame;
            try (JournalSink sink = new JournalSink(directory.resolve("warm-up"))) {
                run(sink, 100, seconds);
                frame = sink.frameBytes();
            }
            System.out.printf(Locale.ROOT, "bodies of %d bytes, entries of %d%n", BODY, frame);
            System.out.println("in flight    raw/s   journal/s   ratio   per sync   longest batch, ms");
            for (int inFlight : IN_FLIGHT) {
                Result raw;
                try (Sink sink = new RawSink(directory.resolve("raw-" + inFlight), frame)) {
                    raw = run(sink, inFlight, seconds);
                }
                Result journal;
                try (Sink sink = new JournalSink(directory.resolve("journal-" + inFlight))) {
                    journal = run(sink, inFlight, seconds);
                }
                Result rawAgain;
                try (Sink sink = new RawSink(directory.resolve("raw-again-" + inFlight), frame)) {
                    rawAgain = run(sink, inFlight, seconds);
                }
                double rawRate = (raw.rate + rawAgain.rate) / 2;
                System.out.printf(
                        Locale.ROOT,
                        "%9d %8.0f %11.0f %6.0f%% %10.1f %12.2f (raw %.2f)%n",
                        inFlight,
                        rawRate,
                        journal.rate,
                        100 * journal.rate / rawRate,
                        journal.perSync,
                        journal.longestMillis,
                        raw.longestMillis);
            }
        } finally {
            try (Stream<Path> files = Files.walk(directory)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
    }

    private record Result(double rate, double perSync, double longestMillis) {}

    private static Result run(Sink sink, int inFlight, int seconds) throws Exception {
        Semaphore free = new Semaphore(inFlight);
        Semaphore waiting = new Semaphore(0);
        Thread producer = Thread.ofPlatform().daemon().start(() -> {
            try {
                while (true) {
                    free.acquire();
                    waiting.release(1 + free.drainPermits());
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        long start = System.nanoTime();
        long end = start + TimeUnit.SECONDS.toNanos(seconds);
        long entries = 0;
        long batches = 0;
        long longest = 0;
        long now = start;
        while (now < end) {
            waiting.acquire();
            int more = Math.min(MAX_BATCH - 1, waiting.availablePermits());
            int batch = 1 + (more > 0 && waiting.tryAcquire(more) ? more : 0);
            long before = System.nanoTime();
            sink.commit(batch);
            now = System.nanoTime();
            longest = Math.max(longest, now - before);
            entries += batch;
            batches++;
            free.release(batch);
        }
        producer.interrupt();
        producer.join();
        return new Result(entries * 1e9 / (now - start), (double) entries / batches, longest / 1e6);
    }

    private static final class RawSink implements Sink {
        private final FileChannel channel;
        private final ByteBuffer buffer;
        private final byte[] entry;
        private long position;

        RawSink(Path file, int frame) throws IOException {
            channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
            buffer = ByteBuffer.allocateDirect(MAX_BATCH * frame);
            entry = new byte[frame];
            java.util.Arrays.fill(entry, (byte) 7);
            ByteBuffer zeros = ByteBuffer.allocateDirect(256 * 1024);
            for (long at = 0; at < RAW_FILE_BYTES; at += zeros.capacity()) {
                channel.write(zeros.clear(), at);
            }
            channel.force(true);
        }

        @Override
        public void commit(int entries) throws IOException {
            buffer.clear();
            for (int i = 0; i < entries; i++) {
                buffer.put(entry);
            }
            buffer.flip();
            if (position + buffer.limit() > RAW_FILE_BYTES) {
                position = 0;
            }
            position += channel.write(buffer, position);
            channel.force(false);
        }

        @Override
        public void close() throws IOException {
            channel.close();
        }
    }

    private static final class JournalSink implements Sink {
        private final Journal journal;
        private final PlainContent content = new PlainContent(MediaType.JSON, new byte[BODY]);
        private final List<Change> batch = new ArrayList<>();
        private int frameBytes;

        JournalSink(Path directory) throws IOException {
            journal = Journal.open(
                    JournalOptions.in(directory).withRetention(256L << 20, Duration.ofDays(1), 1L << 30),
                    JournalFiles.system(),
                    PlainContent::new);
            journal.retainUnapplied(journal::syncedSeq);
        }

        @Override
        public void commit(int entries) {
            batch.clear();
            for (int i = 0; i < entries; i++) {
                Change change = Change.of(
                                ChangeKind.PUT,
                                org.millrace.spi.resource.Path.of("sensors/hall/0001"),
                                new Version(journal.clock().next(), journal.node()),
                                new Cursor(journal.node(), journal.lastSeq() + 1))
                        .content(content)
                        .build();
                journal.append(change, true);
                batch.add(change);
            }
            frameBytes = (int) (journal.bufferedBytes() / entries);
            journal.write();
            journal.sync();
            journal.publish(batch);
        }

        int frameBytes() {
            return frameBytes;
        }

        @Override
        public void close() {
            journal.close();
        }
    }
}
