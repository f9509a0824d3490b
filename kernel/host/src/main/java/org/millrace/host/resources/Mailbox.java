package org.millrace.host.resources;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Completions on their way to one executor, and the task that settles them. At most one task is scheduled or running, so
 * they are settled one at a time and in order. Adding is one compare-and-set; what waits is bounded by the store's queue.
 */
final class Mailbox implements Runnable {
    private static final Logger log = LoggerFactory.getLogger(Mailbox.class);
    private static final VarHandle NEWEST;
    private static final VarHandle SCHEDULED;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            NEWEST = lookup.findVarHandle(Mailbox.class, "newest", Completion.class);
            SCHEDULED = lookup.findVarHandle(Mailbox.class, "scheduled", boolean.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final Executor executor;
    private final Completions completions;

    /** What waits, the newest first. */
    private volatile @Nullable Completion<?> newest;

    private volatile boolean scheduled;

    /** Whether the batch that is being acknowledged has something for this mailbox. Owned by the writer thread. */
    boolean gathering;

    Mailbox(Executor executor, Completions completions) {
        this.executor = executor;
        this.completions = completions;
    }

    /** Takes a completion that is told together with others: the executor is woken at the end of the batch. */
    void gather(Completion<?> completion) {
        push(completion);
        completions.gathered(this);
    }

    /** Takes a completion that stands alone. Any thread. */
    void deliver(Completion<?> completion) {
        push(completion);
        wake();
    }

    private void push(Completion<?> completion) {
        Completion<?> seen = newest;
        completion.next = seen;
        while (!NEWEST.compareAndSet(this, seen, completion)) {
            seen = newest;
            completion.next = seen;
        }
    }

    /** Schedules the task, unless it is. */
    void wake() {
        if (newest == null || !SCHEDULED.compareAndSet(this, false, true)) {
            return;
        }
        try {
            executor.execute(this);
        } catch (RejectedExecutionException e) {
            // An event loop that has ended, its connections with it: whoever still waits must not wait for ever.
            log.debug("{} takes no more tasks; completions run on a thread of the host", executor, e);
            Thread.ofVirtual().name("millrace-completions").start(this);
        }
    }

    @Override
    public void run() {
        Completion<?> oldest = reversed((Completion<?>) NEWEST.getAndSet(this, null));
        while (oldest != null) {
            Completion<?> following = oldest.next;
            oldest.next = null;
            try {
                oldest.settle();
            } catch (RuntimeException | Error e) {
                log.error("A completion failed; the others go on. This is a defect: report it with its cause", e);
            }
            oldest = following;
        }
        scheduled = false;
        wake();
    }

    private static @Nullable Completion<?> reversed(@Nullable Completion<?> newest) {
        Completion<?> oldest = null;
        Completion<?> at = newest;
        while (at != null) {
            Completion<?> older = at.next;
            at.next = oldest;
            oldest = at;
            at = older;
        }
        return oldest;
    }
}
