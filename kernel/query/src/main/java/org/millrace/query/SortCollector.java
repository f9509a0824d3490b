package org.millrace.query;

import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.ResourceException;
import org.millrace.spi.resource.Row;

/**
 * Sorts rows in memory: with a limit it keeps the best so many and no more, without one all, up to
 * {@link QueryLimits#sortedRows}. Equal rows stay in the order in which their records came.
 */
final class SortCollector implements Collector {
    private final Projection projection;
    private final QueryLimits limits;
    private final long keep;
    private final long skip;
    private final BestRows best;
    private final Queue<Row> ready = new ArrayDeque<>();

    SortCollector(ParsedQuery query, Projection projection, QueryLimits limits) {
        this.projection = projection;
        this.limits = limits;
        this.skip = query.offset();
        this.keep = query.end();
        this.best = new BestRows(query.order(), keep);
    }

    @Override
    public void add(RecordAttributes entry) {
        best.add(entry, projection);
        if (best.size() > limits.sortedRows() || best.bytes() > limits.sortedBytes()) {
            throw new ResourceException(
                    ErrorCode.TOO_LARGE,
                    "the query would sort more than " + limits.sortedRows() + " rows or " + limits.sortedBytes()
                            + " bytes in memory; narrow its conditions, select fewer attributes, add limit(n), or raise"
                            + " queries.sorted-rows and queries.sorted-size");
        }
    }

    @Override
    public boolean isFull() {
        return keep == 0;
    }

    @Override
    public List<Row> take(int maxRows, boolean scanned) {
        if (scanned && best.size() > 0) {
            best.drain().stream().skip(skip).forEach(ready::add);
        }
        return StreamCollector.take(ready, maxRows);
    }

    @Override
    public boolean isEmpty() {
        return ready.isEmpty();
    }
}
