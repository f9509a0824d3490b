package org.millrace.query;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.millrace.spi.resource.Entry;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.Path;
import org.millrace.spi.resource.ResourceException;
import org.millrace.spi.resource.Row;

/**
 * Goes over records in the order of an attribute. A record whose attribute grows meanwhile is handed on once. Records
 * that the index holds for equal are put in order here if there is more to order them by: other attributes, or the rest
 * of values of which the index has the beginning. No more of them are kept than rows are wanted.
 *
 * <p>Where hardly any record fulfils the conditions, following an index from record to record costs more than a scan, so
 * after a while the walk becomes one, and what is left is sorted.
 */
final class OrderWalk implements Walk {
    /** A walk goes on while one in so many records fulfils the conditions. */
    private static final int ONE_IN_SO_MANY = 10;

    private final OrderedSource source;
    private final RecordSource scan;
    private final List<SortKey> keys;
    private final long end;
    private final Condition where;
    private final Predicate<Path> visible;
    private final RecordAttributes.Wanted wanted;
    private final Projection projection;
    private final StreamCollector collector;
    private final QueryLimits limits;
    private final Set<Path> handedOn = new HashSet<>();

    /** What of the present run waits for its end; null if nothing does. */
    private @Nullable BestRows waiting;

    private long run = -1;
    private long looked;
    private long fulfilled;
    private boolean scanning;
    private @Nullable Path scanned;

    /** A walk in the order of the first key by which a query sorts. */
    OrderWalk(
            OrderedSource source,
            RecordSource scan,
            ParsedQuery query,
            Predicate<Path> visible,
            RecordAttributes.Wanted wanted,
            Projection projection,
            StreamCollector collector,
            QueryLimits limits) {
        this.source = source;
        this.scan = scan;
        this.keys = query.order();
        this.end = query.end();
        this.where = query.where();
        this.visible = visible;
        this.wanted = wanted;
        this.projection = projection;
        this.collector = collector;
        this.limits = limits;
    }

    @Override
    public boolean step(int records) {
        return scanning ? scanOn(records) : walkOn(records);
    }

    private boolean walkOn(int records) {
        List<OrderedSource.Found> slice = source.read(records);
        for (OrderedSource.Found found : slice) {
            if (found.run() != run) {
                handOnWaiting();
                run = found.run();
            }
            if (collector.isFull()) {
                return true;
            }
            Path path = found.entry().path();
            if (visible.test(path) && !handedOn.contains(path)) {
                RecordAttributes attributes = new RecordAttributes(found.entry(), wanted);
                if (!where.test(attributes)) {
                    continue;
                }
                fulfilled++;
                if (found.isRough() || keys.size() > 1) {
                    keep(attributes);
                } else {
                    handOn(attributes);
                }
            }
        }
        if (slice.isEmpty()) {
            handOnWaiting();
        }
        looked += slice.size();
        if (looked > limits.walkedRecords() && looked > fulfilled * ONE_IN_SO_MANY) {
            // What waits of the present run is found again.
            waiting = null;
            scanning = true;
            return true;
        }
        return !slice.isEmpty();
    }

    private boolean scanOn(int records) {
        List<Entry> slice = collector.isFull() ? List.of() : scan.read(scanned, records);
        if (slice.isEmpty()) {
            handOnWaiting();
            return false;
        }
        scanned = slice.getLast().path();
        for (Entry entry : slice) {
            if (visible.test(entry.path()) && !handedOn.contains(entry.path())) {
                RecordAttributes attributes = new RecordAttributes(entry, wanted);
                if (where.test(attributes)) {
                    keep(attributes);
                }
            }
        }
        return true;
    }

    private void keep(RecordAttributes attributes) {
        if (waiting == null) {
            waiting = new BestRows(keys, end - handedOn.size());
        }
        waiting.add(attributes, projection);
        if (waiting.bytes() > limits.sortedBytes()) {
            throw new ResourceException(
                    ErrorCode.TOO_LARGE,
                    "the query would sort more than " + limits.sortedBytes() + " bytes in memory, of rows whose '"
                            + keys.getFirst().attribute()
                            + "' are or begin alike; narrow its conditions, select fewer attributes, lower its"
                            + " limit, or raise queries.sorted-size");
        }
    }

    private void handOn(RecordAttributes attributes) {
        if (handedOn.add(attributes.entry().path())) {
            collector.add(attributes);
        }
    }

    private void handOn(Row row) {
        if (handedOn.add(row.path())) {
            collector.add(row);
        }
    }

    private void handOnWaiting() {
        if (waiting != null) {
            waiting.drain().forEach(this::handOn);
            waiting = null;
        }
    }
}
