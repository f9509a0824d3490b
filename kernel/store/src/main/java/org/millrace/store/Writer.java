package org.millrace.store;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.millrace.journal.Journal;
import org.millrace.journal.JournalFailedException;
import org.millrace.spi.resource.Commit;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.ResourceException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one thread that decides writes and gives them their order. It takes what waits in the queue, decides it, appends
 * it to the journal, makes it durable once for all, and only then shows it: to readers through the overlay, to
 * subscriptions through the journal, to callers through their outcomes. While it waits for the disk the next batch
 * gathers, so batches grow with the load and nobody waits for a timer.
 *
 * <p>The thread ends when the store is closed, or when the journal fails; whatever is submitted then is refused by the
 * submitting thread.
 */
final class Writer implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(Writer.class);
    private static final long IDLE_NANOS = 1_000_000_000L;
    private static final long FULL_NAP_NANOS = 5_000_000L;

    private final Journal journal;
    private final Overlay overlay;
    private final Applier applier;
    private final SubmitQueue queue;
    private final Backpressure backpressure;
    private final Batch batch;
    private final Pacer pacer;
    private final StoreOptions options;
    private final Thread thread;

    private final List<Submission> taken = new ArrayList<>();
    private final List<Decision> decisions = new ArrayList<>();
    private final List<Runnable> others = new ArrayList<>();
    private int answered;
    private boolean unsynced;
    private long syncDueNanos;
    private boolean diskWasFull;

    private volatile Runnable acknowledged = () -> {};
    private volatile boolean closing;
    private volatile boolean abandoned;
    private volatile @Nullable ResourceException refusal;
    private volatile boolean ended;

    /** A request with what came of it; exactly one of the two is set. */
    private record Decision(
            WriteRequest request,
            @Nullable List<Commit> commits,
            @Nullable ResourceException refusal) {}

    Writer(
            StoreOptions options,
            Journal journal,
            Overlay overlay,
            Applier applier,
            SubmitQueue queue,
            Backpressure backpressure,
            Batch batch) {
        this.options = options;
        this.journal = journal;
        this.overlay = overlay;
        this.applier = applier;
        this.queue = queue;
        this.backpressure = backpressure;
        this.batch = batch;
        this.pacer = new Pacer();
        this.thread = Thread.ofPlatform().name("millrace-writer").daemon().unstarted(this);
    }

    void start() {
        thread.start();
    }

    /** Takes a request, or returns false if the queue is full. Any thread. */
    boolean submit(Submission submission) {
        ResourceException reason = refusal;
        if (reason != null) {
            refuse(submission, reason);
            return true;
        }
        if (!queue.offer(submission)) {
            return false;
        }
        if (ended) {
            // It came behind the writer's last look.
            refuseRest();
        }
        return true;
    }

    /** Sets what runs after the outcomes of a batch were told. Any thread. */
    void onAcknowledged(Runnable task) {
        acknowledged = task;
    }

    /** Why nothing is taken any more, or null. */
    @Nullable
    ResourceException refusal() {
        return refusal;
    }

    /** Ends writing for good, as after a failed disk. Any thread. */
    void fail(ResourceException reason) {
        if (refusal == null) {
            refusal = reason;
        }
        queue.wake();
    }

    /** Refuses new requests, finishes those taken, syncs, and waits for the thread to end. */
    void close() {
        if (refusal == null) {
            refusal = new ResourceException(ErrorCode.UNAVAILABLE, "the host is stopping");
        }
        closing = true;
        queue.wake();
        ThreadEnd.await(thread);
    }

    /** Ends without finishing or syncing anything, as a crash would. For tests. */
    void abandon() {
        abandoned = true;
        fail(new ResourceException(ErrorCode.UNAVAILABLE, "the store was abandoned"));
        ThreadEnd.await(thread);
    }

    @Override
    public void run() {
        try {
            while (refusal == null || closing && !abandoned) {
                take();
                if (!taken.isEmpty()) {
                    while (answered < taken.size()) {
                        commit();
                        syncIfDue();
                        holdBack();
                    }
                    backpressure.relieve();
                } else if (closing && queue.isEmpty()) {
                    break;
                } else {
                    queue.await(unsynced ? syncDueNanos - System.nanoTime() : IDLE_NANOS);
                    syncIfDue();
                }
            }
            if (unsynced && !abandoned) {
                sync();
            }
        } catch (JournalFailedException e) {
            // The journal has logged the cause and what to do.
            fail(e.toResourceException());
        } catch (RuntimeException | Error e) {
            LOG.error("writing has stopped because of a defect; please report it. Restart the host", e);
            fail(new ResourceException(
                    ErrorCode.UNAVAILABLE, "the host has stopped writing after an internal error", e));
        } finally {
            ended = true;
            refuseRest();
        }
    }

    private void take() {
        taken.clear();
        answered = 0;
        queue.drain(taken, options.batchRequests(), options.batchBytes());
    }

    /**
     * Decides what was taken and is not answered yet, makes it durable and tells everyone. A batch ends early when its
     * changes have grown heavy. What is not answered when this throws is refused when the thread ends.
     */
    private void commit() {
        batch.begin();
        int from = answered;
        int to = from;
        boolean needsSync = false;
        ResourceException stuck = overlay.fill() >= 1 ? applier.obstacle() : null;
        do {
            needsSync |= decide(taken.get(to++), stuck);
        } while (to < taken.size() && batch.bytes() < options.batchBytes());

        ResourceException undone = batch.changes().isEmpty() ? null : write();
        if (undone == null && !batch.changes().isEmpty()) {
            settle(needsSync);
        }
        answered = to;
        if (undone == null) {
            decisions.forEach(Writer::tell);
            noteAcknowledged();
            others.forEach(Writer::tell);
        } else {
            taken.subList(from, to).forEach(submission -> refuse(submission, undone));
        }
        decisions.clear();
        others.clear();
        batch.clear();
    }

    private void noteAcknowledged() {
        try {
            acknowledged.run();
        } catch (RuntimeException e) {
            LOG.error("acknowledgements could not be handed over because of a defect; please report it", e);
        }
    }

    /** Decides one submission; returns whether it wants a sync. */
    private boolean decide(Submission submission, @Nullable ResourceException stuck) {
        return switch (submission) {
            case WriteRequest request -> {
                decisions.add(stuck == null ? decide(request) : new Decision(request, null, stuck));
                yield request.needsSync();
            }
            case ExpireRequest expire -> {
                if (stuck == null) {
                    expire(expire);
                }
                others.add(expire.done());
                yield false;
            }
            case ForeignRequest foreign -> {
                others.add(
                        stuck == null
                                ? decide(foreign)
                                : () -> foreign.outcome().refused(stuck));
                yield true;
            }
        };
    }

    private void expire(ExpireRequest request) {
        try {
            request.paths().forEach(batch::expire);
        } catch (RuntimeException e) {
            LOG.warn("expired records could not be looked at; they are tried again. Check the disk of the records", e);
        }
    }

    private Runnable decide(ForeignRequest request) {
        try {
            Batch.Taken taken = batch.decide(request);
            return () -> request.outcome().applied(taken.changes(), taken.superseded());
        } catch (ResourceException e) {
            return () -> request.outcome().refused(e);
        } catch (RuntimeException e) {
            LOG.error("changes of another node could not be taken over because of a defect; please report it", e);
            return () -> request.outcome().refused(ResourceException.from(e));
        }
    }

    private Decision decide(WriteRequest request) {
        try {
            return new Decision(request, batch.decide(request), null);
        } catch (ResourceException e) {
            return new Decision(request, null, e);
        } catch (RuntimeException e) {
            LOG.error("a write request failed because of a defect; please report it. Other writes go on", e);
            return new Decision(request, null, ResourceException.from(e));
        }
    }

    /** Hands the batch to the journal; returns why it has undone it as a whole, or null. */
    private @Nullable ResourceException write() {
        try {
            batch.appendTo(journal);
        } catch (ResourceException e) {
            journal.discard();
            return e;
        }
        try {
            journal.write();
        } catch (ResourceException e) {
            if (!diskWasFull) {
                diskWasFull = true;
                LOG.warn("writes are refused: {}. Free space on the disk of the journal", e.getMessage());
            }
            return e;
        }
        if (diskWasFull) {
            diskWasFull = false;
            LOG.info("the disk of the journal has space again; writes are taken");
        }
        return null;
    }

    /** Makes a written batch as durable as asked, and then visible. */
    private void settle(boolean needsSync) {
        if (needsSync) {
            sync();
        } else if (!unsynced) {
            unsynced = true;
            syncDueNanos = System.nanoTime() + options.syncInterval().toNanos();
        }
        pacer.added(overlay.add(batch.states(), journal.lastSeq()));
        journal.publish(batch.changes());
        applier.noteAdded();
    }

    private void sync() {
        journal.sync();
        unsynced = false;
    }

    private void syncIfDue() {
        if (unsynced && System.nanoTime() - syncDueNanos >= 0) {
            sync();
        }
    }

    /** Slows down as the overlay fills up; at the end of it, waits until the applier has made room. */
    private void holdBack() {
        pacer.pause(overlay.fill(), applier.nanosPerEntry());
        while (overlay.fill() >= 1 && applier.obstacle() == null && !abandoned) {
            applier.noteAdded();
            LockSupport.parkNanos(this, FULL_NAP_NANOS);
            syncIfDue();
        }
    }

    /** The consumer of the queue is the writer until it has ended, then whoever holds this monitor. */
    private void refuseRest() {
        ResourceException reason = refusal;
        List<Submission> rest = new ArrayList<>();
        synchronized (this) {
            rest.addAll(taken.subList(answered, taken.size()));
            taken.clear();
            answered = 0;
            rest.addAll(queue.drainAll());
        }
        if (reason != null) { // the thread does not end without one
            rest.forEach(submission -> refuse(submission, reason));
        }
    }

    private static void refuse(Submission submission, ResourceException reason) {
        switch (submission) {
            case WriteRequest request -> tell(new Decision(request, null, reason));
            case ForeignRequest foreign -> tell(() -> foreign.outcome().refused(reason));
            case ExpireRequest expire -> tell(expire.done());
        }
    }

    private static void tell(Decision decision) {
        WriteRequest.Outcome outcome = decision.request().outcome();
        try {
            if (decision.commits() != null) {
                outcome.committed(decision.commits());
            } else if (decision.refusal() != null) {
                outcome.refused(decision.refusal());
            }
        } catch (RuntimeException | LinkageError e) {
            LOG.error("the outcome of a write could not be handed over because of a defect; please report it", e);
        }
    }

    private static void tell(Runnable outcome) {
        try {
            outcome.run();
        } catch (RuntimeException | LinkageError e) {
            LOG.error("the outcome of a request could not be handed over because of a defect; please report it", e);
        }
    }
}
