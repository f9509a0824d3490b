package org.millrace.testkit;

import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.millrace.spi.resource.Change;
import org.millrace.spi.resource.ChangeKind;
import org.millrace.spi.resource.Cursor;
import org.millrace.spi.resource.Entry;
import org.millrace.spi.resource.Overflow;
import org.millrace.spi.resource.Path;
import org.millrace.spi.resource.Reason;
import org.millrace.spi.resource.ResourceException;
import org.millrace.spi.resource.Start;
import org.millrace.spi.resource.SubscribeRequest;
import org.millrace.spi.resource.Subscriber;
import org.millrace.spi.resource.Subscription;

/**
 * A place in the tree's log, and the present state to be shown first. All state is guarded by the tree's lock; the
 * subscriber is called without it, on the view's executor, by one task at a time.
 */
final class MemorySubscription implements Subscription {
    private final MemoryTree tree;
    private final SubscribeRequest request;
    private final Subscriber subscriber;
    private final Executor executor;
    private final Predicate<Path> visible;

    private final @Nullable MemoryLiveQuery query;
    private final ArrayDeque<Change> current = new ArrayDeque<>();
    /** Transient events that happened while there was no demand. */
    private final Set<Integer> missed = new HashSet<>();

    private int next;
    private int caughtUpAt;
    private Cursor position;
    private long demand;
    private boolean started;
    private boolean catchingUp;
    private boolean scheduled;
    private boolean closed;

    private @Nullable ResourceException failure;

    MemorySubscription(
            MemoryTree tree,
            SubscribeRequest request,
            Subscriber subscriber,
            Executor executor,
            Predicate<Path> visible) {
        this.tree = tree;
        this.request = request;
        this.subscriber = subscriber;
        this.executor = executor;
        this.visible = visible;
        this.query = request.query().isEmpty()
                ? null
                : new MemoryLiveQuery(tree.condition(request.query()), request.start() instanceof Start.After);
        tree.lock.lock();
        try {
            next = tree.logSize();
            position = tree.head();
            switch (request.start()) {
                case Start.Now _ -> {}
                case Start.Current _ -> {
                    tree.matching(request.filters()).stream()
                            .filter(e -> visible.test(e.path()))
                            .filter(e -> query == null || query.matches(e.path(), e.content()))
                            .map(this::asChange)
                            .forEach(current::add);
                    catchingUp = true;
                }
                case Start.After after -> {
                    next = tree.indexAfter(after.cursor());
                    position = after.cursor();
                    catchingUp = true;
                    for (int i = next; i < tree.logSize(); i++) {
                        if (isTransient(i)) {
                            missed.add(i);
                        }
                    }
                }
            }
            caughtUpAt = tree.logSize();
            tree.add(this);
        } finally {
            tree.lock.unlock();
        }
    }

    private Change asChange(Entry e) {
        return Change.of(ChangeKind.PUT, e.path(), e.version(), tree.head())
                .content(e.content())
                .properties(e.properties())
                .expiresAt(e.expiresAt())
                .qos(e.qos())
                .build();
    }

    private boolean isTransient(int index) {
        return !tree.logged(index).isJournaled();
    }

    boolean matches(Path path) {
        return request.filters().stream().anyMatch(f -> f.matches(path)) && visible.test(path);
    }

    /** Notes new changes; the caller holds the lock. */
    void added(List<Change> fresh, int from) {
        for (int i = 0; i < fresh.size(); i++) {
            if (demand == 0 && isTransient(from + i)) {
                missed.add(from + i);
            }
        }
    }

    @Override
    public void request(long n) {
        if (n < 1) {
            throw new IllegalArgumentException("demand " + n + " is less than 1");
        }
        tree.lock.lock();
        try {
            demand = demand + n < 0 ? Long.MAX_VALUE : demand + n;
            started = true;
        } finally {
            tree.lock.unlock();
        }
        schedule();
    }

    @Override
    public Cursor position() {
        tree.lock.lock();
        try {
            return position;
        } finally {
            tree.lock.unlock();
        }
    }

    @Override
    public void close() {
        tree.lock.lock();
        try {
            closed = true;
        } finally {
            tree.lock.unlock();
        }
        tree.remove(this);
    }

    void fail(ResourceException reason) {
        tree.lock.lock();
        try {
            failure = reason;
        } finally {
            tree.lock.unlock();
        }
        tree.remove(this);
        schedule();
    }

    void schedule() {
        tree.lock.lock();
        try {
            if (scheduled || closed || !started && failure == null) {
                return;
            }
            scheduled = true;
        } finally {
            tree.lock.unlock();
        }
        executor.execute(this::run);
    }

    private void run() {
        boolean delivered = false;
        try {
            for (Runnable delivery = take(); delivery != null; delivery = take()) {
                delivery.run();
                delivered = true;
            }
            if (delivered) {
                subscriber.onBatchEnd();
            }
        } catch (RuntimeException e) {
            close();
            subscriber.onClosed(ResourceException.from(e));
        }
    }

    /** The next thing to tell the subscriber; null, and no longer scheduled, if there is none. */
    private @Nullable Runnable take() {
        tree.lock.lock();
        try {
            if (closed) {
                return null;
            }
            if (failure != null) {
                closed = true;
                ResourceException reason = failure;
                return () -> subscriber.onClosed(reason);
            }
            if (!current.isEmpty()) {
                return demand == 0 ? idle() : deliver(current.remove(), Reason.CURRENT);
            }
            while (true) {
                if (catchingUp && next >= caughtUpAt) {
                    catchingUp = false;
                    Cursor at = position;
                    return () -> subscriber.onCaughtUp(at);
                }
                if (next == tree.logSize()) {
                    return idle();
                }
                Change change = tree.logged(next);
                Reason reason = reason(change);
                if (reason == null) {
                    next++;
                    position = change.cursor();
                    continue;
                }
                if (demand == 0) {
                    return idle();
                }
                next++;
                position = change.cursor();
                return deliver(change, reason);
            }
        } finally {
            tree.lock.unlock();
        }
    }

    /** Why the next change is shown; null if it is not. */
    private @Nullable Reason reason(Change change) {
        if (!matches(change.path()) || missed.contains(next) || isOvertaken(change)) {
            return null;
        }
        return query == null ? Reason.LIVE : query.reason(change);
    }

    private boolean isOvertaken(Change change) {
        if (request.overflow() == Overflow.EVERY || !change.kind().altersRecord()) {
            return false;
        }
        for (int i = next + 1; i < tree.logSize(); i++) {
            Change later = tree.logged(i);
            if (later.kind().altersRecord() && later.path().equals(change.path())) {
                return true;
            }
        }
        return false;
    }

    private Runnable deliver(Change change, Reason reason) {
        if (demand != Long.MAX_VALUE) {
            demand--;
        }
        if (query != null) {
            query.told(change.path(), reason);
        }
        return () -> {
            change.content().ifPresent(tree::delivered);
            subscriber.onChange(change, reason);
        };
    }

    private @Nullable Runnable idle() {
        scheduled = false;
        return null;
    }
}
