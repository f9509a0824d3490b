package org.millrace.subscription;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.ResourceException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The reader pool: shows the present state and reads lagging subscriptions forward, a slice of one after a slice of the
 * other, until they run out of demand or are so near that the fan-out thread takes them.
 *
 * <p>A bounded number of readers runs on the given executor, whose threads may block for the disk. The queue holds each
 * subscription at most once.
 */
final class CatchUp {
    private static final Logger LOG = LoggerFactory.getLogger(CatchUp.class);

    private final ChangeSource changes;
    private final RecordSource records;
    private final SubscriptionOptions options;
    private final Executor executor;
    private final FanOut fanOut;
    private final Replay replay;
    private final Queue<ChangeSubscription> waiting = new ConcurrentLinkedQueue<>();
    /** Given to the executor and not yet ended. */
    private final AtomicInteger readers = new AtomicInteger();

    // Guarded by this.
    private int reading;
    private boolean closed;

    CatchUp(
            ChangeSource changes,
            RecordSource records,
            PathHashes paths,
            SubscriptionOptions options,
            Executor executor,
            FanOut fanOut) {
        this.changes = changes;
        this.records = records;
        this.options = options;
        this.executor = executor;
        this.fanOut = fanOut;
        this.replay = new Replay(new Passage.Ground(changes, new RecentReads(changes), paths));
    }

    /** Takes over an {@code ACTIVE} subscription. Any thread; does not block. */
    void enter(ChangeSubscription subscription) {
        waiting.add(subscription);
        startReader();
    }

    private void startReader() {
        int now;
        do {
            now = readers.get();
            if (now >= options.readers()) {
                return;
            }
        } while (!readers.compareAndSet(now, now + 1));
        try {
            executor.execute(this::read);
        } catch (RuntimeException e) {
            readers.decrementAndGet();
            ResourceException away = new ResourceException(
                    ErrorCode.UNAVAILABLE, "the host is stopping; nothing is read from the journal any more", e);
            for (ChangeSubscription next = waiting.poll(); next != null; next = waiting.poll()) {
                next.end(away);
            }
        }
    }

    private void read() {
        if (enterReading()) {
            try {
                Outbox out = new Outbox();
                for (ChangeSubscription next = waiting.poll(); next != null; next = waiting.poll()) {
                    slice(next, out);
                }
            } finally {
                leaveReading();
                readers.decrementAndGet();
            }
            if (!waiting.isEmpty()) {
                startReader();
            }
        }
    }

    private synchronized boolean enterReading() {
        if (closed) {
            return false;
        }
        reading++;
        return true;
    }

    private synchronized void leaveReading() {
        reading--;
        notifyAll();
    }

    /** Waits for the slices under way and lets no other begin. All subscriptions have ended. */
    synchronized void close() {
        closed = true;
        boolean interrupted = false;
        while (reading > 0) {
            try {
                wait();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void slice(ChangeSubscription subscription, Outbox out) {
        if (subscription.state() != Ownership.ACTIVE) {
            return;
        }
        Progress progress;
        try {
            progress = step(subscription, out);
        } catch (ResourceException e) {
            out.flush();
            if (e.code() == ErrorCode.EXPIRED_CURSOR && subscription.restartsWhenLost()) {
                subscription.restart(subscription.seenTo());
                waiting.add(subscription);
            } else {
                subscription.end(e);
            }
            return;
        } catch (RuntimeException e) {
            out.flush();
            if (subscription.isOver()) {
                return;
            }
            LOG.error(
                    "The journal or the store could not be read for a subscription of {}; it is closed. Look for"
                            + " earlier messages about the disk",
                    subscription.interest().filters(),
                    e);
            subscription.end(ResourceException.from(e));
            return;
        }
        out.flush();
        switch (progress) {
            case DONE -> fanOut.arrive(subscription);
            case MORE -> waiting.add(subscription);
            case STARVED, OVERFLOWED -> subscription.park();
        }
    }

    private Progress step(ChangeSubscription subscription, Outbox out) {
        PresentScan scan = subscription.scan();
        if (scan == null) {
            return replay.forward(subscription, fanOut.followedSeq(), options.sliceChanges(), out);
        }
        subscription.begin(scan, changes, out);
        Progress progress = scan.slice(subscription, changes, records, options, out);
        if (progress == Progress.DONE) {
            subscription.finish(scan, out);
        }
        return progress;
    }
}
