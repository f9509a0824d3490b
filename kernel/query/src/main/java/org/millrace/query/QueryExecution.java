package org.millrace.query;

import java.util.List;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.ResourceException;
import org.millrace.spi.resource.Row;

/**
 * A running query, driven step by step so that nobody who reads slowly or cancels leaves work behind, and no query keeps
 * a thread for long. Used by one thread at a time; a step may block on the disk.
 */
public final class QueryExecution {
    /** So many slices that gave nothing are read in a step before another query gets its turn. */
    private static final int FRUITLESS_SLICES = 8;

    private final Walk walk;
    private final Collector collector;
    private final int sliceRecords;
    private boolean scanned;

    QueryExecution(Walk walk, Collector collector, int sliceRecords) {
        this.walk = walk;
        this.collector = collector;
        this.sliceRecords = sliceRecords;
    }

    static QueryExecution explaining(Row plan) {
        return new QueryExecution(_ -> false, new StreamCollector(List.of(plan)), 1);
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
            scan(Math.min(sliceRecords, Math.max(maxRows, 16)));
            rows = collector.take(maxRows, scanned);
        }
        return new RowSlice(rows, scanned && collector.isEmpty());
    }

    private void scan(int records) {
        scanned = collector.isFull() || !walk.step(records) || collector.isFull();
    }
}
