package org.millrace.subscription;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/**
 * What waits for one executor, and the task that delivers it. At most one task is scheduled or running, so subscribers
 * are called one at a time and in order even on an executor with many threads.
 *
 * <p>What waits is bounded by the demand of the executor's subscriptions and, for each, by
 * {@link SubscriptionOptions#maxInFlight}. Any thread may post; the lock covers the copying only.
 */
final class Mailbox {
    /** After so many signals a task ends and schedules the next, so that the executor gets to its other work. */
    private static final int TASK_LIMIT = 4096;

    private final Executor executor;
    private final Consumer<Mailbox> onRefused;
    private final Object lock = new Object();

    // Guarded by the lock.
    private Batch waiting = new Batch();
    private boolean scheduled;
    private boolean refused;
    // Of the running task; one follows another under the lock.
    private Batch current = new Batch();
    private int next;
    private final List<ChangeSubscription> touched = new ArrayList<>();

    /**
     * Makes an empty mailbox.
     *
     * @param onRefused called once if the executor takes no more tasks
     */
    Mailbox(Executor executor, Consumer<Mailbox> onRefused) {
        this.executor = executor;
        this.onRefused = onRefused;
    }

    Executor executor() {
        return executor;
    }

    void post(ChangeSubscription to, Signal signal) {
        boolean schedule;
        synchronized (lock) {
            if (refused) {
                return;
            }
            waiting.add(to, signal);
            schedule = !scheduled;
            scheduled = true;
        }
        if (schedule) {
            schedule();
        }
    }

    void post(Batch batch) {
        boolean schedule;
        synchronized (lock) {
            if (refused) {
                return;
            }
            waiting.addAll(batch);
            schedule = !scheduled;
            scheduled = true;
        }
        if (schedule) {
            schedule();
        }
    }

    private void schedule() {
        try {
            executor.execute(this::deliver);
        } catch (RuntimeException e) {
            // Most often a RejectedExecutionException of an event loop that was shut down, its connections with it.
            synchronized (lock) {
                refused = true;
                waiting.clear();
            }
            onRefused.accept(this);
        }
    }

    private void deliver() {
        if (next == current.size()) {
            current.clear();
            next = 0;
            synchronized (lock) {
                Batch filled = waiting;
                waiting = current;
                current = filled;
            }
        }
        int end = Math.min(current.size(), next + TASK_LIMIT);
        while (next < end) {
            ChangeSubscription to = current.subscription(next);
            Signal signal = current.signal(next++);
            if (to.deliver(signal) && to.touch()) {
                touched.add(to);
            }
        }
        for (ChangeSubscription subscription : touched) {
            subscription.endBatch();
        }
        touched.clear();
        boolean more;
        synchronized (lock) {
            more = next < current.size() || waiting.size() > 0;
            scheduled = more;
        }
        if (more) {
            schedule();
        }
    }
}
