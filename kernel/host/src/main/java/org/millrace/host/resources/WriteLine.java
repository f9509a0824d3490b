package org.millrace.host.resources;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.ResourceException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps one view's writes in order while custom resources take their time: whoever comes while one is being decided
 * stands behind it. Bounded. Safe for use by any thread.
 */
final class WriteLine {
    /** Beyond this the view calls itself saturated, so that its client is not read from. */
    static final int MANY_WAITING = 64;

    private static final Logger log = LoggerFactory.getLogger(WriteLine.class);
    private static final int MOST_WAITING = 1024;

    private final Executor executor;

    // Guarded by this; taken is also read without, by the thread that wrote it or one that does not care.
    private final Queue<Runnable> waiting = new ArrayDeque<>();
    private final List<Runnable> untilShort = new ArrayList<>();
    private volatile boolean taken;
    private volatile int length;

    WriteLine(Executor executor) {
        this.executor = executor;
    }

    /** Whether a write may go its way without standing in line. */
    boolean isFree() {
        return !taken;
    }

    boolean isLong() {
        return length >= MANY_WAITING;
    }

    /** Runs a task when the line is short again: at once on this thread if it is, or on the thread that shortens it. */
    void whenShort(Runnable task) {
        synchronized (this) {
            if (isLong()) {
                untilShort.add(task);
                return;
            }
        }
        task.run();
    }

    /**
     * Runs a task when all before it have left: at once on this thread, or later on the executor.
     *
     * @throws ResourceException {@link ErrorCode#BUSY} if the line is full
     */
    void enter(Runnable task) {
        synchronized (this) {
            if (taken) {
                if (waiting.size() == MOST_WAITING) {
                    throw new ResourceException(
                            ErrorCode.BUSY,
                            MOST_WAITING + " writes of this client wait for the plugin that decides about them; try"
                                    + " again a little later");
                }
                waiting.add(task);
                length = waiting.size();
                return;
            }
            taken = true;
        }
        task.run();
    }

    /** Ends the turn of the task that was let in last. */
    void leave() {
        Runnable next;
        List<Runnable> relieved = List.of();
        synchronized (this) {
            next = waiting.poll();
            length = waiting.size();
            taken = next != null;
            if (length < MANY_WAITING && !untilShort.isEmpty()) {
                relieved = List.copyOf(untilShort);
                untilShort.clear();
            }
        }
        relieved.forEach(Runnable::run);
        if (next != null) {
            try {
                executor.execute(next);
            } catch (RejectedExecutionException e) {
                log.debug("{} takes no more tasks; the writes that wait for it are dropped", executor, e);
                synchronized (this) {
                    waiting.clear();
                    length = 0;
                    taken = false;
                }
            }
        }
    }
}
