package org.millrace.store;

import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import org.jspecify.annotations.Nullable;
import org.millrace.spi.resource.Path;

/**
 * The newest states of the records that changed within one stretch of the journal. The writer thread adds to it until
 * it is frozen; any thread reads it without locks.
 *
 * <p>A record that changes again costs one hash look-up and one volatile store; only its first change pays for the
 * ordered map, which scans and the applier walk.
 */
final class Generation {
    private final ConcurrentHashMap<Path, Slot> byPath = new ConcurrentHashMap<>();
    private final ConcurrentSkipListMap<byte[], Slot> byKey = new ConcurrentSkipListMap<>(Arrays::compareUnsigned);

    /** Entries of indexes; one may be left of an earlier state for a moment. */
    private final ConcurrentSkipListMap<byte[], Slot> byIndexKey = new ConcurrentSkipListMap<>(Arrays::compareUnsigned);

    // Written by the writer thread only.
    private volatile int entries;
    private volatile long bytes;
    private volatile long throughSeq;

    /** Where the state of one record is found and replaced. */
    private static final class Slot {
        private volatile Pending state;

        Slot(Pending state) {
            this.state = state;
        }
    }

    /** Adds the state after a change. The writer thread, in the order of the journal. */
    void put(Pending state) {
        Slot slot = byPath.get(state.path());
        if (slot != null) {
            Pending before = slot.state;
            enter(state, slot);
            slot.state = state;
            leave(before, state);
            setBytes(bytes + state.weight() - before.weight());
            return;
        }
        Slot added = new Slot(state);
        byPath.put(state.path(), added);
        byKey.put(state.key(), added);
        enter(state, added);
        setBytes(bytes + state.weight());
        setEntries(entries + 1);
    }

    private void enter(Pending state, Slot slot) {
        IndexEntries entries = state.indexed();
        if (entries != null) {
            for (byte[] key : entries.keys()) {
                byIndexKey.put(key, slot);
            }
        }
    }

    private void leave(Pending before, Pending now) {
        IndexEntries left = before.indexed();
        if (left != null) {
            for (byte[] key : left.keys()) {
                if (now.indexed() == null || !now.indexed().contains(key)) {
                    byIndexKey.remove(key);
                }
            }
        }
    }

    /** Notes that all journaled changes up to this one have been added. The writer thread. */
    void advance(long seq) {
        throughSeq = seq;
    }

    private void setEntries(int value) {
        entries = value;
    }

    private void setBytes(long value) {
        bytes = value;
    }

    @Nullable
    Pending find(Path path) {
        if (entries == 0) {
            return null; // as on every read while few write; the path's hash is not worth its cache miss
        }
        Slot slot = byPath.get(path);
        return slot == null ? null : slot.state;
    }

    /** As {@link #find(Path)}, by the record's key. */
    @Nullable
    Pending find(byte[] key) {
        if (entries == 0) {
            return null;
        }
        Slot slot = byKey.get(key);
        return slot == null ? null : slot.state;
    }

    /** The first entry of an index whose key is not less than another, or null. */
    byte @Nullable [] indexKeyFrom(byte[] key) {
        Map.Entry<byte[], Slot> found = byIndexKey.ceilingEntry(key);
        return found == null ? null : found.getKey();
    }

    /** The last entry of an index whose key is less than another, or null. */
    byte @Nullable [] indexKeyBefore(byte[] key) {
        Map.Entry<byte[], Slot> found = byIndexKey.lowerEntry(key);
        return found == null ? null : found.getKey();
    }

    /** The state that has, or had, an entry of an index; null if it has gone meanwhile. */
    @Nullable
    Pending findIndexed(byte[] indexKey) {
        Slot slot = byIndexKey.get(indexKey);
        return slot == null ? null : slot.state;
    }

    /** How many entries of indexes lie in an interval, as far as that is worth counting. */
    int indexEntries(KeyInterval interval, int atMost) {
        if (byIndexKey.isEmpty()) {
            return 0;
        }
        byte[] to = interval.to();
        var range = to == null
                ? byIndexKey.tailMap(interval.from(), true)
                : byIndexKey.subMap(interval.from(), true, to, false);
        int count = 0;
        for (var keys = range.keySet().iterator(); count < atMost && keys.hasNext(); count++) {
            keys.next();
        }
        return count;
    }

    /** The states from a key on, in key order; states added meanwhile may be missed. */
    OverlayCursor.Source from(byte[] key, boolean inclusive) {
        var values = byKey.tailMap(key, inclusive).values().iterator();
        return () -> values.hasNext() ? values.next().state : null;
    }

    /** How many records have a state here. */
    int entries() {
        return entries;
    }

    /** Roughly what the states take on the heap. */
    long bytes() {
        return bytes;
    }

    /** The last change contained, counting those that alter no record; 0 if none was noted. */
    long throughSeq() {
        return throughSeq;
    }
}
