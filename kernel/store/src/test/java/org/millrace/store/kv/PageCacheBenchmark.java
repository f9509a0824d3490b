package org.millrace.store.kv;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.lmdbjava.EnvFlags;

/**
 * How fast synced commits of random keys are on a large map, by what the page cache holds and whether LMDB asks for
 * read-ahead. Arguments: directory on the disk to measure (kept, so that a second run need not fill it), millions of
 * records (1), seconds a run (6). Not run by the tests; see docs/decisions/0002.
 */
final class PageCacheBenchmark {
    private static final int VALUE = 340;
    private static final int BATCH = 4_096;
    private static final int READERS = 16;

    private final Path directory;
    private final int records;
    private final long runNanos;

    private PageCacheBenchmark(Path directory, int records, int seconds) {
        this.directory = directory;
        this.records = records;
        this.runNanos = TimeUnit.SECONDS.toNanos(seconds);
    }

    public static void main(String[] args) throws Exception {
        int millions = args.length > 1 ? Integer.parseInt(args[1]) : 1;
        PageCacheBenchmark benchmark = new PageCacheBenchmark(
                Path.of(args[0]), millions * 1_000_000, args.length > 2 ? Integer.parseInt(args[2]) : 6);
        benchmark.fill();
        System.out.printf("%-44s %12s %12s %10s%n", "cache, read-ahead", "puts/s, 1 s", "puts/s", "max commit");
        benchmark.run("warm by reading the file, read-ahead", true, true, false, false);
        benchmark.run("warm by reads of records, none", false, false, true, false);
        benchmark.run("cold, read-ahead", true, false, false, false);
        benchmark.run("cold, none", false, false, false, false);
        benchmark.run("cold, none, keys read first by 16 threads", false, false, false, true);
        benchmark.run("cold, read-ahead, keys read first", true, false, false, true);
        benchmark.run("warm by reads, none, keys read first", false, false, true, true);
    }

    private static byte[] key(int n) {
        return "bench/record-%08d".formatted(n).getBytes(StandardCharsets.US_ASCII);
    }

    private LmdbKv open(boolean readAhead) throws IOException {
        Set<EnvFlags> flags =
                readAhead ? Set.of(EnvFlags.MDB_NOTLS) : Set.of(EnvFlags.MDB_NOTLS, EnvFlags.MDB_NORDAHEAD);
        Files.createDirectories(directory);
        return LmdbKv.open(directory, 32L << 30, flags);
    }

    private void fill() throws IOException {
        try (LmdbKv kv = open(false)) {
            for (int from = (int) kv.entries(Tree.RECORDS); from < records; from += 50_000) {
                int start = from;
                kv.write(tx -> {
                    for (int n = start; n < start + 50_000; n++) {
                        tx.put(Tree.RECORDS, key(n), VALUE).putLong(n);
                    }
                });
            }
        }
    }

    private void run(String name, boolean readAhead, boolean readFile, boolean readRecords, boolean prefetch)
            throws Exception {
        Path file = directory.resolve(LmdbKv.DATA_FILE);
        // Takes the file's pages out of the cache, and nobody else's.
        new ProcessBuilder("dd", "of=" + file, "oflag=nocache", "conv=notrunc,fdatasync", "count=0", "status=none")
                .inheritIO()
                .start()
                .waitFor();
        if (readFile) {
            try (InputStream in = Files.newInputStream(file)) {
                in.transferTo(java.io.OutputStream.nullOutputStream());
            }
        }
        try (LmdbKv kv = open(readAhead);
                ExecutorService readers = Executors.newFixedThreadPool(READERS)) {
            if (readRecords) {
                List<Integer> all = new ArrayList<>();
                for (int n = 0; n < records; n += 5) {
                    all.add(n);
                }
                read(kv, readers, all);
            }
            commits(name, kv, readers, prefetch);
        }
    }

    private static void read(LmdbKv kv, ExecutorService readers, List<Integer> numbers) throws Exception {
        List<java.util.concurrent.Callable<Object>> parts = new ArrayList<>();
        int size = (numbers.size() + READERS - 1) / READERS;
        for (int from = 0; from < numbers.size(); from += size) {
            List<Integer> part = numbers.subList(from, Math.min(numbers.size(), from + size));
            parts.add(() -> {
                long sum = 0;
                for (int n : part) {
                    Long value = kv.get(Tree.RECORDS, key(n), "", (nothing, bytes) -> bytes.getLong());
                    sum += value == null ? 0 : value;
                }
                return sum;
            });
        }
        for (var done : readers.invokeAll(parts)) {
            done.get();
        }
    }

    private void commits(String name, LmdbKv kv, ExecutorService readers, boolean prefetch) throws Exception {
        SplittableRandom random = new SplittableRandom(1);
        long start = System.nanoTime();
        long done = 0;
        long max = 0;
        double first = 0;
        while (System.nanoTime() - start < runNanos) {
            TreeSet<Integer> chosen = new TreeSet<>();
            while (chosen.size() < BATCH) {
                chosen.add(random.nextInt(records));
            }
            long before = System.nanoTime();
            if (prefetch) {
                read(kv, readers, new ArrayList<>(chosen));
            }
            kv.write(tx -> {
                for (int n : chosen) {
                    tx.put(Tree.RECORDS, key(n), VALUE).putLong(n);
                }
            });
            max = Math.max(max, System.nanoTime() - before);
            done += BATCH;
            if (first == 0 && System.nanoTime() - start > 1_000_000_000L) {
                first = done * 1e9 / (System.nanoTime() - start);
            }
        }
        double rate = done * 1e9 / (System.nanoTime() - start);
        System.out.printf(Locale.ROOT, "%-44s %,12.0f %,12.0f %7d ms%n", name, first, rate, max / 1_000_000);
    }
}
