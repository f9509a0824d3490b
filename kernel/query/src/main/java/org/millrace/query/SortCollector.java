package org.millrace.query;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Queue;
import org.millrace.content.Value;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.ResourceException;
import org.millrace.spi.resource.Row;

/**
 * Sorts rows in memory: with a limit it keeps the best so many and no more, without one all, up to
 * {@link QueryLimits#sortedRows}. Equal rows stay in the order in which their records came.
 */
final class SortCollector implements Collector {
    /** What an entry of the heap costs beside its content, roughly. */
    private static final int OVERHEAD_BYTES = 200;

    private final List<SortKey> keys;
    private final Projection projection;
    private final QueryLimits limits;
    private final long keep;
    private final long skip;
    private final Comparator<Candidate> order;
    private final PriorityQueue<Candidate> worstFirst;
    private final Queue<Row> ready = new ArrayDeque<>();
    private long bytes;
    private long seen;

    /** A row with what it is sorted by. */
    private record Candidate(List<Value> values, long place, Row row) {
        long weight() {
            return OVERHEAD_BYTES + row.content().size();
        }
    }

    SortCollector(ParsedQuery query, Projection projection, QueryLimits limits) {
        this.keys = query.sort();
        this.projection = projection;
        this.limits = limits;
        this.skip = query.offset();
        long end = query.offset() + query.limit();
        this.keep = end < 0 ? Long.MAX_VALUE : end;
        this.order =
                ((Comparator<Candidate>) (a, b) -> compare(a.values, b.values)).thenComparingLong(Candidate::place);
        this.worstFirst = new PriorityQueue<>(order.reversed());
    }

    private int compare(List<Value> a, List<Value> b) {
        for (int i = 0; i < keys.size(); i++) {
            int byKey = a.get(i).compareTo(b.get(i));
            if (byKey != 0) {
                return keys.get(i).descending() ? -byKey : byKey;
            }
        }
        return 0;
    }

    @Override
    public void add(RecordAttributes entry) {
        List<Value> values = new ArrayList<>(keys.size());
        keys.forEach(key -> values.add(entry.value(key.attribute())));
        if (worstFirst.size() >= keep) {
            Candidate worst = worstFirst.peek();
            // One that is equal to the worst came later, so it stands behind.
            if (worst == null || compare(values, worst.values) >= 0) {
                return;
            }
            bytes -= worst.weight();
            worstFirst.remove();
        }
        Candidate candidate = new Candidate(values, seen++, projection.row(entry));
        bytes += candidate.weight();
        worstFirst.add(candidate);
        if (worstFirst.size() > limits.sortedRows() || bytes > limits.sortedBytes()) {
            throw new ResourceException(
                    ErrorCode.TOO_LARGE,
                    "the query would sort more than " + limits.sortedRows() + " rows or " + limits.sortedBytes()
                            + " bytes in memory; narrow its conditions, select fewer attributes or add limit(n)");
        }
    }

    @Override
    public boolean isFull() {
        return keep == 0;
    }

    @Override
    public List<Row> take(int maxRows, boolean scanned) {
        if (scanned && !worstFirst.isEmpty()) {
            List<Candidate> sorted = new ArrayList<>(worstFirst);
            worstFirst.clear();
            sorted.sort(order);
            sorted.stream().skip(skip).map(Candidate::row).forEach(ready::add);
        }
        return StreamCollector.take(ready, maxRows);
    }

    @Override
    public boolean isEmpty() {
        return ready.isEmpty();
    }
}
