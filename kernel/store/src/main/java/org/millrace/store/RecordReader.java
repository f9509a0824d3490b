package org.millrace.store;

import java.nio.ByteBuffer;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.millrace.spi.resource.Path;
import org.millrace.spi.resource.WriteOptions;
import org.millrace.store.kv.KvCursor;
import org.millrace.store.kv.KvSnapshot;
import org.millrace.store.kv.Tree;

/**
 * Reads the present state of records: the overlay's where it has one, the disk's otherwise. The overlay is looked at
 * first; what it has dropped by then is on disk, in any snapshot opened later. Any thread; blocks for page faults only.
 */
final class RecordReader {
    /** How many entries one snapshot of the disk is used for at most, wanted or not. */
    private static final int SNAPSHOT_ENTRIES = 4_096;
    /** What an entry is reckoned to take besides its content and path. */
    private static final int ENTRY_OVERHEAD = 64;

    private final Overlay overlay;
    private final RecordTree tree;
    private final Clock clock;
    private final LongSupplier now;

    RecordReader(Overlay overlay, RecordTree tree, Clock clock) {
        this.overlay = overlay;
        this.tree = tree;
        this.clock = clock;
        this.now = clock::millis;
    }

    @Nullable
    StoredEntry get(Path path) {
        Pending pending = overlay.view().find(path);
        if (pending != null) {
            StoredEntry entry = pending.entry();
            return entry == null || isExpired(entry) ? null : entry;
        }
        return tree.get(path, now);
    }

    private boolean isExpired(StoredEntry stored) {
        return stored.entry().expiresAt() != WriteOptions.NEVER
                && Expiry.millis(stored.entry().expiresAt()) <= clock.millis();
    }

    List<StoredEntry> scan(ScanRange range, @Nullable Path after, int maxEntries, int maxBytes) {
        ScanPlan plan = ScanPlan.of(range);
        Slice slice = new Slice(plan, clock.millis(), maxEntries, maxBytes);
        byte[] afterKey = after == null ? null : RecordKey.of(after);
        for (KeyInterval interval : plan.intervals()) {
            if (afterKey != null && interval.endsBefore(afterKey)) {
                continue;
            }
            boolean inside = afterKey != null && Arrays.compareUnsigned(afterKey, interval.from()) >= 0;
            slice.enter(interval, inside && afterKey != null ? afterKey : interval.from(), !inside);
            // Each turn uses a new snapshot, so that a long walk over what is not wanted holds none for long.
            while (!slice.isDone()) {
                Overlay.View view = overlay.view();
                tree.kv().read(snapshot -> slice.readOn(snapshot, view));
            }
            if (slice.isFull()) {
                break;
            }
        }
        return slice.entries;
    }

    /** One scan under way; owned by the scanning thread. */
    private final class Slice {
        private final ScanPlan plan;
        private final long nowMillis;
        private final int maxEntries;
        private final List<StoredEntry> entries = new ArrayList<>();
        private long bytesLeft;
        private KeyInterval interval = new KeyInterval(new byte[0], null);
        private byte[] position = interval.from();
        private boolean inclusive;
        private boolean full;
        private boolean atEnd;

        Slice(ScanPlan plan, long nowMillis, int maxEntries, int maxBytes) {
            this.plan = plan;
            this.nowMillis = nowMillis;
            this.maxEntries = maxEntries;
            this.bytesLeft = maxBytes;
            this.full = maxEntries <= 0;
        }

        void enter(KeyInterval next, byte[] from, boolean fromItself) {
            interval = next;
            position = from;
            inclusive = fromItself;
            atEnd = false;
        }

        boolean isFull() {
            return full;
        }

        boolean isDone() {
            return full || atEnd;
        }

        /** Merges overlay and disk from the present position on, for one snapshot's worth of entries. */
        Slice readOn(KvSnapshot snapshot, Overlay.View view) {
            OverlayCursor pending = view.from(position, inclusive);
            KvCursor disk = snapshot.cursor(Tree.RECORDS, position, inclusive);
            byte[] diskKey = disk.next() ? disk.key() : null;
            for (int examined = 0; examined < SNAPSHOT_ENTRIES && !isDone(); examined++) {
                Pending young = pending.peek();
                if (young == null && diskKey == null) {
                    atEnd = true;
                    break;
                }
                int order = young == null ? 1 : diskKey == null ? -1 : Arrays.compareUnsigned(young.key(), diskKey);
                if (young != null && order <= 0) {
                    take(young.key(), young.entry(), null);
                } else if (diskKey != null) {
                    take(diskKey, null, disk.value());
                }
                if (order <= 0) {
                    pending.step();
                }
                if (order >= 0) {
                    diskKey = disk.next() ? disk.key() : null;
                }
            }
            return this;
        }

        private void take(byte[] key, @Nullable StoredEntry young, @Nullable ByteBuffer old) {
            if (interval.endsBefore(key)) {
                atEnd = true;
                return;
            }
            StoredEntry entry = young;
            if (entry == null && old != null && RecordCodec.expiryMillis(old) > nowMillis) {
                entry = tree.codec().decode(key, old);
            }
            if (entry != null
                    && Expiry.millis(entry.entry().expiresAt()) > nowMillis
                    && plan.contains(entry.entry().path())) {
                long size = ENTRY_OVERHEAD
                        + entry.entry().path().toString().length()
                        + entry.entry().content().size();
                if (!entries.isEmpty() && size > bytesLeft) {
                    full = true;
                    return;
                }
                entries.add(entry);
                bytesLeft -= size;
                full = entries.size() == maxEntries || bytesLeft <= 0;
            }
            position = key;
            inclusive = false;
        }
    }
}
