package org.millrace.plugin.http.bulk;

import java.util.ArrayDeque;
import java.util.concurrent.CompletionStage;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.millrace.plugin.http.exchange.BodyMemory;
import org.millrace.spi.resource.Commit;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.ResourceException;
import org.millrace.spi.resource.Resources;

/**
 * Has many writes done, a bounded number and so many bytes under way at a time, pausing while the host's queue is nearly
 * full. Used on the event loop of the view only.
 */
public final class WriteQueue {
    private static final int UNDER_WAY = 64;
    private static final int BYTES_UNDER_WAY = 1024 * 1024;

    private final Resources resources;
    private final BodyMemory.Share memory;
    private final Function<byte[], CompletionStage<Commit>> writer;
    private final Listener listener;
    private final ArrayDeque<Item> queue = new ArrayDeque<>();
    private int underWay;
    private long bytesUnderWay;
    private boolean held;
    private boolean starting;

    private record Item(long position, byte[] bytes) {}

    /** Told how writes come out. */
    public interface Listener {
        /**
         * A write is done.
         *
         * @param position which
         * @param commit what became of it; null if it was refused
         * @param failure why it was refused; null if it was not
         */
        void done(long position, @Nullable Commit commit, @Nullable Throwable failure);

        /** All that was added is under way or done. */
        void hasRoom();
    }

    /**
     * Prepares.
     *
     * @param resources the client's view
     * @param memory where room for items is taken from
     * @param writer begins the write of an item; what it throws refuses that one
     * @param listener told of each
     */
    public WriteQueue(
            Resources resources,
            BodyMemory.Share memory,
            Function<byte[], CompletionStage<Commit>> writer,
            Listener listener) {
        this.memory = memory;
        this.resources = resources;
        this.writer = writer;
        this.listener = listener;
    }

    /**
     * Adds an item. The caller stops adding while there is no {@link #hasRoom room}, but for what it has read already.
     *
     * @param position what the listener is told
     * @param item the item
     * @throws org.millrace.plugin.http.problem.ProblemException 503 if the host has no room for it
     */
    public void add(long position, byte[] item) {
        memory.take(item.length);
        queue.add(new Item(position, item));
        start();
    }

    /**
     * Whether nothing waits to be begun.
     *
     * @return true if more may be added
     */
    public boolean hasRoom() {
        return queue.isEmpty();
    }

    /**
     * Whether all that was added is done.
     *
     * @return true if nothing is under way
     */
    public boolean isIdle() {
        return underWay == 0 && queue.isEmpty();
    }

    private void start() {
        if (starting) {
            return;
        }
        starting = true;
        while (!queue.isEmpty() && mayStart() && !isHeldUp()) {
            Item item = queue.remove();
            underWay++;
            bytesUnderWay += item.bytes.length;
            BiConsumer<@Nullable Commit, @Nullable Throwable> told = (commit, failure) -> ended(item, commit, failure);
            try {
                var _ = writer.apply(item.bytes).whenComplete(told);
            } catch (RuntimeException e) {
                told.accept(null, e);
            }
        }
        starting = false;
    }

    private boolean mayStart() {
        return underWay == 0 || underWay < UNDER_WAY && bytesUnderWay < BYTES_UNDER_WAY;
    }

    private boolean isHeldUp() {
        if (resources.isSaturated() && !held) {
            held = true;
            var _ = resources.whenReady().whenComplete((ready, failure) -> {
                held = false;
                start();
                tellOfRoom();
            });
        }
        return held;
    }

    private void ended(Item item, @Nullable Commit commit, @Nullable Throwable failure) {
        underWay--;
        bytesUnderWay -= item.bytes.length;
        memory.give(item.bytes.length);
        listener.done(
                item.position,
                commit,
                commit == null && failure == null
                        ? new ResourceException(ErrorCode.INTERNAL, "the write ended without a word")
                        : failure);
        start();
        tellOfRoom();
    }

    private void tellOfRoom() {
        if (!starting && queue.isEmpty()) {
            listener.hasRoom();
        }
    }
}
