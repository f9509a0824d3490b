package org.millrace.journal;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
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
     * @param arguments a directory, and for how many seconds each cell is measured
     * @throws Exception if the disk fails
     */
    public static void main(String[] arguments) throws Exception {
        Path directory = Files.createTempDirectory(Path.of(arguments[0]), "journal-benchmark");
        int seconds = Integer.parseInt(arguments[1]);
        try {
            int frame;
            try (JournalSink sink = new JournalSink(directory.resolve("warm-up"))) {
                run(sink, 100, TimeUnit.SECONDS.toNanos(seconds), new Tally());
                frame = sink.frameBytes();
            }
            System.out.printf(Locale.ROOT, "bodies of %d bytes, entries of %d%n", BODY, frame);
            System.out.println("in flight    raw/s   journal/s   ratio   per sync   CPU us/entry raw, journal");
            for (int inFlight : IN_FLIGHT) {
                compare(directory, frame, inFlight, seconds);
            }
        } finally {
            try (Stream<Path> files = Files.walk(directory)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
    }

    /** Measures in turns of a quarter of a second, since a shared machine changes from moment to moment. */
    private static void compare(Path directory, int frame, int inFlight, int seconds) throws Exception {
        Tally raw = new Tally();
        Tally journal = new Tally();
        long turn = TimeUnit.MILLISECONDS.toNanos(250);
        try (Sink rawSink = new RawSink(directory.resolve("raw-" + inFlight), frame);
                Sink journalSink = new JournalSink(directory.resolve("journal-" + inFlight))) {
            for (int i = 0; i < 4 * seconds; i++) {
                run(rawSink, inFlight, turn, raw);
                run(journalSink, inFlight, turn, journal);
            }
        }
        System.out.printf(
                Locale.ROOT,
                "%9d %8.0f %11.0f %6.0f%% %10.1f %12.2f %.2f%n",
                inFlight,
                raw.rate(),
                journal.rate(),
                100 * journal.rate() / raw.rate(),
                journal.perSync(),
                raw.cpuMicros(),
                journal.cpuMicros());
    }

    private static final class Tally {
        private long entries;
        private long batches;
        private long nanos;
        private long cpuNanos;

        double rate() {
            return entries * 1e9 / nanos;
        }

        double perSync() {
            return (double) entries / batches;
        }

        double cpuMicros() {
            return cpuNanos / 1e3 / entries;
        }
    }

    private static void run(Sink sink, int inFlight, long forNanos, Tally tally) throws Exception {
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
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        long cpu = threads.getCurrentThreadCpuTime();
        long start = System.nanoTime();
        long now = start;
        while (now - start < forNanos) {
            waiting.acquire();
            int more = Math.min(MAX_BATCH - 1, waiting.availablePermits());
            int batch = 1 + (more > 0 && waiting.tryAcquire(more) ? more : 0);
            sink.commit(batch);
            now = System.nanoTime();
            tally.entries += batch;
            tally.batches++;
            free.release(batch);
        }
        tally.nanos += now - start;
        tally.cpuNanos += threads.getCurrentThreadCpuTime() - cpu;
        producer.interrupt();
        producer.join();
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
        private final org.millrace.spi.resource.Path path = org.millrace.spi.resource.Path.of("sensors/hall/0001");
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
                                path,
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
