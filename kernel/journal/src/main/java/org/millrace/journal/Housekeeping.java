package org.millrace.journal;

import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The journal's background thread: it makes spare segments and deletes old ones. Without a thread, for tests that need
 * each run to be the same, its work is done by the caller and nothing is repeated.
 */
final class Housekeeping implements Executor, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Housekeeping.class);

    private final @Nullable ScheduledThreadPoolExecutor thread;

    Housekeeping(boolean inBackground) {
        this.thread = inBackground
                ? new ScheduledThreadPoolExecutor(
                        1,
                        Thread.ofPlatform()
                                .name("journal-housekeeping")
                                .daemon()
                                .factory())
                : null;
        if (thread != null) {
            thread.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
        }
    }

    @Override
    public void execute(Runnable task) {
        if (thread == null) {
            task.run();
            return;
        }
        thread.execute(() -> run(task));
    }

    void repeat(Runnable task, Duration period) {
        if (thread != null) {
            var _ = thread.scheduleWithFixedDelay(
                    () -> run(task), period.toMillis(), period.toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    private static void run(Runnable task) {
        try {
            task.run();
        } catch (RejectedExecutionException e) {
            LOG.debug("the journal is being closed", e);
        } catch (RuntimeException e) {
            LOG.error("the journal's background work failed; it is tried again. This is a defect to report", e);
        }
    }

    /** Waits for what is being done, and does no more. */
    @Override
    public void close() {
        if (thread != null) {
            // Not shutdownNow: an interrupt would close the files under the thread.
            thread.close();
        }
    }
}
