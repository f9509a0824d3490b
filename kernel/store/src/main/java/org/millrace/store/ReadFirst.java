package org.millrace.store;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.millrace.store.kv.Kv;
import org.millrace.store.kv.KvException;
import org.millrace.store.kv.Tree;
import org.millrace.store.kv.ValueReader;

/**
 * Reads records that are about to be written with several threads, so that pages which have to come from disk come
 * together. LMDB's one writing thread would wait for each by itself, with a transaction open. While the pages are in
 * memory this only costs, so it then looks at every so many chunks alone.
 *
 * <p>Used by one thread.
 */
final class ReadFirst implements AutoCloseable {
    /** A search whose pages are in memory takes a few microseconds; one that waits for the disk about a hundred. */
    private static final long RESIDENT_NANOS = 20_000;
    /** Threads that wait for a processor are slow now and then; those that wait for the disk nearly always. */
    private static final int ONE_IN_SO_MANY_SLOW = 8;

    /** How many chunks are passed over after one that was in memory. */
    private static final int PASSED_OVER = 15;

    private static final int FEWEST = 256;
    /** A leaf page has about ten records of the usual size: neighbours go to one thread. */
    private static final int NEIGHBOURS = 64;

    private static final ValueReader<Object, Object> TOUCH = (nothing, value) -> value.get(value.position());

    private final Kv kv;
    private final int threads;
    private final ThreadPoolExecutor pool;
    private int passOver;

    ReadFirst(Kv kv, int threads) {
        this.kv = kv;
        this.threads = threads;
        AtomicInteger number = new AtomicInteger();
        this.pool = new ThreadPoolExecutor(
                Math.max(1, threads),
                Math.max(1, threads),
                10,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(Math.max(1, threads)),
                task -> Thread.ofPlatform()
                        .name("millrace-read-first-" + number.incrementAndGet())
                        .daemon()
                        .unstarted(task));
        pool.allowCoreThreadTimeOut(true);
    }

    /** Reads them, unless they are few or likely to be in memory. */
    void read(List<Pending> states) {
        if (threads == 0 || states.size() < FEWEST) {
            return;
        }
        if (passOver > 0) {
            passOver--;
            return;
        }
        AtomicInteger next = new AtomicInteger();
        List<FutureTask<Integer>> tasks = new ArrayList<>(threads);
        for (int i = 0; i < threads; i++) {
            FutureTask<Integer> task = new FutureTask<>(() -> readOn(states, next));
            tasks.add(task);
            pool.execute(task);
        }
        int slow = 0;
        for (FutureTask<Integer> task : tasks) {
            slow += outcome(task);
        }
        if (slow * NEIGHBOURS * ONE_IN_SO_MANY_SLOW < states.size()) {
            passOver = PASSED_OVER;
        }
    }

    /** Reads group after group of neighbours; returns how many were slow. */
    private int readOn(List<Pending> states, AtomicInteger next) {
        int slow = 0;
        for (int from = next.getAndAdd(NEIGHBOURS); from < states.size(); from = next.getAndAdd(NEIGHBOURS)) {
            List<Pending> group = states.subList(from, Math.min(from + NEIGHBOURS, states.size()));
            long start = System.nanoTime();
            for (Pending state : group) {
                kv.get(Tree.RECORDS, state.key(), this, TOUCH);
            }
            slow += System.nanoTime() - start > group.size() * RESIDENT_NANOS ? 1 : 0;
        }
        return slow;
    }

    private static int outcome(FutureTask<Integer> task) {
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return task.get();
                } catch (InterruptedException e) {
                    interrupted = true;
                } catch (ExecutionException e) {
                    if (e.getCause() instanceof KvException failed) {
                        throw failed;
                    }
                    throw new IllegalStateException("records could not be read ahead of writing", e.getCause());
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @Override
    public void close() {
        pool.shutdown();
    }
}
