package org.millrace.store;

import java.util.Arrays;
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
            long before = slot.state.weight();
            slot.state = state;
            setBytes(bytes + state.weight() - before);
            return;
        }
        Slot added = new Slot(state);
        byPath.put(state.path(), added);
        byKey.put(state.key(), added);
        setBytes(bytes + state.weight());
        setEntries(entries + 1);
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
        Slot slot = byPath.get(path);
        return slot == null ? null : slot.state;
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
