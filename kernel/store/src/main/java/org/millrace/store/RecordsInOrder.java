package org.millrace.store;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.millrace.query.OrderedSource;
import org.millrace.spi.resource.Entry;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.ResourceException;
import org.millrace.store.kv.KvException;

/**
 * Records in the order of an attribute. Downwards it goes from run to run, each of them upwards, since records of equal
 * values come in the order of ids. Owned by one query.
 */
final class RecordsInOrder implements OrderedSource {
    private static final int SLICE_BYTES = 256 << 10;

    private final Index index;
    private final TableIndexes table;
    private final KeyInterval interval;
    private final boolean descending;
    private final IndexReader reader;

    private long run = -1;
    private byte @Nullable [] runPrefix;

    /** Where the next slice begins within the stretch; null before the first of a stretch. */
    private byte @Nullable [] from;
    /** What is walked upwards: the whole interval, or one run of it. */
    private @Nullable KeyInterval stretch;
    /** Downwards, the end of what is left. */
    private byte @Nullable [] to;

    private boolean atEnd;

    RecordsInOrder(Index index, TableIndexes table, KeyInterval interval, boolean descending, IndexReader reader) {
        this.index = index;
        this.table = table;
        this.interval = interval;
        this.descending = descending;
        this.reader = reader;
        this.stretch = descending ? null : interval;
        this.to = interval.to();
    }

    @Override
    public List<Found> read(int maxRecords) {
        List<Found> found = new ArrayList<>();
        try {
            while (!atEnd && found.isEmpty()) {
                slice(found, maxRecords);
            }
        } catch (KvException e) {
            throw RecordStore.translated(e);
        }
        if (index.state() != Index.State.READY) {
            throw new ResourceException(
                    ErrorCode.UNAVAILABLE, "index " + index + " was dropped while the query ran; ask again");
        }
        return found;
    }

    private void slice(List<Found> found, int maxRecords) {
        long nowMillis = reader.now();
        reader.read((snapshot, view) -> {
            IndexMerge merge = new IndexMerge(table, snapshot, view);
            long bytesLeft = SLICE_BYTES;
            int stepsLeft = IndexReader.SNAPSHOT_STEPS;
            while (!atEnd && stepsLeft-- > 0 && found.size() < maxRecords && bytesLeft > 0) {
                KeyInterval walked = stretch != null ? stretch : enterRun(merge);
                if (walked == null) {
                    atEnd = true;
                    break;
                }
                if (!merge.seek(from != null ? from : walked.from(), walked)) {
                    leaveStretch(walked);
                    continue;
                }
                from = Arrays.copyOf(merge.key(), merge.key().length + 1);
                Entry entry = reader.record(snapshot, view, merge.recordKey(), nowMillis)
                        .entry();
                if (entry != null) {
                    found.add(found(entry, merge.key()));
                    bytesLeft -= IndexReader.weight(entry);
                }
            }
            return found;
        });
    }

    private @Nullable KeyInterval enterRun(IndexMerge merge) {
        byte[] last = merge.lastKey(new KeyInterval(interval.from(), to));
        if (last == null) {
            return null;
        }
        from = null;
        stretch = KeyInterval.startingWith(Arrays.copyOf(last, IndexKey.suffixStart(last)));
        return stretch;
    }

    private void leaveStretch(KeyInterval left) {
        if (descending) {
            to = left.from();
            stretch = null;
        } else {
            atEnd = true;
        }
        from = null;
    }

    private Found found(Entry entry, byte[] key) {
        int end = IndexKey.suffixStart(key);
        byte[] before = runPrefix;
        if (before == null || before.length != end || !Arrays.equals(before, 0, end, key, 0, end)) {
            run++;
            runPrefix = Arrays.copyOf(key, end);
        }
        return new Found(entry, run, ValueKey.isRough(key, IndexKey.ID, end));
    }
}
