package org.millrace.store;

import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.LockSupport;
import org.millrace.journal.JournalFiles;
import org.millrace.journal.JournalOptions;
import org.millrace.spi.content.Content;
import org.millrace.spi.resource.Commit;
import org.millrace.spi.resource.Durability;
import org.millrace.spi.resource.ResourceException;
import org.millrace.spi.resource.Write;
import org.millrace.spi.resource.WriteOptions;
import org.millrace.store.kv.LmdbKv;
import org.millrace.store.kv.LmdbOfChoice;

/**
 * How many puts of uniformly chosen records a store takes while the applier is its bound, by what the page cache holds
 * of the records, whether LMDB asks for read-ahead, and whether records are read before they are written. Arguments: a
 * directory on the disk to measure (kept, so that a second run need not fill it), millions of records (1), seconds a run
 * (8; with 0, cold records are scanned instead), anything to leave out the rows without read-ahead. Not run by the tests; see docs/decisions/0002.
 */
final class ApplyBenchmark {
    private static final int VALUE = 300;
    private static final int IN_FLIGHT = 1_000;
    private static final int READERS = 16;

    private final Path directory;
    private final int records;
    private final int seconds;
    private final Content content = TestNode.bytes(VALUE);

    private ApplyBenchmark(Path directory, int records, int seconds) {
        this.directory = directory;
        this.records = records;
        this.seconds = seconds;
    }

    public static void main(String[] args) throws Exception {
        ApplyBenchmark benchmark = new ApplyBenchmark(
                Path.of(args[0]),
                1_000_000 * (args.length > 1 ? Integer.parseInt(args[1]) : 1),
                args.length > 2 ? Integer.parseInt(args[2]) : 8);
        benchmark.fill();
        System.out.println("| cache | read-ahead | read first | puts/s | longest silence ms | scan of all, cold, s |");
        System.out.println("|---|---|---|---|---|---|");
        for (Cache cache : Cache.values()) {
            for (boolean readAhead : args.length > 3 ? new boolean[] {true} : new boolean[] {true, false}) {
                for (int readers : new int[] {0, READERS}) {
                    benchmark.run(cache, readAhead, readers);
                }
            }
        }
    }

    private enum Cache {
        COLD,
        FILE_READ
    }

    private TestNode open(boolean readAhead, int readers) {
        return new TestNode(
                StoreOptions.at(directory).withApplyReaders(readers),
                JournalOptions.in(directory.resolve("journal")),
                JournalFiles.system(),
                Clock.systemUTC(),
                (records, bytes) -> LmdbOfChoice.open(records, bytes, readAhead));
    }

    private void fill() throws Exception {
        if (Files.exists(directory.resolve("records"))) {
            return;
        }
        Files.createDirectories(directory);
        try (TestNode node = open(false, 0)) {
            Load load = new Load(node);
            for (int n = 0; n < records; n++) {
                load.put(n);
            }
            load.finish();
        }
    }

    private void run(Cache cache, boolean readAhead, int readers) throws Exception {
        Path file = directory.resolve("records").resolve(LmdbKv.DATA_FILE);
        drop(file);
        double scan = 0;
        if (seconds == 0 && cache == Cache.COLD && readers == 0) {
            try (TestNode node = open(readAhead, readers)) {
                long start = System.nanoTime();
                for (org.millrace.spi.resource.Path after = null; ; ) {
                    List<StoredEntry> slice = node.store.scan(ScanRange.table("bench"), after, 1_000, 1 << 20);
                    if (slice.isEmpty()) {
                        break;
                    }
                    after = slice.getLast().entry().path();
                }
                scan = (System.nanoTime() - start) / 1e9;
            }
            drop(file);
        }
        if (cache == Cache.FILE_READ) {
            try (InputStream in = Files.newInputStream(file)) {
                in.transferTo(OutputStream.nullOutputStream());
            }
        }
        try (TestNode node = open(readAhead, readers)) {
            Load load = new Load(node);
            SplittableRandom random = new SplittableRandom(1);
            long start = System.nanoTime();
            long end = start + seconds * 1_000_000_000L;
            while (System.nanoTime() < end) {
                load.put(random.nextInt(records));
            }
            load.finish();
            node.store.flush();
            System.out.printf(
                    Locale.ROOT,
                    "| %s | %s | %s | %,.0f | %,d | %.1f |%n",
                    cache == Cache.COLD ? "cold" : "the file was read",
                    readAhead ? "yes" : "no",
                    readers > 0 ? "yes" : "no",
                    load.done * 1e9 / (System.nanoTime() - start),
                    load.silence / 1_000_000,
                    scan);
        }
    }

    /** Takes the file's pages out of the cache, and nobody else's. */
    private static void drop(Path file) throws Exception {
        new ProcessBuilder("dd", "of=" + file, "oflag=nocache", "conv=notrunc,fdatasync", "count=0", "status=none")
                .inheritIO()
                .start()
                .waitFor();
    }

    /** Keeps puts in flight. */
    private final class Load implements WriteRequest.Outcome {
        private final TestNode node;
        private final Semaphore free = new Semaphore(IN_FLIGHT);
        private long last = System.nanoTime();
        private long silence;
        private long done;

        Load(TestNode node) {
            this.node = node;
        }

        void put(int n) {
            free.acquireUninterruptibly();
            Write.Put put =
                    new Write.Put(TestNode.path("bench/record-%07d".formatted(n)), content, WriteOptions.DEFAULT);
            while (!node.store.submit(new WriteRequest(List.of(put), "", Durability.FSYNC, this))) {
                LockSupport.parkNanos(50_000);
            }
        }

        void finish() {
            free.acquireUninterruptibly(IN_FLIGHT);
        }

        @Override
        public void committed(List<Commit> commits) {
            long now = System.nanoTime();
            silence = Math.max(silence, now - last);
            last = now;
            done++;
            free.release();
        }

        @Override
        public void refused(ResourceException reason) {
            throw reason;
        }
    }
}
