package org.millrace.host.resources;

import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.Executor;
import java.util.concurrent.Flow;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.millrace.query.RowSlice;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.ResourceException;
import org.millrace.spi.resource.Row;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Drives one query: works on it step by step on a pool, and gives rows on the view's executor as they are requested. At
 * most one slice is read ahead.
 *
 * <p>Everything but the demand and the cancellation is owned by the executor; while a slice is read, the source is
 * the reader's. The two hand over to each other through their task queues.
 */
final class TableScan implements Flow.Subscription {
    private static final Logger log = LoggerFactory.getLogger(TableScan.class);
    private static final int SLICE_ROWS = 256;

    /** Where the rows come from. */
    @FunctionalInterface
    interface Source {
        /** The next rows, perhaps none yet. May block. Not called again after the last. */
        RowSlice next(int maxRows);
    }

    private final Source source;
    private final Executor pool;
    private final Executor executor;
    private final Flow.Subscriber<? super Row> subscriber;
    private final Consumer<TableScan> onEnd;
    private final AtomicLong demand = new AtomicLong();
    private final AtomicBoolean scheduled = new AtomicBoolean();
    private volatile boolean cancelled;
    private volatile @Nullable Throwable failure;

    private final Queue<Row> rows = new ArrayDeque<>();
    private long left;
    private boolean reading;
    private boolean exhausted;
    private boolean ended;

    TableScan(
            Source source,
            long limit,
            Executor pool,
            Executor executor,
            Flow.Subscriber<? super Row> subscriber,
            Consumer<TableScan> onEnd) {
        this.source = source;
        this.left = limit;
        this.pool = pool;
        this.executor = executor;
        this.subscriber = subscriber;
        this.onEnd = onEnd;
    }

    /** Begins: the subscriber is called on the executor from now on. */
    void start() {
        scheduled.set(true);
        hop(() -> {
            subscriber.onSubscribe(this);
            emit();
        });
    }

    /** Ends the scan with a failure instead of beginning it. */
    void refuse(ResourceException reason) {
        failure = reason;
        start();
    }

    @Override
    public void request(long n) {
        if (n <= 0) {
            // Reactive Streams section 3.9.
            failure = new IllegalArgumentException("requested " + n + " rows; at least 1 is needed");
        } else {
            demand.accumulateAndGet(n, (had, more) -> had + more < 0 ? Long.MAX_VALUE : had + more);
        }
        signal();
    }

    @Override
    public void cancel() {
        cancelled = true;
        signal();
    }

    private void signal() {
        if (scheduled.compareAndSet(false, true)) {
            hop(this::emit);
        }
    }

    private void hop(Runnable task) {
        try {
            executor.execute(task);
        } catch (RejectedExecutionException e) {
            log.debug("{} takes no more tasks; a query of it ends", executor, e);
            cancelled = true;
            onEnd.accept(this);
        }
    }

    private void emit() {
        scheduled.set(false);
        if (ended) {
            return;
        }
        try {
            while (!cancelled && failure == null && left > 0 && demand.get() > 0) {
                Row row = rows.poll();
                if (row == null) {
                    break;
                }
                left--;
                if (demand.get() != Long.MAX_VALUE) {
                    demand.decrementAndGet();
                }
                subscriber.onNext(row);
            }
            endOrReadOn();
        } catch (RuntimeException e) {
            end();
            log.warn("A query's subscriber failed; its query ends. Report the cause to the plugin's author", e);
        }
    }

    private void endOrReadOn() {
        Throwable failed = failure;
        if (cancelled) {
            end();
        } else if (failed != null) {
            end();
            subscriber.onError(failed);
        } else if (left == 0 || (exhausted && rows.isEmpty())) {
            end();
            subscriber.onComplete();
        } else if (rows.isEmpty() && demand.get() > 0 && !reading) {
            reading = true;
            try {
                pool.execute(this::read);
            } catch (RejectedExecutionException e) {
                end();
                subscriber.onError(new ResourceException(
                        ErrorCode.BUSY, "too many queries run at once; try again a little later"));
            }
        }
    }

    private void end() {
        ended = true;
        rows.clear();
        onEnd.accept(this);
    }

    /** Runs on the pool. */
    private void read() {
        RowSlice slice;
        try {
            slice = cancelled ? new RowSlice(List.of(), true) : source.next((int) Math.min(SLICE_ROWS, left));
        } catch (RuntimeException e) {
            failure = ResourceException.from(e);
            hop(() -> {
                reading = false;
                emit();
            });
            return;
        }
        hop(() -> take(slice));
    }

    private void take(RowSlice slice) {
        reading = false;
        exhausted = slice.isLast();
        rows.addAll(slice.rows());
        emit();
    }
}
