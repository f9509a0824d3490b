package org.millrace.store;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.millrace.query.IndexRead;
import org.millrace.query.RecordSource;
import org.millrace.query.ValueRange;
import org.millrace.spi.resource.Entry;
import org.millrace.spi.resource.Path;
import org.millrace.store.kv.KvException;

/**
 * What an {@link IndexRead} finds, in the order of ids. Points are walked as the query goes on; the records of a range,
 * which an index has in another order, are found at the start, all at one moment. If there are too many of them, or an
 * index is dropped under way, the table is scanned from there on. Owned by one query.
 */
final class RecordsByIndex implements RecordSource {
    private static final int SLICE_BYTES = 256 << 10;
    private static final byte[] START = {};

    private final IndexRead read;
    private final TableIndexes table;
    private final IndexReader reader;
    private final RecordSource scan;
    private final int mostFound;
    private final boolean exact;
    private final Map<IndexRead.Range, List<IdStream.Found>> found = new HashMap<>();
    private boolean prepared;
    /** Whether the last slice has records that may have changed since their entry was met. */
    private boolean overlaid;

    private boolean scanning;

    RecordsByIndex(IndexRead read, TableIndexes table, IndexReader reader, RecordSource scan, int mostFound) {
        this.read = read;
        this.table = table;
        this.reader = reader;
        this.scan = scan;
        this.mostFound = mostFound;
        this.exact = isExact(read);
    }

    private static boolean isExact(IndexRead read) {
        return switch (read) {
            case IndexRead.All(List<IndexRead> parts) -> parts.stream().allMatch(RecordsByIndex::isExact);
            case IndexRead.Any(List<IndexRead> parts) -> parts.stream().allMatch(RecordsByIndex::isExact);
            case IndexRead.Range range when range.attribute().equals(TableIndexes.ID) -> true;
            case IndexRead.Range range -> {
                byte[] key = range.range() instanceof ValueRange.Point(var value) ? ValueKey.of(value) : null;
                yield key != null && !ValueKey.isRough(key, 0, key.length);
            }
        };
    }

    @Override
    public boolean isExact() {
        return exact && !scanning && !overlaid;
    }

    @Override
    public List<Entry> read(@Nullable Path after, int maxRows) {
        try {
            if (!scanning) {
                scanning = !prepared && !prepare(read, mostFound);
                prepared = true;
            }
            if (!scanning) {
                List<Entry> slice = new Slice(after, maxRows).read();
                // Its entries are there until after its state says that they will go.
                scanning = !isUsable(read);
                if (!scanning) {
                    return slice;
                }
            }
        } catch (KvException e) {
            throw RecordStore.translated(e);
        }
        found.clear();
        return scan.read(after, maxRows);
    }

    private boolean isUsable(IndexRead part) {
        return switch (part) {
            case IndexRead.All(List<IndexRead> parts) -> parts.stream().allMatch(this::isUsable);
            case IndexRead.Any(List<IndexRead> parts) -> parts.stream().allMatch(this::isUsable);
            case IndexRead.Range range when range.attribute().equals(TableIndexes.ID) -> true;
            case IndexRead.Range range -> {
                Index index = table.of(range.attribute());
                yield index != null && index.state() == Index.State.READY;
            }
        };
    }

    /** Finds the records of ranges; returns false if there are too many. */
    private boolean prepare(IndexRead part, int most) {
        return switch (part) {
            case IndexRead.All(List<IndexRead> parts) -> parts.stream().allMatch(one -> prepare(one, most));
            case IndexRead.Any(List<IndexRead> parts) -> parts.stream().allMatch(one -> prepare(one, most));
            case IndexRead.Range range when range.range() instanceof ValueRange.Point -> true;
            case IndexRead.Range range -> {
                Index index = table.of(range.attribute());
                if (index == null) {
                    yield false;
                }
                Optional<List<IdStream.Found>> all = reader.find(table, index.id(), range.range(), most);
                if (all.isEmpty()) {
                    yield false;
                }
                found.put(range, all.get());
                yield index.state() == Index.State.READY;
            }
        };
    }

    /** One read under way. */
    private final class Slice {
        private final int maxRows;
        private final long nowMillis = reader.now();
        private final List<Entry> entries = new ArrayList<>();
        private byte[] target;
        private long bytesLeft = SLICE_BYTES;
        private boolean done;

        Slice(@Nullable Path after, int maxRows) {
            this.maxRows = maxRows;
            this.target = after == null ? START : behind(table.suffix(RecordKey.of(after)));
        }

        List<Entry> read() {
            overlaid = false;
            while (!done) {
                // A new snapshot for each turn, so that none is held for long.
                reader.read((snapshot, view) -> {
                    IdStream stream = IndexReader.stream(RecordsByIndex.this.read, table, found, snapshot, view);
                    for (int step = 0; step < IndexReader.SNAPSHOT_STEPS && !done; step++) {
                        byte[] next = stream.seek(target);
                        if (next == null) {
                            done = true;
                        } else if (!stream.isCertain()) {
                            target = next;
                        } else {
                            take(reader.record(snapshot, view, stream.recordKey(), nowMillis));
                            target = behind(next);
                        }
                    }
                    return entries;
                });
            }
            return entries;
        }

        private void take(IndexReader.Present present) {
            overlaid |= present.young() != null;
            Entry entry = present.entry();
            if (entry != null) {
                entries.add(entry);
                bytesLeft -= IndexReader.weight(entry);
                done = entries.size() == maxRows || bytesLeft <= 0;
            }
        }

        private static byte[] behind(byte[] suffix) {
            return Arrays.copyOf(suffix, suffix.length + 1);
        }
    }
}
