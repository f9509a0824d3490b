package org.millrace.plugin.http.bulk;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.millrace.plugin.http.exchange.BodyMemory;

/**
 * Cuts a body into its items as it comes, holding one of them at most. An item longer than allowed is passed over and
 * reported. Used by one thread.
 */
public abstract sealed class ItemCutter permits ArrayCutter, LineCutter {
    private static final int FIRST_ROOM = 512;

    private final Sink sink;
    private final int longest;
    private final BodyMemory.Share memory;
    private byte[] item = new byte[FIRST_ROOM];
    private int size;
    private boolean tooLong;

    /** Takes items. */
    public interface Sink {
        /**
         * An item has come.
         *
         * @param position where it stands, counted from 1: the line, or the element of the array
         * @param item its bytes, not checked yet
         */
        void item(long position, byte[] item);

        /**
         * An item was longer than allowed, and left out.
         *
         * @param position where it stands
         */
        void tooLong(long position);
    }

    /**
     * For subclasses.
     *
     * @param sink takes the items
     * @param longest how many bytes an item may have
     * @param memory where room for a long one is taken from
     */
    ItemCutter(Sink sink, int longest, BodyMemory.Share memory) {
        this.memory = memory;
        this.sink = sink;
        this.longest = longest;
    }

    /**
     * Takes a part of the body.
     *
     * @param part read to its end
     * @throws org.millrace.plugin.http.problem.ProblemException 400 if what stands between items cannot be read, 503 if the
     *     host has no room for an item; the items before it were given on
     */
    public abstract void take(ByteBuffer part);

    /**
     * The body is complete.
     *
     * @throws org.millrace.plugin.http.problem.ProblemException 400 if it ends too early
     */
    public abstract void end();

    /** Adds a byte to the item. */
    final void add(byte b) {
        if (size == longest) {
            tooLong = true;
            return;
        }
        if (size == item.length) {
            int room = Math.min(longest, 2 * size);
            memory.take(room - size);
            item = Arrays.copyOf(item, room);
        }
        item[size++] = b;
    }

    /** Whether the item has no bytes. */
    final boolean isEmpty() {
        return size == 0;
    }

    /** The item is complete. */
    final void give(long position) {
        boolean left = tooLong;
        byte[] whole = left ? item : Arrays.copyOf(item, size);
        tooLong = false;
        size = 0;
        if (item.length > 64 * FIRST_ROOM) {
            memory.give(item.length - FIRST_ROOM);
            item = new byte[FIRST_ROOM];
        }
        if (left) {
            sink.tooLong(position);
        } else {
            sink.item(position, whole);
        }
    }
}
