package org.millrace.store;

import java.time.Clock;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.millrace.content.Value;
import org.millrace.query.IndexRead;
import org.millrace.query.ValueRange;
import org.millrace.spi.resource.Entry;
import org.millrace.spi.resource.Path;
import org.millrace.spi.resource.ResourceException;
import org.millrace.store.kv.KvCursor;
import org.millrace.store.kv.KvSnapshot;
import org.millrace.store.kv.Tree;

/**
 * Reads records by indexes, over overlay and disk. As in {@link RecordReader} the overlay is looked at before a snapshot
 * of the disk is opened. Any thread; blocks for page faults only.
 */
final class IndexReader {
    /** How many steps are made on one snapshot at most. */
    static final int SNAPSHOT_STEPS = 4_096;

    private static final int ENTRY_OVERHEAD = 64;

    private final Overlay overlay;
    private final RecordTree tree;
    private final Clock clock;

    IndexReader(Overlay overlay, RecordTree tree, Clock clock) {
        this.overlay = overlay;
        this.tree = tree;
        this.clock = clock;
    }

    /** Works on overlay and disk as they are together at one moment. */
    @FunctionalInterface
    interface Work<R> {
        R run(KvSnapshot snapshot, Overlay.View view);
    }

    <R> R read(Work<R> work) {
        Overlay.View view = overlay.view();
        return tree.kv().read(snapshot -> work.run(snapshot, view));
    }

    long now() {
        return clock.millis();
    }

    /**
     * A record as it is now.
     *
     * @param young its state in the overlay; null if that does not know it
     * @param entry the record; null if it is gone
     */
    record Present(@Nullable Pending young, @Nullable Entry entry) {}

    /** The record of a key as it is now. */
    Present record(KvSnapshot snapshot, Overlay.View view, byte[] key, long nowMillis) {
        Pending young = view.isEmpty() ? null : view.find(key);
        StoredEntry entry;
        if (young != null) {
            entry = young.entry();
        } else {
            var value = snapshot.get(Tree.RECORDS, key);
            entry = value == null || RecordCodec.expiryMillis(value) <= nowMillis
                    ? null
                    : tree.codec().decode(key, value);
        }
        boolean isGone = entry == null || Expiry.millis(entry.entry().expiresAt()) <= nowMillis;
        return new Present(young, isGone || entry == null ? null : entry.entry());
    }

    static int weight(Entry entry) {
        return ENTRY_OVERHEAD
                + entry.path().toString().length()
                + entry.content().size();
    }

    /**
     * Finds all records of a range at one moment.
     *
     * @return in the order of ids; empty if there are more than so many
     */
    Optional<List<IdStream.Found>> find(TableIndexes table, int index, ValueRange range, int most) {
        KeyInterval interval = IndexKey.interval(index, range);
        return read((snapshot, view) -> {
            List<IdStream.Found> found = new ArrayList<>();
            boolean overlaid = !view.isEmpty();
            KvCursor cursor = snapshot.cursor(Tree.INDEXES, interval.from(), true);
            while (cursor.next()) {
                byte[] key = cursor.key();
                if (interval.endsBefore(key)) {
                    break;
                }
                byte[] suffix = IndexKey.suffixOf(key);
                byte[] record = IndexKey.recordKey(table.table(), suffix, cursor.value());
                Pending young = overlaid ? view.find(record) : null;
                if (young == null || isIn(young, interval)) {
                    found.add(new IdStream.Found(suffix, record));
                    if (found.size() > most) {
                        return Optional.empty();
                    }
                }
            }
            if (overlaid) {
                add(view, view.active(), table, interval, most, found);
                if (view.frozen() != null) {
                    add(view, view.frozen(), table, interval, most, found);
                }
            }
            if (found.size() > most) {
                return Optional.empty();
            }
            Collections.sort(found);
            // A record may have been met on disk and in the overlay.
            List<IdStream.Found> distinct = new ArrayList<>(found.size());
            for (IdStream.Found one : found) {
                if (distinct.isEmpty() || distinct.getLast().compareTo(one) != 0) {
                    distinct.add(one);
                }
            }
            return Optional.of(distinct);
        });
    }

    private static void add(
            Overlay.View view,
            Generation generation,
            TableIndexes table,
            KeyInterval interval,
            int most,
            List<IdStream.Found> found) {
        byte[] key = generation.indexKeyFrom(interval.from());
        while (key != null && !interval.endsBefore(key) && found.size() <= most) {
            Pending state = generation.findIndexed(key);
            Pending newest = state == null ? null : view.find(state.key());
            if (newest != null && isIn(newest, interval)) {
                found.add(new IdStream.Found(table.suffix(newest.key()), newest.key()));
            }
            key = generation.indexKeyFrom(java.util.Arrays.copyOf(key, key.length + 1));
        }
    }

    private static boolean isIn(Pending state, KeyInterval interval) {
        return state.indexed() != null && state.indexed().in(interval) != null;
    }

    /** About how many entries lie in an interval. */
    int count(KeyInterval interval, int atMost) {
        return read((snapshot, view) -> {
            int count = view.active().indexEntries(interval, atMost);
            if (view.frozen() != null) {
                count += view.frozen().indexEntries(interval, atMost);
            }
            KvCursor cursor = snapshot.cursor(Tree.INDEXES, interval.from(), true);
            while (count < atMost && cursor.next() && !interval.endsBefore(cursor.key())) {
                count++;
            }
            return Math.min(count, atMost);
        });
    }

    /** Brings a read to streams on a snapshot; ranges must have been found before. */
    static IdStream stream(
            IndexRead read,
            TableIndexes table,
            Map<IndexRead.Range, List<IdStream.Found>> found,
            KvSnapshot snapshot,
            Overlay.View view) {
        return switch (read) {
            case IndexRead.All(List<IndexRead> parts) ->
                new IdStream.OfAll(parts.stream()
                        .map(part -> stream(part, table, found, snapshot, view))
                        .toList());
            case IndexRead.Any(List<IndexRead> parts) ->
                new IdStream.OfAny(parts.stream()
                        .map(part -> stream(part, table, found, snapshot, view))
                        .toList());
            case IndexRead.Range range when range.attribute().equals(TableIndexes.ID) -> byId(table, range.range());
            case IndexRead.Range range
            when range.range() instanceof ValueRange.Point(var value) -> {
                Index index = java.util.Objects.requireNonNull(table.of(range.attribute()));
                yield new IdStream.OfPoint(new IndexMerge(table, snapshot, view), IndexKey.point(index.id(), value));
            }
            case IndexRead.Range range -> new IdStream.OfFound(java.util.Objects.requireNonNull(found.get(range)));
        };
    }

    /** The record of an id, as a stream of one; null is the id of the record that has the table's name alone. */
    private static IdStream byId(TableIndexes table, ValueRange range) {
        byte[] key = null;
        try {
            key = switch (range) {
                case ValueRange.Point(Value.Text(String id)) -> RecordKey.of(Path.of(table.name(), id));
                case ValueRange.Point(Value.Null()) -> RecordKey.of(Path.of(table.name()));
                case ValueRange.Point _ -> null;
                case ValueRange.Everything _, ValueRange.Present _, ValueRange.Between _, ValueRange.StartsWith _ ->
                    throw new IllegalArgumentException("ids are found one by one, not by " + range);
            };
        } catch (ResourceException _) {
            // What cannot be an id is that of no record.
            return new IdStream.OfFound(List.of());
        }
        return new IdStream.OfFound(key == null ? List.of() : List.of(new IdStream.Found(table.suffix(key), key)));
    }
}
