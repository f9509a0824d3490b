package org.millrace.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.millrace.spi.resource.Change;
import org.millrace.spi.resource.ChangeKind;
import org.millrace.spi.resource.Cursor;
import org.millrace.spi.resource.Version;
import org.millrace.store.kv.Kv;
import org.millrace.store.kv.KvException;
import org.millrace.store.kv.KvUsage;
import org.millrace.store.kv.LmdbKv;
import org.millrace.store.kv.Tree;
import org.millrace.store.kv.ValueReader;

class ReadFirstTest {
    @TempDir
    Path directory;

    private static List<Pending> states(int count) {
        List<Pending> states = new ArrayList<>();
        for (int n = 0; n < count; n++) {
            Change change = Change.of(
                            ChangeKind.PUT,
                            TestNode.path("t/%05d".formatted(n)),
                            new Version(n + 1, 1),
                            new Cursor(1, n + 1L))
                    .content(TestNode.bytes(10))
                    .build();
            states.add(Pending.of(RecordKey.of(change.path()), change));
        }
        return states;
    }

    @Test
    void everyRecordIsReadOnceAndOnSeveralThreads() {
        try (SlowKv kv = new SlowKv(LmdbKv.open(directory, 1 << 20));
                ReadFirst readFirst = new ReadFirst(kv, 4)) {
            List<Pending> states = states(1_000);
            readFirst.read(states);
            assertThat(kv.read.keySet()).hasSize(1_000);
            assertThat(kv.reads.get()).isEqualTo(1_000);
            assertThat(kv.threads.keySet()).hasSizeGreaterThan(1).allMatch(name -> name.startsWith("millrace-read-"));
        }
    }

    @Test
    void whatComesFromDiskIsReadFirstEachTime() {
        try (SlowKv kv = new SlowKv(LmdbKv.open(directory, 1 << 20));
                ReadFirst readFirst = new ReadFirst(kv, 16)) {
            List<Pending> states = states(1_000);
            for (int chunk = 0; chunk < 5; chunk++) {
                readFirst.read(states);
            }
            assertThat(kv.reads.get()).isEqualTo(5_000);
        }
    }

    @Test
    void fewAreLeftToTheTransaction() {
        try (SlowKv kv = new SlowKv(LmdbKv.open(directory, 1 << 20));
                ReadFirst readFirst = new ReadFirst(kv, 4)) {
            readFirst.read(states(100));
            assertThat(kv.reads.get()).isZero();
        }
    }

    @Test
    void aFailingDiskIsReportedAsTheTransactionWould() {
        SlowKv kv = new SlowKv(LmdbKv.open(directory, 1 << 20));
        try (ReadFirst readFirst = new ReadFirst(kv, 4)) {
            kv.close();
            assertThatThrownBy(() -> readFirst.read(states(1_000)))
                    .isInstanceOfSatisfying(
                            KvException.class, e -> assertThat(e.kind()).isEqualTo(KvException.Kind.CLOSED));
        }
    }

    /** Counts reads, each of which takes as long as a disk's would. */
    private static final class SlowKv implements Kv {
        private static final long READ_NANOS = 60_000;

        private final Kv kv;
        private final ConcurrentHashMap<String, Boolean> read = new ConcurrentHashMap<>();
        private final ConcurrentHashMap<String, Boolean> threads = new ConcurrentHashMap<>();
        private final AtomicInteger reads = new AtomicInteger();

        SlowKv(Kv kv) {
            this.kv = kv;
        }

        @Override
        public <A, R> @Nullable R get(Tree tree, byte[] key, A argument, ValueReader<? super A, ? extends R> reader) {
            reads.incrementAndGet();
            read.put(Arrays.toString(key), true);
            threads.put(Thread.currentThread().getName(), true);
            java.util.concurrent.locks.LockSupport.parkNanos(READ_NANOS);
            return kv.get(tree, key, argument, reader);
        }

        @Override
        public <R> R read(SnapshotWork<R> work) {
            return kv.read(work);
        }

        @Override
        public void write(WriteWork work) {
            kv.write(work);
        }

        @Override
        public long entries(Tree tree) {
            return kv.entries(tree);
        }

        @Override
        public KvUsage usage() {
            return kv.usage();
        }

        @Override
        public List<OldReader> oldReaders(java.time.Duration age) {
            return kv.oldReaders(age);
        }

        @Override
        public void copyTo(Path target) {
            kv.copyTo(target);
        }

        @Override
        public void close() {
            kv.close();
        }
    }
}
