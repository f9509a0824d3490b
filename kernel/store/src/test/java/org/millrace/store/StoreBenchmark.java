package org.millrace.store;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.millrace.journal.Journal;
import org.millrace.journal.JournalFiles;
import org.millrace.journal.JournalOptions;
import org.millrace.spi.content.Content;
import org.millrace.spi.content.MediaType;
import org.millrace.spi.resource.Change;
import org.millrace.spi.resource.ChangeKind;
import org.millrace.spi.resource.Commit;
import org.millrace.spi.resource.Cursor;
import org.millrace.spi.resource.Durability;
import org.millrace.spi.resource.ResourceException;
import org.millrace.spi.resource.Version;
import org.millrace.spi.resource.Write;
import org.millrace.spi.resource.WriteOptions;

/**
 * How fast the store takes durable puts and reads, next to what the journal alone does on the same disk. Arguments:
 * directory on the disk to measure, seconds a run (5), numbers of keys (10000,1000000), numbers in flight
 * (1,10,100,1000). Not run by the tests.
 */
final class StoreBenchmark {
    private static final byte[] BODY = new byte[300];
    private static final Content CONTENT = TestNode.FORMATS.trusted(MediaType.OCTET_STREAM, BODY);

    private final Path directory;
    private final long runNanos;

    private StoreBenchmark(Path directory, int seconds) {
        this.directory = directory;
        this.runNanos = seconds * 1_000_000_000L;
    }

    public static void main(String[] args) throws IOException {
        Path directory = Files.createTempDirectory(Path.of(args.length > 0 ? args[0] : "."), "store-benchmark");
        StoreBenchmark benchmark = new StoreBenchmark(directory, args.length > 1 ? Integer.parseInt(args[1]) : 5);
        int[] keys = ints(args.length > 2 ? args[2] : "10000,1000000");
        int[] inFlight = ints(args.length > 3 ? args[3] : "1,10,100,1000");
        try {
            benchmark.journalAlone(inFlight);
            for (int count : keys) {
                benchmark.store(count, inFlight);
            }
        } finally {
            delete(directory);
        }
    }

    private static int[] ints(String list) {
        return Arrays.stream(list.split(",")).mapToInt(Integer::parseInt).toArray();
    }

    private Journal journal(String name) throws IOException {
        return Journal.open(
                JournalOptions.in(directory.resolve(name)).withSegmentBytes(64 << 20),
                JournalFiles.system(),
                TestNode.FORMATS::trusted);
    }

    /** Append, write, sync and publish batches of a fixed size from one thread. */
    private void journalAlone(int[] sizes) throws IOException {
        try (Journal journal = journal("journal-alone")) {
            journal.retainUnapplied(journal::syncedSeq);
            for (int size : sizes) {
                Latencies latencies = new Latencies();
                long start = System.nanoTime();
                long cpu = cpuNanos();
                long done = 0;
                List<Change> batch = new ArrayList<>();
                while (System.nanoTime() - start < runNanos) {
                    long before = System.nanoTime();
                    batch.clear();
                    for (int i = 0; i < size; i++) {
                        Change change = Change.of(
                                        ChangeKind.PUT,
                                        TestNode.path("bench/record-" + (done + i) % 10_000),
                                        new Version(journal.clock().next(), journal.node()),
                                        new Cursor(journal.node(), journal.lastSeq() + 1))
                                .content(CONTENT)
                                .build();
                        journal.append(change, true);
                        batch.add(change);
                    }
                    journal.write();
                    journal.sync();
                    journal.publish(batch);
                    done += size;
                    latencies.add(System.nanoTime() - before);
                }
                latencies.print("journal alone, batches of " + size, done, System.nanoTime() - start, cpuNanos() - cpu);
            }
        }
    }

    private void store(int keys, int[] inFlight) throws IOException {
        Path data = directory.resolve("store-" + keys);
        try (Journal journal = journal("journal-" + keys);
                RecordStore store =
                        RecordStore.open(StoreOptions.at(data), journal, TestNode.FORMATS, Clock.systemUTC())) {
            org.millrace.spi.resource.Path[] paths = new org.millrace.spi.resource.Path[keys];
            for (int i = 0; i < keys; i++) {
                paths[i] = TestNode.path("bench/record-%07d".formatted(i));
            }
            fill(store, paths);
            for (int window : inFlight) {
                puts(store, paths, window);
                store.flush();
            }
            gets(store, paths);
        }
    }

    private static void fill(RecordStore store, org.millrace.spi.resource.Path[] paths) {
        long start = System.nanoTime();
        Semaphore permits = new Semaphore(4_000);
        Done done = new Done(permits, null, 0);
        for (org.millrace.spi.resource.Path path : paths) {
            permits.acquireUninterruptibly();
            submit(store, path, done, Durability.OS);
        }
        permits.acquireUninterruptibly(4_000);
        store.flush();
        System.out.printf(
                "%-44s %,12.0f /s%n", paths.length + " keys, filled", paths.length * 1e9 / (System.nanoTime() - start));
    }

    private void puts(RecordStore store, org.millrace.spi.resource.Path[] paths, int window) {
        SplittableRandom random = new SplittableRandom(window);
        Semaphore permits = new Semaphore(window);
        Latencies latencies = new Latencies();
        long count = 0;
        long cpu = cpuNanos();
        long start = System.nanoTime();
        while (System.nanoTime() - start < runNanos) {
            permits.acquireUninterruptibly();
            submit(
                    store,
                    paths[random.nextInt(paths.length)],
                    new Done(permits, latencies, System.nanoTime()),
                    Durability.FSYNC);
            count++;
        }
        permits.acquireUninterruptibly(window);
        long nanos = System.nanoTime() - start;
        latencies.print(paths.length + " keys, durable puts, " + window + " in flight", count, nanos, cpuNanos() - cpu);
    }

    private static void submit(
            RecordStore store, org.millrace.spi.resource.Path path, Done done, Durability durability) {
        Write put = new Write.Put(path, CONTENT, WriteOptions.DEFAULT);
        WriteRequest request = new WriteRequest(List.of(put), "", durability, done);
        while (!store.submit(request)) {
            LockSupport.parkNanos(50_000);
        }
    }

    private void gets(RecordStore store, org.millrace.spi.resource.Path[] paths) {
        for (int round = 0; round < 2; round++) {
            SplittableRandom random = new SplittableRandom(round);
            long bytes = 0;
            long count = 0;
            long cpu = cpuNanos();
            long start = System.nanoTime();
            while (System.nanoTime() - start < runNanos) {
                for (int i = 0; i < 100; i++) {
                    StoredEntry stored = store.get(paths[random.nextInt(paths.length)]);
                    bytes += stored == null ? 0 : stored.entry().content().size();
                }
                count += 100;
            }
            long nanos = System.nanoTime() - start;
            System.out.printf(
                    "%-44s %,12.0f /s   %d B, CPU %.2f us each%n",
                    paths.length + " keys, gets by one thread",
                    count * 1e9 / nanos,
                    bytes / count,
                    (cpuNanos() - cpu) / 1e3 / count);
        }
    }

    /** What this process has used, which says more than a rate on a machine that others use. */
    private static long cpuNanos() {
        return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getProcessCpuTime();
    }

    private static void delete(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    private record Done(Semaphore permits, Latencies latencies, long submittedNanos) implements WriteRequest.Outcome {
        @Override
        public void committed(List<Commit> commits) {
            if (latencies != null) {
                latencies.add(System.nanoTime() - submittedNanos);
            }
            permits.release();
        }

        @Override
        public void refused(ResourceException reason) {
            throw reason;
        }
    }

    /** Added to by one thread; a sample of at most a few million. */
    private static final class Latencies {
        private long[] nanos = new long[1 << 16];
        private int count;

        void add(long value) {
            if (count == nanos.length && count < 1 << 23) {
                nanos = Arrays.copyOf(nanos, count * 2);
            }
            if (count < nanos.length) {
                nanos[count++] = value;
            }
        }

        void print(String what, long done, long elapsed, long cpu) {
            Arrays.sort(nanos, 0, count);
            System.out.printf(
                    "%-44s %,12.0f /s   p50 %.2f ms, p99 %.2f ms, max %.1f ms, CPU %.1f us each%n",
                    what,
                    done * 1e9 / elapsed,
                    nanos[count / 2] / 1e6,
                    nanos[(int) (count * 0.99)] / 1e6,
                    nanos[count - 1] / 1e6,
                    cpu / 1e3 / done);
        }
    }
}
