package org.millrace.store;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.millrace.journal.Journal;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.ResourceException;
import org.millrace.store.kv.KvException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one thread that moves the overlay to disk: freezes a generation, waits until the journal is synced as far as that
 * goes, writes its states in key order in a few synced transactions, and drops it. The last of these transactions says
 * that the disk now holds everything up to the generation's end; after a crash before it, the journal's changes are
 * applied again, to the same effect.
 */
final class Applier implements Runnable {
    /** Bounds of one transaction: LMDB keeps its changed pages in memory. */
    private static final int CHUNK_ENTRIES = 16_384;

    private static final long CHUNK_BYTES = 32L << 20;
    /** A generation is frozen early when the overlay is this full. */
    private static final double EARLY = 0.25;

    private static final long SYNC_POLL_NANOS = 1_000_000;
    private static final long RETRY_NANOS = 1_000_000_000;
    private static final byte[] START = {};
    private static final Logger LOG = LoggerFactory.getLogger(Applier.class);

    private final Overlay overlay;
    private final RecordTree tree;
    private final Journal journal;
    private final Backpressure backpressure;
    private final ExpirySweep sweep;
    private final ReaderWatch watch;
    private final IndexWorker indexes;
    private final ReadFirst readFirst;
    private final long intervalNanos;
    private final long tickNanos;
    private final Thread thread;
    private @Nullable Writer writer;

    private long lastFreezeNanos = System.nanoTime();
    private volatile long appliedSeq;
    private volatile long nanosPerEntry = 10_000;
    private volatile @Nullable ResourceException obstacle;
    private volatile boolean idle;
    private volatile boolean flushing;
    private volatile boolean closing;
    private volatile boolean abandoned;

    Applier(
            StoreOptions options,
            Overlay overlay,
            RecordTree tree,
            Journal journal,
            Backpressure backpressure,
            ExpirySweep sweep,
            IndexWorker indexes,
            long appliedSeq) {
        this.overlay = overlay;
        this.tree = tree;
        this.journal = journal;
        this.backpressure = backpressure;
        this.sweep = sweep;
        this.watch = new ReaderWatch(tree.kv(), options.readerAge());
        this.indexes = indexes;
        this.readFirst = new ReadFirst(tree.kv(), options.applyReaders());
        this.appliedSeq = appliedSeq;
        this.intervalNanos = options.applyInterval().toNanos();
        this.tickNanos = Math.min(intervalNanos, options.expiryInterval().toNanos());
        this.thread = Thread.ofPlatform().name("millrace-applier").daemon().unstarted(this);
    }

    /** Starts the thread; the writer is told when the disk fails for good. */
    void start(Writer told) {
        writer = told;
        thread.start();
    }

    /** The last journaled change that the disk holds with all before it. Any thread. */
    long appliedSeq() {
        return appliedSeq;
    }

    /** How long a state takes to be moved to disk, on the average of the recent past. Any thread. */
    long nanosPerEntry() {
        return nanosPerEntry;
    }

    /** What keeps the overlay from being emptied at present, or null. Any thread. */
    @Nullable
    ResourceException obstacle() {
        return obstacle;
    }

    /** Wakes the thread if there is enough to do. The writer thread, after it has added to the overlay. */
    void noteAdded() {
        if (idle && overlay.fill() >= EARLY) {
            LockSupport.unpark(thread);
        }
    }

    /** Lets the expiry sweep go on. Any thread. */
    void wake() {
        LockSupport.unpark(thread);
    }

    /** Moves what the overlay holds now to disk and waits until it is there, or the thread has ended. For tests. */
    void flush() {
        Overlay.View now = overlay.view();
        long through = Math.max(
                now.active().throughSeq(),
                now.frozen() == null ? 0 : now.frozen().throughSeq());
        while (appliedSeq < through && thread.isAlive()) {
            flushing = true;
            LockSupport.unpark(thread);
            LockSupport.parkNanos(this, SYNC_POLL_NANOS);
        }
    }

    /** Moves everything that is left to disk and waits for the thread to end. The writer must have ended. */
    void close() {
        closing = true;
        LockSupport.unpark(thread);
        ThreadEnd.await(thread);
    }

    /** Ends after the present transaction. For tests. */
    void abandon() {
        abandoned = true;
        LockSupport.unpark(thread);
        ThreadEnd.await(thread);
    }

    @Override
    public void run() {
        try {
            while (!abandoned) {
                boolean last = closing;
                if (last || isDue()) {
                    applyAll();
                }
                if (last) {
                    return;
                }
                sweep.tick();
                watch.tick();
                tree.tombstones().tick();
                if (!indexes.step()) {
                    sleep();
                }
            }
        } catch (RuntimeException | Error e) {
            LOG.error(
                    "records can no longer be moved from the journal to disk; writes are refused, reads go on. Check"
                            + " the disk, then restart the host: the journal has everything that was acknowledged",
                    e);
            ResourceException reason = new ResourceException(
                    ErrorCode.UNAVAILABLE, "the host has stopped writing after a disk error; reads go on", e);
            obstacle = reason;
            backpressure.stuck(true);
            Writer told = writer;
            if (told != null) {
                told.fail(reason);
            }
        } finally {
            readFirst.close();
        }
    }

    private void sleep() {
        idle = true;
        // The writer either sees that this is idle or has added before this looks.
        if (!closing && !abandoned && !flushing && overlay.fill() < EARLY) {
            LockSupport.parkNanos(this, tickNanos);
        }
        idle = false;
    }

    private boolean isDue() {
        if (overlay.view().active().throughSeq() == 0) {
            return false;
        }
        return flushing
                || indexes.awaitsApplying()
                || overlay.fill() >= EARLY
                || System.nanoTime() - lastFreezeNanos >= intervalNanos;
    }

    private void applyAll() {
        if (overlay.view().active().throughSeq() == 0) {
            return;
        }
        flushing = false;
        Generation frozen = overlay.freeze();
        lastFreezeNanos = System.nanoTime();
        if (awaitSynced(frozen.throughSeq()) && apply(frozen)) {
            overlay.drop();
            backpressure.relieve();
        }
    }

    /** Waits for the writer's next sync; returns false if there will be none. */
    private boolean awaitSynced(long seq) {
        while (journal.syncedSeq() < seq) {
            Writer told = writer;
            if (abandoned
                    || closing
                    || told != null
                            && told.refusal() != null
                            && journal.failure().isPresent()) {
                if (journal.syncedSeq() >= seq) {
                    break;
                }
                // Never show the disk what the journal may have lost; a restart replays what it has.
                LOG.warn(
                        "changes {} to {} could not be synced and stay out of the records on disk; the journal decides"
                                + " at the next start which of them survived",
                        journal.syncedSeq() + 1,
                        seq);
                abandoned = true;
                return false;
            }
            LockSupport.parkNanos(this, SYNC_POLL_NANOS);
        }
        return true;
    }

    /** Returns false if this was given up half way. */
    private boolean apply(Generation frozen) {
        long start = System.nanoTime();
        OverlayCursor.Source states = frozen.from(START, true);
        int left = frozen.entries();
        long leftBytes = frozen.bytes();
        List<Pending> chunk = new ArrayList<>(Math.min(left, CHUNK_ENTRIES));
        Pending next = states.next();
        do {
            chunk.clear();
            long chunkBytes = 0;
            while (next != null && chunk.size() < CHUNK_ENTRIES && (chunk.isEmpty() || chunkBytes < CHUNK_BYTES)) {
                chunk.add(next);
                chunkBytes += next.weight();
                next = states.next();
            }
            if (!commit(chunk, next == null ? frozen.throughSeq() : appliedSeq)) {
                return false;
            }
            left -= chunk.size();
            leftBytes -= chunkBytes;
            overlay.frozenLeft(left, leftBytes);
        } while (next != null);
        appliedSeq = frozen.throughSeq();
        if (frozen.entries() > 0) {
            // A few records cost as much as their commit, which says nothing about what many would.
            long measured = (System.nanoTime() - start) / Math.max(frozen.entries(), 1_000);
            nanosPerEntry = (3 * nanosPerEntry + measured) / 4;
        }
        return true;
    }

    /** Commits a chunk, again and again while the disk is full; returns false if the store ends meanwhile. */
    private boolean commit(List<Pending> chunk, long through) {
        while (!abandoned) {
            try {
                readFirst.read(chunk);
                tree.commit(chunk, through);
                if (obstacle != null) {
                    obstacle = null;
                    backpressure.stuck(false);
                    LOG.info("the disk of the records has space again");
                }
                return true;
            } catch (KvException e) {
                if (e.kind() != KvException.Kind.DISK_FULL) {
                    throw e;
                }
                if (obstacle == null) {
                    obstacle = new ResourceException(
                            ErrorCode.QUOTA_EXCEEDED,
                            "the disk is full; reads go on, writes resume when space returns");
                    LOG.warn(
                            "{}. Free space; until then changes are kept in the journal and in memory, and writes are"
                                    + " refused when that is full",
                            e.getMessage());
                    backpressure.stuck(true);
                }
                if (closing) {
                    return false; // the journal has it
                }
                LockSupport.parkNanos(this, RETRY_NANOS);
            }
        }
        return false;
    }
}
