package org.millrace.plugin.http.bulk;

import java.util.concurrent.CompletionStage;
import java.util.function.BiConsumer;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;
import org.millrace.spi.resource.Commit;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.ResourceException;
import org.millrace.spi.resource.Resources;

/**
 * Has many writes done, a bounded number under way at a time, pausing while the host's queue is nearly full. Used on the
 * event loop of the view only.
 */
public final class WriteQueue {
    private static final int UNDER_WAY = 64;

    private final Resources resources;
    private final int count;
    private final IntFunction<CompletionStage<Commit>> writer;
    private final ItemDone each;
    private final Runnable end;
    private int next;
    private int underWay;
    private int done;
    private boolean waiting;
    private boolean starting;

    /** Told how one write came out. */
    public interface ItemDone {
        /**
         * A write is done.
         *
         * @param index which
         * @param commit what became of it; null if it was refused
         * @param failure why it was refused; null if it was not
         */
        void done(int index, @Nullable Commit commit, @Nullable Throwable failure);
    }

    /**
     * Prepares.
     *
     * @param resources the client's view
     * @param count how many writes there are
     * @param writer begins the write of an index; what it throws refuses that one
     * @param each told of each
     * @param end told when all are done
     */
    public WriteQueue(
            Resources resources, int count, IntFunction<CompletionStage<Commit>> writer, ItemDone each, Runnable end) {
        this.resources = resources;
        this.count = count;
        this.writer = writer;
        this.each = each;
        this.end = end;
    }

    /** Begins; comes back at once. */
    public void run() {
        if (count == 0) {
            end.run();
        } else {
            start();
        }
    }

    private void start() {
        if (starting) {
            return;
        }
        starting = true;
        while (next < count && underWay < UNDER_WAY && !isHeldUp()) {
            int index = next++;
            underWay++;
            BiConsumer<@Nullable Commit, @Nullable Throwable> told = (commit, failure) -> ended(index, commit, failure);
            try {
                var _ = writer.apply(index).whenComplete(told);
            } catch (RuntimeException e) {
                told.accept(null, e);
            }
        }
        starting = false;
    }

    private boolean isHeldUp() {
        if (resources.isSaturated() && !waiting) {
            waiting = true;
            var _ = resources.whenReady().whenComplete((ready, failure) -> {
                waiting = false;
                start();
            });
        }
        return waiting;
    }

    private void ended(int index, @Nullable Commit commit, @Nullable Throwable failure) {
        underWay--;
        done++;
        each.done(
                index,
                commit,
                commit == null && failure == null
                        ? new ResourceException(ErrorCode.INTERNAL, "the write ended without a word")
                        : failure);
        if (done == count) {
            end.run();
        } else {
            start();
        }
    }
}
