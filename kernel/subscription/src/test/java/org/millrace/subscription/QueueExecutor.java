package org.millrace.subscription;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;

/** Runs tasks when the test says so, on the test's thread. */
final class QueueExecutor implements Executor {
    private final Queue<Runnable> tasks = new ArrayDeque<>();
    private boolean shutDown;
    private int accepted;

    @Override
    public void execute(Runnable task) {
        if (shutDown) {
            throw new RejectedExecutionException("shut down");
        }
        accepted++;
        tasks.add(task);
    }

    boolean runOne() {
        Runnable task = tasks.poll();
        if (task == null) {
            return false;
        }
        task.run();
        return true;
    }

    boolean runAll() {
        boolean any = false;
        while (runOne()) {
            any = true;
        }
        return any;
    }

    void shutDown() {
        shutDown = true;
        tasks.clear();
    }

    /** How many tasks were given to this executor so far. */
    int accepted() {
        return accepted;
    }
}
