package org.millrace.store;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jctools.queues.atomic.MpscAtomicArrayQueue;
import org.jspecify.annotations.Nullable;
import org.millrace.spi.content.Content;
import org.millrace.spi.resource.Change;
import org.millrace.spi.resource.Path;
import org.millrace.spi.resource.Write;

/**
 * Requests on their way to the writer, bounded by number and by weight. Any thread offers, without blocking; the writer
 * thread takes what is there.
 */
final class SubmitQueue {
    /** What a write is reckoned to take besides content and path. */
    private static final int WRITE_OVERHEAD = 256;

    private final MpscAtomicArrayQueue<Submission> queue;
    private final int maxRequests;
    private final long maxBytes;
    private final AtomicLong bytes = new AtomicLong();
    private volatile @Nullable Thread sleeper;

    SubmitQueue(int maxRequests, long maxBytes) {
        this.maxRequests = maxRequests;
        this.maxBytes = maxBytes;
        this.queue = new MpscAtomicArrayQueue<>(maxRequests);
    }

    /**
     * Adds a request. Any thread.
     *
     * @return false if the queue is full. A request heavier than the whole bound is taken if nothing else waits
     */
    boolean offer(Submission submission) {
        long weight = weight(submission);
        long before = bytes.getAndAdd(weight);
        if (before + weight > maxBytes && before > 0 || !queue.offerIfBelowThreshold(submission, maxRequests)) {
            bytes.addAndGet(-weight);
            return false;
        }
        Thread waiting = sleeper;
        if (waiting != null) {
            LockSupport.unpark(waiting);
        }
        return true;
    }

    /** Moves what is there, up to the bounds, but one request at least. Returns the weight. The writer thread. */
    long drain(List<Submission> into, int requests, long weightBound) {
        long taken = 0;
        while (into.size() < requests && taken < weightBound) {
            Submission next = queue.relaxedPeek();
            if (next == null) {
                // An offer that has claimed its place and not yet filled it counts as not there.
                break;
            }
            long weight = weight(next);
            if (!into.isEmpty() && taken + weight > weightBound) {
                break;
            }
            queue.poll();
            into.add(next);
            taken += weight;
        }
        bytes.addAndGet(-taken);
        return taken;
    }

    /** Waits until there is something, the time is over, or {@link #wake()}. The writer thread. */
    void await(long nanos) {
        sleeper = Thread.currentThread();
        try {
            // An offer either sees the sleeper or has moved the producers' index before this looks at it.
            if (queue.isEmpty()) {
                LockSupport.parkNanos(this, nanos);
            }
        } finally {
            sleeper = null;
        }
    }

    /** Ends the present {@link #await}, or none. Any thread. */
    void wake() {
        Thread waiting = sleeper;
        if (waiting != null) {
            LockSupport.unpark(waiting);
        }
    }

    /** Everything that is left, for refusal. The consumer, after the writer has ended. */
    List<Submission> drainAll() {
        List<Submission> rest = new ArrayList<>();
        for (Submission next = queue.poll(); next != null; next = queue.poll()) {
            bytes.addAndGet(-weight(next));
            rest.add(next);
        }
        return rest;
    }

    boolean isEmpty() {
        return queue.isEmpty();
    }

    /** How full: 0 for empty, 1 for full. Any thread. */
    double fill() {
        return Math.max((double) queue.size() / maxRequests, (double) bytes.get() / maxBytes);
    }

    int size() {
        return queue.size();
    }

    long bytes() {
        return bytes.get();
    }

    static long weight(Submission submission) {
        return switch (submission) {
            case WriteRequest request -> weight(request.writes());
            case ForeignRequest foreign -> {
                long weight = weight(foreign.along());
                for (Change change : foreign.changes()) {
                    weight += WRITE_OVERHEAD
                            + change.path().toString().length()
                            + change.content().map(Content::size).orElse(0)
                            + change.patch().map(Content::size).orElse(0);
                }
                yield weight;
            }
            case ExpireRequest expire -> {
                long weight = WRITE_OVERHEAD;
                for (Path path : expire.paths()) {
                    weight += path.toString().length();
                }
                yield weight;
            }
        };
    }

    private static long weight(List<Write> writes) {
        long weight = 0;
        for (int i = 0; i < writes.size(); i++) {
            Write write = writes.get(i);
            weight += WRITE_OVERHEAD
                    + write.path().toString().length()
                    + switch (write) {
                        case Write.Put put -> put.content().size();
                        case Write.Patch patch -> patch.patch().size();
                        case Write.Publish publish -> publish.content().size();
                        case Write.Delete delete -> 0;
                    };
        }
        return weight;
    }
}
