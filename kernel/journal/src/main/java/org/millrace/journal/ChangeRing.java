package org.millrace.journal;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.millrace.spi.resource.Change;

/**
 * The newest published changes, bounded in number and bytes. One thread adds; any thread reads without locks: a change
 * carries its seq, so a reader sees by itself whether a slot still holds what it came for.
 */
final class ChangeRing {
    private static final VarHandle SLOT = MethodHandles.arrayElementVarHandle(Change[].class);
    /** What a change weighs beside its bytes: objects, references, path. */
    private static final int OVERHEAD = 256;

    private final @Nullable Change[] slots;
    private final int[] weights;
    private final int mask;
    private final long maxBytes;
    private long bytes;
    private long oldest;
    private long newest;
    /** What other threads may know of the two above. */
    private final AtomicLong shownBytes = new AtomicLong();

    private final AtomicLong shownOldest;

    ChangeRing(int capacity, long maxBytes, long lastSeq) {
        int size = Integer.highestOneBit(Math.max(1, capacity - 1)) << (capacity > 1 ? 1 : 0);
        this.slots = new Change[size];
        this.weights = new int[size];
        this.mask = size - 1;
        this.maxBytes = maxBytes;
        this.oldest = lastSeq + 1;
        this.newest = lastSeq;
        this.shownOldest = new AtomicLong(oldest);
    }

    /** Adds the change that follows the one added last. One thread only. */
    void add(Change change) {
        newest = change.cursor().position();
        if (newest - oldest > mask) {
            evictOldest();
        }
        int slot = (int) newest & mask;
        weights[slot] = weight(change);
        bytes += weights[slot];
        SLOT.setRelease(slots, slot, change);
        while (bytes > maxBytes && oldest <= newest) {
            evictOldest();
        }
        shownBytes.setRelease(bytes);
        shownOldest.setRelease(oldest);
    }

    private void evictOldest() {
        int slot = (int) oldest & mask;
        bytes -= weights[slot];
        SLOT.setRelease(slots, slot, null);
        oldest++;
    }

    private static int weight(Change change) {
        long weight = OVERHEAD;
        if (change.content().isPresent()) {
            weight += change.content().get().size();
        }
        if (change.patch().isPresent()) {
            weight += change.patch().get().size();
        }
        return (int) Math.min(weight, Integer.MAX_VALUE);
    }

    /** The change of this seq, or null if it is no longer here. Any thread. */
    @Nullable
    Change get(long seq) {
        @Nullable Change found = (Change) SLOT.getAcquire(slots, (int) seq & mask);
        return found != null && found.cursor().position() == seq ? found : null;
    }

    /** How full it is when changes up to this one have been added. Any thread; moments old under load. */
    RingUsage usage(long lastSeq) {
        long first = shownOldest.getAcquire();
        return new RingUsage(first, Math.max(0, lastSeq - first + 1), slots.length, shownBytes.getAcquire(), maxBytes);
    }

    /** Drops the derived forms of all changes here. Any thread. */
    void forgetShared() {
        for (int i = 0; i < slots.length; i++) {
            @Nullable Change change = (Change) SLOT.getAcquire(slots, i);
            if (change != null) {
                change.forgetShared();
            }
        }
    }
}
