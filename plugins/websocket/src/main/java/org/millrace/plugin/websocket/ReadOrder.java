package org.millrace.plugin.websocket;

import java.util.ArrayDeque;
import java.util.PriorityQueue;
import java.util.Queue;

/**
 * Lets the reads of a connection wait for the writes that were sent before them, so that a client reads what it wrote
 * without waiting for the answer. Later writes do not hold a read up. Bounded by what may be under way on a connection.
 * Used on the event loop.
 */
final class ReadOrder {
    private final Queue<Waiting> waiting = new ArrayDeque<>();
    /** Writes that were done before one that was sent earlier, as those of another durability may be. */
    private final PriorityQueue<Long> doneEarly = new PriorityQueue<>();

    private long begun;
    private long done;

    /** A read that waits for the writes up to a number. */
    private record Waiting(long writes, Runnable read) {}

    /** A write is under way; gives its number. */
    long writeBegins() {
        return ++begun;
    }

    /** A write is done or refused; does what waited for it only. */
    void writeEnds(long number) {
        doneEarly.add(number);
        while (!doneEarly.isEmpty() && doneEarly.peek() == done + 1) {
            doneEarly.remove();
            done++;
        }
        while (!waiting.isEmpty() && waiting.peek().writes <= done) {
            waiting.remove().read.run();
        }
    }

    /** Whether a read that came now would have to wait. */
    boolean isWriting() {
        return done < begun;
    }

    /** Does a read when all writes that began before are done. */
    void whenWritten(Runnable read) {
        waiting.add(new Waiting(begun, read));
    }

    /** Forgets what waits. */
    void drop() {
        waiting.clear();
    }
}
