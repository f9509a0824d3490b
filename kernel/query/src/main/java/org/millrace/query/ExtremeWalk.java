package org.millrace.query;

import java.util.List;
import java.util.function.Predicate;
import org.millrace.content.Value;
import org.millrace.spi.resource.Path;

/**
 * Goes over records from one end of an attribute's index until the least or greatest value is known: the first that
 * counts, or the best of those that the index holds for equal to it. If none of the first many fulfils the conditions, all
 * records are scanned instead, which is cheaper than following the index from record to record.
 */
final class ExtremeWalk implements Walk {
    private final OrderedSource source;
    private final Walk scan;
    private final int patience;
    private final SortKey key;
    private final Condition where;
    private final Predicate<Path> visible;
    private final RecordAttributes.Wanted wanted;
    private final Collector collector;
    private boolean found;
    private long run = -1;
    private long looked;

    ExtremeWalk(
            OrderedSource source,
            Walk scan,
            int patience,
            SortKey key,
            Condition where,
            Predicate<Path> visible,
            RecordAttributes.Wanted wanted,
            Collector collector) {
        this.source = source;
        this.scan = scan;
        this.patience = patience;
        this.key = key;
        this.where = where;
        this.visible = visible;
        this.wanted = wanted;
        this.collector = collector;
    }

    @Override
    public boolean step(int records) {
        if (collector.isFull()) {
            return false;
        }
        if (looked > patience && !found) {
            return scan.step(records);
        }
        List<OrderedSource.Found> slice = source.read(records);
        for (OrderedSource.Found next : slice) {
            if (found && (next.run() != run || !next.isRough())) {
                return false;
            }
            run = next.run();
            if (visible.test(next.entry().path())) {
                RecordAttributes attributes = new RecordAttributes(next.entry(), wanted);
                if (where.test(attributes)) {
                    collector.add(attributes);
                    Value value = attributes.value(key.attribute());
                    found |= !(value instanceof Value.Missing || value instanceof Value.Null);
                }
            }
        }
        looked += slice.size();
        return !slice.isEmpty();
    }
}
