package org.millrace.query;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import org.jspecify.annotations.Nullable;
import org.millrace.spi.resource.Row;

/** Gives rows in the order in which records come. */
final class StreamCollector implements Collector {
    private final Queue<Row> ready = new ArrayDeque<>();
    private final @Nullable Projection projection;
    private long skip;
    private long left;

    StreamCollector(ParsedQuery query, Projection projection) {
        this.projection = projection;
        this.skip = query.offset();
        this.left = query.limit();
    }

    /** Rows that were computed beforehand. */
    StreamCollector(List<Row> computed) {
        projection = null;
        ready.addAll(computed);
    }

    @Override
    public void add(RecordAttributes entry) {
        if (skip > 0) {
            skip--;
        } else if (projection != null && left > 0) {
            add(projection.row(entry));
        }
    }

    /** Takes the next row, made already. */
    void add(Row row) {
        if (skip > 0) {
            skip--;
        } else if (left > 0) {
            left--;
            ready.add(row);
        }
    }

    @Override
    public boolean isFull() {
        return left == 0;
    }

    @Override
    public List<Row> take(int maxRows, boolean scanned) {
        return take(ready, maxRows);
    }

    /** Moves rows from a queue into a list. */
    static List<Row> take(Queue<Row> ready, int maxRows) {
        List<Row> rows = new ArrayList<>(Math.min(maxRows, ready.size()));
        while (rows.size() < maxRows && !ready.isEmpty()) {
            rows.add(ready.remove());
        }
        return rows;
    }

    @Override
    public boolean isEmpty() {
        return ready.isEmpty();
    }
}
