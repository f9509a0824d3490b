package org.millrace.query;

import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.millrace.spi.resource.Entry;
import org.millrace.spi.resource.Path;

/** Goes over records in the order of ids. */
final class IdWalk implements Walk {
    private final RecordSource source;
    private final Condition where;
    private final Condition residual;
    private final Predicate<Path> visible;
    private final RecordAttributes.Wanted wanted;
    private final Collector collector;
    private @Nullable Path after;

    /** A walk from behind a record; {@code residual} is tested instead of {@code where} where the source is exact. */
    IdWalk(
            RecordSource source,
            Condition where,
            Condition residual,
            @Nullable Path after,
            Predicate<Path> visible,
            RecordAttributes.Wanted wanted,
            Collector collector) {
        this.source = source;
        this.where = where;
        this.residual = residual;
        this.after = after;
        this.visible = visible;
        this.wanted = wanted;
        this.collector = collector;
    }

    @Override
    public boolean step(int records) {
        List<Entry> slice = source.read(after, records);
        if (slice.isEmpty()) {
            return false;
        }
        Condition tested = source.isExact() ? residual : where;
        after = slice.getLast().path();
        for (Entry entry : slice) {
            if (collector.isFull()) {
                break;
            }
            if (visible.test(entry.path())) {
                RecordAttributes attributes = new RecordAttributes(entry, wanted);
                if (tested.test(attributes)) {
                    collector.add(attributes);
                }
            }
        }
        return true;
    }
}
