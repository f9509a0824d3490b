package org.millrace.host.resources;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;
import org.millrace.spi.resource.Row;

/** Records what a query gives; requests what it was told to at the beginning. */
class Rows implements Flow.Subscriber<Row> {
    final List<String> paths = new CopyOnWriteArrayList<>();
    final List<String> threads = new CopyOnWriteArrayList<>();
    final long first;
    volatile Flow.@Nullable Subscription subscription;
    volatile boolean complete;
    volatile @Nullable Throwable failure;

    Rows(long first) {
        this.first = first;
    }

    boolean isOver() {
        return complete || failure != null;
    }

    @Override
    public void onSubscribe(Flow.Subscription begun) {
        subscription = begun;
        if (first != 0) {
            begun.request(first);
        }
    }

    @Override
    public void onNext(Row row) {
        paths.add(row.path().toString());
        threads.add(Thread.currentThread().getName());
    }

    @Override
    public void onError(Throwable reason) {
        failure = reason;
        threads.add(Thread.currentThread().getName());
    }

    @Override
    public void onComplete() {
        complete = true;
        threads.add(Thread.currentThread().getName());
    }
}
