package org.millrace.store;

import java.util.Collection;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.millrace.spi.resource.Path;

/**
 * The records that have changed and are not yet in the map on disk, with their newest state, removals included.
 *
 * <p>There are at most two generations. The writer thread adds to the <em>active</em> one. The applier freezes it and
 * an empty one takes its place; it then waits until the journal is synced up to the last change of the <em>frozen</em>
 * one, writes that one to disk in key order, and drops it. Were there one map only, a record that changes again while
 * it is being applied would leave it no state that is both synced and part of a complete stretch of the journal; the
 * frozen generation keeps that state. It is dropped as a whole after its last commit, so that a scan, which looks at
 * the generations before it opens its snapshot of the disk, finds every state in one or the other.
 *
 * <p>Readers take no lock. A lock keeps the writer's batch and the freeze apart; both hold it for moments and do no I/O
 * under it.
 */
final class Overlay {
    private final int maxEntries;
    private final long maxBytes;
    private final IndexCatalog indexes;
    private final ReentrantLock turn = new ReentrantLock();
    private volatile View view = new View(new Generation(), null);

    // Written by the applier: how much of the frozen generation is not on disk yet.
    private volatile int frozenEntriesLeft;
    private volatile long frozenBytesLeft;

    /** Both generations as they stood together. */
    record View(Generation active, @Nullable Generation frozen) {
        /** The newest state of a record, or null if the overlay does not know it. */
        @Nullable
        Pending find(Path path) {
            Pending state = active.find(path);
            return state == null && frozen != null ? frozen.find(path) : state;
        }

        /** As {@link #find(Path)}, by the record's key. */
        @Nullable
        Pending find(byte[] key) {
            Pending state = active.find(key);
            return state == null && frozen != null ? frozen.find(key) : state;
        }

        /** Whether no record has a state here. */
        boolean isEmpty() {
            return active.entries() == 0 && (frozen == null || frozen.entries() == 0);
        }

        OverlayCursor from(byte[] key, boolean inclusive) {
            return new OverlayCursor(active.from(key, inclusive), frozen == null ? null : frozen.from(key, inclusive));
        }
    }

    /**
     * Makes an empty overlay.
     *
     * @param maxEntries how many states may wait
     * @param maxBytes how much they may weigh. Both count what is not yet on disk; as a frozen generation stays in
     *     memory until it is applied, the heap holds at most twice as much
     */
    Overlay(int maxEntries, long maxBytes) {
        this(maxEntries, maxBytes, new IndexCatalog());
    }

    /** An overlay that enters records in indexes. */
    Overlay(int maxEntries, long maxBytes, IndexCatalog indexes) {
        this.indexes = indexes;
        this.maxEntries = maxEntries;
        this.maxBytes = maxBytes;
    }

    /** Both generations; take this before opening a snapshot of the disk. Any thread. */
    View view() {
        return view;
    }

    /** Adds a batch; returns how many of its records were new to the active generation. The writer thread. */
    int add(List<Pending> states, long throughSeq) {
        turn.lock();
        try {
            Generation active = view.active();
            int before = active.entries();
            for (Pending state : states) {
                active.put(state.indexed(indexes));
            }
            active.advance(throughSeq);
            return active.entries() - before;
        } finally {
            turn.unlock();
        }
    }

    /**
     * Sets which indexes records are entered in; states added from now on are. The applier.
     *
     * @return both generations as they are now: until they have been dropped, states without such entries are about
     */
    View publish(Collection<Index> all) {
        turn.lock();
        try {
            indexes.set(all);
            return view;
        } finally {
            turn.unlock();
        }
    }

    /** Freezes what has been added so far. The applier, when nothing is frozen. */
    Generation freeze() {
        turn.lock();
        try {
            View now = view;
            if (now.frozen() != null) {
                throw new IllegalStateException("the frozen generation has not been dropped");
            }
            frozenEntriesLeft = now.active().entries();
            frozenBytesLeft = now.active().bytes();
            view = new View(new Generation(), now.active());
            return now.active();
        } finally {
            turn.unlock();
        }
    }

    /** Notes how much of the frozen generation is left to do. The applier. */
    void frozenLeft(int entries, long bytes) {
        frozenEntriesLeft = entries;
        frozenBytesLeft = bytes;
    }

    /** Drops the frozen generation, which is on disk now. The applier. */
    void drop() {
        turn.lock();
        try {
            view = new View(view.active(), null);
            frozenLeft(0, 0);
        } finally {
            turn.unlock();
        }
    }

    /** How full the overlay is: 0 for empty, 1 and more for full. Any thread. */
    double fill() {
        Generation active = view.active();
        return Math.max(
                (double) (active.entries() + frozenEntriesLeft) / maxEntries,
                (double) (active.bytes() + frozenBytesLeft) / maxBytes);
    }

    /** How many states are not yet on disk. Any thread. */
    int entries() {
        return view.active().entries() + frozenEntriesLeft;
    }

    /** Roughly what they weigh. Any thread. */
    long bytes() {
        return view.active().bytes() + frozenBytesLeft;
    }
}
