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
        join();
    }

    /** Ends without finishing or syncing anything, as a crash would. For tests. */
    void abandon() {
        abandoned = true;
        fail(new ResourceException(ErrorCode.UNAVAILABLE, "the store was abandoned"));
        join();
    }

    private void join() {
        boolean interrupted = false;
        while (true) {
            try {
                thread.join();
                break;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void run() {
        try {
            while (refusal == null || closing && !abandoned) {
                taken.clear();
                queue.drain(taken, options.batchRequests(), options.batchBytes());
                if (!taken.isEmpty()) {
                    commit();
                    backpressure.relieve();
                    holdBack();
                } else if (closing && queue.isEmpty()) {
                    break;
                } else {
                    queue.await(unsynced ? syncDueNanos - System.nanoTime() : IDLE_NANOS);
                }
                if (unsynced && System.nanoTime() - syncDueNanos >= 0) {
                    sync();
                }
            }
            if (unsynced && !abandoned) {
                sync();
            }
        } catch (JournalFailedException e) {
            LOG.error("writing has stopped. Check the disk of the journal, then restart the host", e);
            fail(e.toResourceException());
        } catch (RuntimeException | Error e) {
            LOG.error("writing has stopped because of a defect; please report it. Restart the host", e);
            fail(new ResourceException(
                    ErrorCode.UNAVAILABLE, "the host has stopped writing after an internal error", e));
        } finally {
            if (refusal == null) {
                refusal = new ResourceException(ErrorCode.UNAVAILABLE, "the host has stopped writing");
            }
            ended = true;
            refuseRest();
        }
    }

    /** Decides what was taken, makes it durable and tells everyone; whatever happens, every request is answered. */
    private void commit() {
        decisions.clear();
        List<Runnable> expired = new ArrayList<>(0);
        try {
            batch.begin();
            boolean needsSync = decide(expired);
            if (!batch.changes().isEmpty()) {
                persist(needsSync);
            }
        } catch (JournalFailedException e) {
            refuseBatch(e.toResourceException(), expired);
            throw e;
        } catch (ResourceException e) {
            // The disk is full, and the journal has undone the batch as a whole.
            noteFullDisk(e);
            refuseBatch(e, expired);
            return;
        } catch (RuntimeException | Error e) {
            refuseBatch(ResourceException.from(e), expired);
            throw e;
        }
        decisions.forEach(Writer::tell);
        try {
            acknowledged.run();
        } catch (RuntimeException e) {
            LOG.error("acknowledgements could not be handed over because of a defect; please report it", e);
        }
        expired.forEach(Runnable::run);
    }

    private boolean decide(List<Runnable> expired) {
        boolean needsSync = false;
        ResourceException stuck = overlay.fill() >= 1 ? applier.obstacle() : null;
        for (Submission submission : taken) {
            switch (submission) {
                case WriteRequest request -> {
                    decisions.add(stuck == null ? decide(request) : new Decision(request, null, stuck));
                    needsSync |= request.needsSync();
                }
                case ExpireRequest expire -> {
                    if (stuck == null) {
                        expire.paths().forEach(batch::expire);
                    }
                    expired.add(expire.done());
                }
            }
        }
        return needsSync;
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

    private void persist(boolean needsSync) {
        try {
            batch.appendTo(journal);
        } catch (ResourceException e) {
            journal.discard();
            throw e;
        }
        journal.write();
        if (needsSync) {
            sync();
        } else if (!unsynced) {
            unsynced = true;
            syncDueNanos = System.nanoTime() + options.syncInterval().toNanos();
        }
        if (diskWasFull) {
            diskWasFull = false;
            LOG.info("the disk of the journal has space again; writes are taken");
        }
        int added = overlay.add(batch.states(), journal.lastSeq());
        pacer.added(added);
        journal.publish(batch.changes());
        applier.noteAdded();
    }

    private void sync() {
        journal.sync();
        unsynced = false;
    }

    private void noteFullDisk(ResourceException e) {
        if (!diskWasFull) {
            diskWasFull = true;
            LOG.warn(
                    "writes are refused: {}. Free space on the disk of the journal; they resume by themselves",
                    e.getMessage());
        }
    }

    /** Slows down as the overlay fills up; at the end of it, waits until the applier has made room. */
    private void holdBack() {
        pacer.pause(overlay.fill(), applier.nanosPerEntry());
        while (overlay.fill() >= 1 && applier.obstacle() == null && !abandoned) {
            applier.noteAdded();
            LockSupport.parkNanos(this, FULL_NAP_NANOS);
            if (unsynced && System.nanoTime() - syncDueNanos >= 0) {
                sync();
            }
        }
    }

    private void refuseBatch(ResourceException reason, List<Runnable> expired) {
        decisions.clear();
        expired.clear();
        for (Submission submission : taken) {
            refuse(submission, reason);
        }
    }

    /** The consumer of the queue is the writer until it has ended, then whoever holds this monitor. */
    private void refuseRest() {
        ResourceException reason = refusal;
        List<Submission> rest;
        synchronized (this) {
            rest = queue.drainAll();
        }
        if (reason != null) {
            rest.forEach(submission -> refuse(submission, reason));
        }
    }

    private static void refuse(Submission submission, ResourceException reason) {
        switch (submission) {
            case WriteRequest request -> tell(new Decision(request, null, reason));
            case ExpireRequest expire -> expire.done().run();
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
        } catch (RuntimeException e) {
            LOG.error("the outcome of a write could not be handed over because of a defect; please report it", e);
        }
    }
}
