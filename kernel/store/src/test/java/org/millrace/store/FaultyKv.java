package org.millrace.store;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.millrace.store.kv.Kv;
import org.millrace.store.kv.KvException;
import org.millrace.store.kv.KvUsage;
import org.millrace.store.kv.LmdbKv;
import org.millrace.store.kv.Tree;
import org.millrace.store.kv.ValueReader;

/** The map on a disk that can be made full, broken, or slow to write. */
final class FaultyKv implements Kv {
    volatile boolean full;
    volatile boolean broken;
    /** Writes wait for this. */
    volatile CountDownLatch gate = new CountDownLatch(0);
    /** How many writes the full disk has refused. */
    final AtomicInteger refused = new AtomicInteger();

    private Kv kv;

    Kv open(Path directory, long mapBytes) {
        kv = LmdbKv.open(directory, mapBytes);
        return this;
    }

    @Override
    public <A, R> R get(Tree tree, byte[] key, A argument, ValueReader<? super A, ? extends R> reader) {
        return kv.get(tree, key, argument, reader);
    }

    @Override
    public <R> R read(SnapshotWork<R> work) {
        return kv.read(work);
    }

    @Override
    public void write(WriteWork work) {
        try {
            gate.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        if (full) {
            refused.incrementAndGet();
            throw new KvException(KvException.Kind.DISK_FULL, "cannot write the records: no space left on device");
        }
        if (broken) {
            throw new KvException(KvException.Kind.FAILED, "cannot write the records: input/output error");
        }
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
    public List<OldReader> oldReaders(Duration age) {
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
