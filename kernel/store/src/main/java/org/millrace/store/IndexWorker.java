package org.millrace.store;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.millrace.content.AttributePath;
import org.millrace.content.AttributeSelection;
import org.millrace.store.kv.KvCursor;
import org.millrace.store.kv.KvException;
import org.millrace.store.kv.Tree;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes indexes as they are declared, slice by slice between the applier's commits, and takes down those that are not
 * wanted any more. Whatever it does is noted on disk in the same transaction, so that a restart goes on where it was.
 *
 * <p>From the moment an index is noted, every commit enters its records, whether the building has come there or not;
 * the building enters those that were there before. So the index is complete when the building has been through the
 * table once.
 *
 * <p>Owned by the applier thread, but for {@link #declare} and {@link #status}.
 */
final class IndexWorker {
    private static final int SLICE_RECORDS = 1_024;
    private static final long SLICE_BYTES = 1L << 20;
    private static final byte[] NONE = {};
    private static final int COUNTED_RECORDS = 65_536;
    private static final Logger LOG = LoggerFactory.getLogger(IndexWorker.class);

    private final Overlay overlay;
    private final RecordTree tree;
    private final IndexTree indexes;
    private final Map<String, Set<AttributePath>> declared = new ConcurrentHashMap<>();
    private final Map<Integer, Index> all = new HashMap<>();
    /** For indexes that are being built. */
    private final Map<Integer, Building> building = new HashMap<>();

    private int nextId;
    private boolean diskWasFull;

    /** How far the building of an index has come. */
    private static final class Building {
        private final Index index;
        private final List<KeyInterval> intervals;
        private final AttributeSelection selection;
        /** What of the overlay has no entries in the index; null after a restart, when everything has. */
        private final Overlay.@Nullable View since;

        private byte[] position;
        private byte[] countPosition;
        private boolean counted;
        private boolean scanned;
        private long total;
        private long done;

        Building(Index index, byte[] position, Overlay.@Nullable View since) {
            this.index = index;
            this.intervals = ScanPlan.of(ScanRange.table(index.table())).intervals();
            this.selection = new AttributeSelection(List.of(index.attribute()));
            this.position = position;
            this.countPosition = position;
            this.since = since;
        }

        /** Whether some state that has no entry in the index is still to be applied. */
        boolean isSurpassed(Overlay.View now) {
            return since == null
                    || !isIn(since.active(), now) && (since.frozen() == null || !isIn(since.frozen(), now));
        }

        private static boolean isIn(Generation generation, Overlay.View view) {
            return generation.entries() > 0 && (view.active() == generation || view.frozen() == generation);
        }
    }

    IndexWorker(Overlay overlay, RecordTree tree, IndexTree indexes, List<IndexTree.Note> notes) {
        this.overlay = overlay;
        this.tree = tree;
        this.indexes = indexes;
        this.nextId = indexes.nextId();
        for (IndexTree.Note note : notes) {
            Index index = note.index();
            all.put(index.id(), index);
            if (index.state() == Index.State.BUILDING) {
                building.put(index.id(), new Building(index, note.position(), null));
            }
        }
        publish();
    }

    /** Says which indexes a table has from now on. Any thread. */
    void declare(String table, Set<AttributePath> attributes) {
        declared.put(table, new LinkedHashSet<>(attributes));
    }

    /** Whether the overlay's present states have to be on disk for the work to go on. The applier thread. */
    boolean awaitsApplying() {
        return building.values().stream().anyMatch(b -> b.scanned);
    }

    /** Does a slice of what there is to do; returns whether there is more to do at once. */
    boolean step() {
        try {
            boolean more = reconcile() || build() || drop();
            if (diskWasFull) {
                diskWasFull = false;
                LOG.info("the disk of the records has space again; indexes are worked on");
            }
            return more;
        } catch (KvException e) {
            if (e.kind() != KvException.Kind.DISK_FULL) {
                throw e;
            }
            if (!diskWasFull) {
                diskWasFull = true;
                LOG.warn("{}. Indexes are not worked on until there is space; free some", e.getMessage());
            }
            return false;
        }
    }

    private boolean reconcile() {
        for (Map.Entry<String, Set<AttributePath>> entry : declared.entrySet()) {
            reconcile(entry.getKey(), entry.getValue());
            declared.remove(entry.getKey(), entry.getValue());
            return true;
        }
        return false;
    }

    private void reconcile(String table, Set<AttributePath> wanted) {
        Set<AttributePath> missing = new LinkedHashSet<>(wanted);
        for (Index index : List.copyOf(all.values())) {
            if (index.table().equals(table) && index.state() != Index.State.DROPPING) {
                if (!missing.remove(index.attribute())) {
                    indexes.note(index, Index.State.DROPPING);
                    // Readers look at the state when they are through: entries vanish from now on.
                    index.state(Index.State.DROPPING);
                    building.remove(index.id());
                    publish();
                    LOG.info("index {} is dropped", index);
                }
            }
        }
        for (AttributePath attribute : missing) {
            Index index = new Index(nextId, table, attribute, Index.State.BUILDING);
            indexes.create(index);
            nextId++;
            all.put(index.id(), index);
            Overlay.View since = publish();
            building.put(index.id(), new Building(index, NONE, since));
            LOG.info("index {} is being built", index);
        }
    }

    private Overlay.View publish() {
        return overlay.publish(all.values().stream()
                .filter(index -> index.state() != Index.State.DROPPING)
                .sorted(Comparator.comparingInt(Index::id))
                .toList());
    }

    private boolean build() {
        for (Building one : building.values()) {
            if (!one.counted) {
                count(one);
                return true;
            }
            if (!one.scanned) {
                enter(one);
                return true;
            }
            if (one.isSurpassed(overlay.view())) {
                indexes.note(one.index, Index.State.READY);
                one.index.state(Index.State.READY);
                building.remove(one.index.id());
                LOG.info("index {} is ready", one.index);
                return true;
            }
        }
        return false;
    }

    private void count(Building one) {
        byte[] last = walk(one.intervals, one.countPosition, COUNTED_RECORDS, (key, cursor) -> {
            one.total++;
            return true;
        });
        one.counted = last == null;
        one.countPosition = last == null ? one.countPosition : last;
        one.index.progress(0, one.counted ? one.total : -1);
    }

    private void enter(Building one) {
        int tableLength = one.index.table().getBytes(java.nio.charset.StandardCharsets.UTF_8).length;
        List<IndexTree.Entry> entries = new ArrayList<>();
        long[] left = {SLICE_BYTES};
        byte[][] position = {one.position};
        byte[] last = walk(one.intervals, one.position, SLICE_RECORDS, (key, cursor) -> {
            var value = cursor.value();
            left[0] -= value.remaining();
            var content = tree.codec().decode(key, value).entry().content();
            byte[] suffix = IndexKey.suffix(key, tableLength);
            entries.add(new IndexTree.Entry(
                    IndexKey.of(one.index.id(), one.selection.extract(content).getFirst(), suffix), key));
            position[0] = key;
            return left[0] > 0;
        });
        entries.sort((a, b) -> Arrays.compareUnsigned(a.key(), b.key()));
        indexes.enter(one.index, entries, position[0]);
        one.position = position[0];
        one.scanned = last == null;
        one.done += entries.size();
        // Records may have come since they were counted.
        one.index.progress(one.done, Math.max(one.done, one.total));
    }

    /** Looks at a record on disk; returns whether to go on. */
    private interface Visitor {
        boolean visit(byte[] key, KvCursor cursor);
    }

    /** Walks over records behind a key; returns the last one visited, or null if there are no more. */
    private byte @Nullable [] walk(List<KeyInterval> intervals, byte[] after, int most, Visitor visitor) {
        byte[] last = tree.kv().read(snapshot -> {
            int left = most;
            for (KeyInterval interval : intervals) {
                if (after.length > 0 && interval.endsBefore(after)) {
                    continue;
                }
                boolean inside = after.length > 0 && Arrays.compareUnsigned(after, interval.from()) >= 0;
                KvCursor cursor = snapshot.cursor(Tree.RECORDS, inside ? after : interval.from(), !inside);
                while (cursor.next()) {
                    byte[] key = cursor.key();
                    if (interval.endsBefore(key)) {
                        break;
                    }
                    if (!visitor.visit(key, cursor) || --left == 0) {
                        return key;
                    }
                }
            }
            return NONE;
        });
        return last.length == 0 ? null : last;
    }

    private boolean drop() {
        for (Index index : all.values()) {
            if (index.state() == Index.State.DROPPING) {
                if (indexes.remove(index, SLICE_RECORDS)) {
                    all.remove(index.id());
                    LOG.info("index {} is gone", index);
                }
                return true;
            }
        }
        return false;
    }
}
