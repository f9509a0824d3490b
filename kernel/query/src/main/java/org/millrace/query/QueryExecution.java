package org.millrace.query;

import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.millrace.spi.resource.Entry;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.Path;
import org.millrace.spi.resource.ResourceException;
import org.millrace.spi.resource.Row;

/**
 * A running query, driven step by step so that nobody who reads slowly or cancels leaves work behind, and no query keeps
 * a thread for long. Used by one thread at a time; a step may block on the disk.
 */
public final class QueryExecution {
    private static final int SLICE_RECORDS = 256;
    /** So many slices that gave nothing are read in a step before another query gets its turn. */
    private static final int FRUITLESS_SLICES = 8;

    private final Condition where;
    private final RecordSource source;
    private final Predicate<Path> visible;
    private final Collector collector;
    private final RecordAttributes.Wanted wanted;
    private @Nullable Path after;
    private boolean scanned;

    QueryExecution(
            ParsedQuery query,
            RecordSource source,
            @Nullable Path after,
            Predicate<Path> visible,
            Collector collector) {
        this.where = query.where();
        this.source = source;
        this.after = after;
        this.visible = visible;
        this.collector = collector;
        this.wanted = RecordAttributes.Wanted.of(query);
    }

    static QueryExecution explaining(Row plan) {
        return new QueryExecution(
                ParsedQuery.ALL, (_, _) -> List.of(), null, _ -> true, new StreamCollector(List.of(plan)));
    }

    /**
     * Works on.
     *
     * @param maxRows how many rows at most, at least 1
     * @return the next rows, perhaps none yet
     * @throws ResourceException {@link ErrorCode#TOO_LARGE} if the query would hold more in memory than it may; what
     *     reading the records throws. The query is over then
     */
    public RowSlice next(int maxRows) {
        List<Row> rows = collector.take(maxRows, scanned);
        for (int i = 0; rows.isEmpty() && !scanned && i < FRUITLESS_SLICES; i++) {
            scan(Math.min(SLICE_RECORDS, Math.max(maxRows, 16)));
            rows = collector.take(maxRows, scanned);
        }
        return new RowSlice(rows, scanned && collector.isEmpty());
    }

    private void scan(int records) {
        List<Entry> slice = source.read(after, records);
        if (slice.isEmpty()) {
            scanned = true;
            return;
        }
        after = slice.getLast().path();
        for (Entry entry : slice) {
            if (collector.isFull()) {
                break;
            }
            if (visible.test(entry.path())) {
                RecordAttributes attributes = new RecordAttributes(entry, wanted);
                if (where.test(attributes)) {
                    collector.add(attributes);
                }
            }
        }
        scanned = collector.isFull();
    }
}
