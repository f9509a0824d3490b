package org.millrace.query;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import org.millrace.content.Value;
import org.millrace.spi.resource.Row;

/**
 * Keeps the first so many of the rows it is given, in the order of sort keys; rows that are equal in them stay in the
 * order in which they came. Owned by its query, whose limits it knows nothing of.
 */
final class BestRows {
    /** What an entry of the heap costs beside its content, roughly. */
    private static final int OVERHEAD_BYTES = 200;

    private final List<SortKey> keys;
    private final long keep;
    private final Comparator<Candidate> order =
            ((Comparator<Candidate>) (a, b) -> compare(a.values, b.values)).thenComparingLong(Candidate::place);
    private final PriorityQueue<Candidate> worstFirst = new PriorityQueue<>(order.reversed());
    private long bytes;
    private long seen;

    /** A row with what it is sorted by. */
    private record Candidate(List<Value> values, long place, Row row) {
        long weight() {
            return OVERHEAD_BYTES + row.content().size();
        }
    }

    BestRows(List<SortKey> keys, long keep) {
        this.keys = keys;
        this.keep = keep;
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

    /** Takes a record, and makes a row of it only if it is among the best so far. */
    void add(RecordAttributes record, Projection projection) {
        List<Value> values = new ArrayList<>(keys.size());
        keys.forEach(key -> values.add(record.value(key.attribute())));
        if (worstFirst.size() >= keep) {
            Candidate worst = worstFirst.peek();
            // One that is equal to the worst came later, so it stands behind.
            if (worst == null || compare(values, worst.values) >= 0) {
                return;
            }
            bytes -= worst.weight();
            worstFirst.remove();
        }
        Candidate candidate = new Candidate(values, seen++, projection.row(record));
        bytes += candidate.weight();
        worstFirst.add(candidate);
    }

    int size() {
        return worstFirst.size();
    }

    /** About how much memory the rows take. */
    long bytes() {
        return bytes;
    }

    /** Gives what was kept, in order, and forgets it. */
    List<Row> drain() {
        List<Candidate> sorted = new ArrayList<>(worstFirst);
        worstFirst.clear();
        bytes = 0;
        sorted.sort(order);
        return sorted.stream().map(Candidate::row).toList();
    }
}
