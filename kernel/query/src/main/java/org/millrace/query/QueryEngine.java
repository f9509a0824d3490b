package org.millrace.query;

import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.millrace.content.ContentFormats;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.Path;
import org.millrace.spi.resource.ResourceException;

/** Starts queries over records. Immutable, safe for use by any thread. */
public final class QueryEngine {
    /** How many records are read at once. */
    private static final int SLICE_RECORDS = 256;
    /** The same where each may lead to many others. */
    private static final int SLICE_JOINING = 8;

    private final ContentFormats formats;
    private final QueryLimits limits;

    /**
     * Makes an engine.
     *
     * @param formats writes the contents of rows that are selected or computed
     * @param limits what each query may hold in memory
     */
    public QueryEngine(ContentFormats formats, QueryLimits limits) {
        this.formats = formats;
        this.limits = limits;
    }

    /**
     * As {@link #start(String, ParsedQuery, TableAccess, Path, Predicate)}, of a table without indexes.
     *
     * @param table the table's name, for messages and for the path of computed rows
     * @param query what is asked
     * @param source the table's records
     * @param after only records behind this one are looked at; null for all
     * @param visible which records the asker may see; the others count for nothing
     * @return the query, to be driven step by step
     * @throws ResourceException {@link ErrorCode#INVALID} if the query's parts contradict each other
     */
    public QueryExecution start(
            String table, ParsedQuery query, RecordSource source, @Nullable Path after, Predicate<Path> visible) {
        return start(table, query, TableAccess.of(source), after, visible);
    }

    /**
     * Prepares a query. Indexes may be looked at to choose among them, and records of joined tables be read to narrow
     * what is looked at, which blocks; records of the table itself are not read before the first step.
     *
     * @param table the table's name, for messages and for the path of computed rows
     * @param query what is asked
     * @param access the table's records
     * @param after only records behind this one are looked at; null for all
     * @param visible which records the asker may see; the others count for nothing
     * @return the query, to be driven step by step
     * @throws ResourceException {@link ErrorCode#INVALID} if the query's parts contradict each other
     */
    public QueryExecution start(
            String table, ParsedQuery query, TableAccess access, @Nullable Path after, Predicate<Path> visible) {
        return start(table, query, access, JoinedTables.NONE, after, visible);
    }

    /**
     * As {@link #start(String, ParsedQuery, TableAccess, Path, Predicate)}, of a table that may have relationships.
     *
     * @param table the table's name, for messages and for the path of computed rows
     * @param query what is asked
     * @param access the table's records
     * @param joined the other tables
     * @param after only records behind this one are looked at; null for all
     * @param visible which records the asker may see, of other tables too; the others count for nothing
     * @return the query, to be driven step by step
     * @throws ResourceException {@link ErrorCode#INVALID} if the query's parts contradict each other or the declared
     *     relationships; {@link ErrorCode#FORBIDDEN} if the asker may not read a joined table
     */
    public QueryExecution start(
            String table,
            ParsedQuery query,
            TableAccess access,
            JoinedTables joined,
            @Nullable Path after,
            Predicate<Path> visible) {
        Path whole = Path.of(table, "");
        JoinNode joins = JoinPaths.of(table, query, joined, visible);
        Planner planner = new Planner(query, access, joins, limits);
        Plan plan = planner.plan(after == null);
        if (query.explain()) {
            return QueryExecution.explaining(new Explanation(table, query, plan, planner, joins).row(whole, formats));
        }
        Projection projection = new Projection(query.select(), formats);
        StreamCollector stream = new StreamCollector(query, projection);
        Collector collector = query.isAggregate()
                ? new GroupCollector(query, whole, formats, limits)
                : query.order().isEmpty() || plan instanceof Plan.InOrder
                        ? stream
                        : new SortCollector(query, projection, limits);
        RecordAttributes.Wanted wanted = RecordAttributes.Wanted.of(query, joins, limits);
        RecordSource all = access.scan(plan instanceof Plan.Scan(var _, String idPrefix) ? idPrefix : "");
        Walk scan = new IdWalk(all, query.where(), query.where(), after, visible, wanted, collector);
        Walk walk = switch (plan) {
            case Plan.Scan _ -> scan;
            case Plan.ById(IndexRead read, Condition residual) ->
                new IdWalk(access.byId(read), query.where(), residual, after, visible, wanted, collector);
            case Plan.InOrder(IndexRead.Range range, boolean descending) ->
                new OrderWalk(
                        access.inOrder(range, descending), all, query, visible, wanted, projection, stream, limits);
            case Plan.Extreme(IndexRead.Range range, SortKey key) ->
                new ExtremeWalk(
                        access.inOrder(range, key.descending()),
                        scan,
                        limits.walkedRecords(),
                        key,
                        query.where(),
                        visible,
                        wanted,
                        collector);
        };
        return new QueryExecution(walk, collector, joins.steps().isEmpty() ? SLICE_RECORDS : SLICE_JOINING);
    }
}
