package org.millrace.host.resources;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.millrace.spi.resource.Change;
import org.millrace.spi.resource.Cursor;
import org.millrace.spi.resource.Reason;
import org.millrace.spi.resource.ResourceException;
import org.millrace.spi.resource.Subscriber;

/** Records what a subscription delivers. */
final class Deliveries implements Subscriber {
    final List<String> news = new CopyOnWriteArrayList<>();
    final List<Change> changes = new CopyOnWriteArrayList<>();
    final List<String> threads = new CopyOnWriteArrayList<>();
    volatile @Nullable ResourceException closed;

    @Override
    public void onChange(Change change, Reason reason) {
        threads.add(Thread.currentThread().getName());
        changes.add(change);
        news.add(reason + " " + change.kind() + " " + change.path());
    }

    @Override
    public void onCaughtUp(Cursor at) {
        threads.add(Thread.currentThread().getName());
        news.add("caught up");
    }

    @Override
    public void onClosed(ResourceException reason) {
        threads.add(Thread.currentThread().getName());
        closed = reason;
    }
}
