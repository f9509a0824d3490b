package org.millrace.query;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.millrace.content.Value;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.Path;
import org.millrace.spi.resource.ResourceException;

/**
 * Goes over records in the order of an attribute. A record whose attribute grows meanwhile is handed on once. Values
 * that an index cannot tell apart are put in order here, as many as may be sorted in memory.
 */
final class OrderWalk implements Walk {
    private final OrderedSource source;
    private final SortKey key;
    private final Condition where;
    private final Predicate<Path> visible;
    private final RecordAttributes.Wanted wanted;
    private final Collector collector;
    private final QueryLimits limits;
    private final Set<Path> handedOn = new HashSet<>();

    private final List<Candidate> rough = new ArrayList<>();
    private long roughBytes;
    private long run = -1;

    private record Candidate(Value value, RecordAttributes attributes) {}

    OrderWalk(
            OrderedSource source,
            SortKey key,
            Condition where,
            Predicate<Path> visible,
            RecordAttributes.Wanted wanted,
            Collector collector,
            QueryLimits limits) {
        this.source = source;
        this.key = key;
        this.where = where;
        this.visible = visible;
        this.wanted = wanted;
        this.collector = collector;
        this.limits = limits;
    }

    @Override
    public boolean step(int records) {
        List<OrderedSource.Found> slice = source.read(records);
        for (OrderedSource.Found found : slice) {
            if (found.run() != run) {
                handOnRough();
                run = found.run();
            }
            if (collector.isFull()) {
                return true;
            }
            Path path = found.entry().path();
            if (visible.test(path) && !handedOn.contains(path)) {
                RecordAttributes attributes = new RecordAttributes(found.entry(), wanted);
                if (where.test(attributes)) {
                    take(found.isRough(), attributes);
                }
            }
        }
        if (slice.isEmpty()) {
            handOnRough();
        }
        return !slice.isEmpty();
    }

    private void take(boolean isRough, RecordAttributes attributes) {
        if (isRough) {
            rough.add(new Candidate(attributes.value(key.attribute()), attributes));
            roughBytes += attributes.entry().content().size();
            if (rough.size() > limits.sortedRows() || roughBytes > limits.sortedBytes()) {
                throw new ResourceException(
                        ErrorCode.TOO_LARGE,
                        "the query would sort more than " + limits.sortedRows() + " rows or " + limits.sortedBytes()
                                + " bytes in memory, whose '" + key.attribute()
                                + "' begin alike; narrow its conditions");
            }
        } else {
            handOn(attributes);
        }
    }

    private void handOn(RecordAttributes attributes) {
        if (handedOn.add(attributes.entry().path())) {
            collector.add(attributes);
        }
    }

    private void handOnRough() {
        if (rough.isEmpty()) {
            return;
        }
        Comparator<Candidate> order = Comparator.comparing(Candidate::value);
        rough.sort((key.descending() ? order.reversed() : order)
                .thenComparing(candidate -> candidate.attributes().entry().path()));
        rough.forEach(candidate -> handOn(candidate.attributes()));
        rough.clear();
        roughBytes = 0;
    }
}
