package org.millrace.host.resources;

import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.millrace.query.QueryExecution;
import org.millrace.query.RowSlice;

/** A query that is planned at its first step: that may look at indexes, which an event loop must not wait for. */
final class PlannedQuery implements TableScan.Source {
    private final Supplier<QueryExecution> plan;
    private @Nullable QueryExecution execution;

    PlannedQuery(Supplier<QueryExecution> plan) {
        this.plan = plan;
    }

    @Override
    public RowSlice next(int maxRows) {
        if (execution == null) {
            execution = plan.get();
        }
        return execution.next(maxRows);
    }
}
