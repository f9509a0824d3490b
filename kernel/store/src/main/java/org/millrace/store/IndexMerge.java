package org.millrace.store;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.millrace.store.kv.KvCursor;
import org.millrace.store.kv.KvSnapshot;
import org.millrace.store.kv.Tree;

/**
 * The entries of an index as overlay and disk have them together: those on disk, but for records that the overlay knows
 * better. Used by one thread within one snapshot, which is opened after the overlay's view was taken.
 */
final class IndexMerge {
    private static final byte[] START = {};

    private final byte[] table;
    private final Overlay.View view;
    private final boolean overlaid;
    private final KvCursor cursor;

    /** The key the cursor stands at; null before it was moved and at the end. */
    private byte @Nullable [] diskKey;

    private boolean moved;

    private byte[] key = START;
    private byte[] recordKey = START;

    IndexMerge(TableIndexes indexes, KvSnapshot snapshot, Overlay.View view) {
        this.table = indexes.table();
        this.view = view;
        this.overlaid = !view.isEmpty();
        this.cursor = snapshot.cursor(Tree.INDEXES, START, true);
    }

    /**
     * Moves to the first valid entry whose key is not less than another.
     *
     * @param from must not lie before that of an earlier call, unless {@link #lastKey} was called since
     * @param interval where to stop
     * @return false if there is none
     */
    boolean seek(byte[] from, KeyInterval interval) {
        byte[] target = from;
        while (true) {
            byte[] next = least(target);
            if (next == null || interval.endsBefore(next)) {
                return false;
            }
            if (accept(next)) {
                return true;
            }
            target = Arrays.copyOf(next, next.length + 1);
        }
    }

    /** Moves to the next valid entry of the interval. */
    boolean next(KeyInterval interval) {
        return seek(Arrays.copyOf(key, key.length + 1), interval);
    }

    private byte @Nullable [] least(byte[] target) {
        byte[] least = disk(target);
        if (overlaid) {
            least = lesser(least, view.active().indexKeyFrom(target));
            Generation frozen = view.frozen();
            if (frozen != null) {
                least = lesser(least, frozen.indexKeyFrom(target));
            }
        }
        return least;
    }

    private static byte @Nullable [] lesser(byte @Nullable [] a, byte @Nullable [] b) {
        if (a == null || b == null) {
            return a == null ? b : a;
        }
        return Arrays.compareUnsigned(a, b) <= 0 ? a : b;
    }

    private byte @Nullable [] disk(byte[] target) {
        byte[] here = diskKey;
        if (!moved) {
            moved = true;
            here = cursor.seek(target) ? cursor.key() : null;
        } else if (here != null && Arrays.compareUnsigned(here, target) < 0) {
            // Most often the next one is wanted.
            here = cursor.next() ? cursor.key() : null;
            if (here != null && Arrays.compareUnsigned(here, target) < 0) {
                here = cursor.seek(target) ? cursor.key() : null;
            }
        }
        diskKey = here;
        return here;
    }

    /** Whether the record of an entry has it now; takes it as the present one if so. */
    private boolean accept(byte[] candidate) {
        byte[] onDisk = diskKey;
        boolean isOnDisk = onDisk != null && Arrays.equals(onDisk, candidate);
        byte[] record = record(candidate, isOnDisk);
        if (record == null) {
            return false;
        }
        Pending young = overlaid ? view.find(record) : null;
        if (young == null
                ? !isOnDisk
                : young.indexed() == null || !young.indexed().contains(candidate)) {
            return false;
        }
        key = candidate;
        recordKey = record;
        return true;
    }

    private byte @Nullable [] record(byte[] candidate, boolean isOnDisk) {
        byte[] suffix = IndexKey.suffixOf(candidate);
        if (!IndexKey.isShortened(suffix)) {
            return IndexKey.recordKey(table, suffix, null);
        }
        if (isOnDisk) {
            return IndexKey.recordKey(table, suffix, cursor.value());
        }
        Pending state = view.active().findIndexed(candidate);
        if (state == null && view.frozen() != null) {
            state = view.frozen().findIndexed(candidate);
        }
        return state == null ? null : state.key();
    }

    /** The greatest key of an interval, valid or not; null if it is empty. Moves the place on disk. */
    byte @Nullable [] lastKey(KeyInterval interval) {
        byte[] to = interval.to();
        byte[] last = within(interval, cursor.seekBefore(to) ? cursor.key() : null);
        diskKey = null;
        moved = false;
        if (overlaid && to != null) {
            last = greater(last, within(interval, view.active().indexKeyBefore(to)));
            Generation frozen = view.frozen();
            if (frozen != null) {
                last = greater(last, within(interval, frozen.indexKeyBefore(to)));
            }
        }
        return last;
    }

    private static byte @Nullable [] within(KeyInterval interval, byte @Nullable [] found) {
        return found == null || Arrays.compareUnsigned(found, interval.from()) < 0 ? null : found;
    }

    private static byte @Nullable [] greater(byte @Nullable [] a, byte @Nullable [] b) {
        if (a == null || b == null) {
            return a == null ? b : a;
        }
        return Arrays.compareUnsigned(a, b) >= 0 ? a : b;
    }

    /** The present entry's key. */
    byte[] key() {
        return key;
    }

    /** The key of the present entry's record. */
    byte[] recordKey() {
        return recordKey;
    }
}
