package org.millrace.query;

/**
 * What a query may hold in memory.
 *
 * @param sortedRows how many rows are sorted at most; a query with {@code limit} keeps no more than it gives
 * @param sortedBytes how many bytes these rows' contents have at most
 * @param groups how many groups aggregates are computed for at most
 * @param walkedRecords how many records are looked at in the order of an index before it is asked whether it is worth it
 * @param joinedMatches how many records of another table are read to find by them which of the asked one are looked at
 * @param joinedReads how many records of other tables it may read for one row
 * @param joinedRecords how many of these the row may show
 * @param joinedBytes how many bytes these may have together
 */
public record QueryLimits(
        int sortedRows,
        long sortedBytes,
        int groups,
        int walkedRecords,
        int joinedMatches,
        int joinedReads,
        int joinedRecords,
        long joinedBytes) {
    /**
     * 100,000 rows of 64 MiB together, 100,000 groups; 10,000 records looked at in the order of an index; 1,000 joined records read to find rows by; 10,000 read for a row,
     * 1,000 shown of 4 MiB together.
     */
    public static final QueryLimits DEFAULTS =
            new QueryLimits(100_000, 64L << 20, 100_000, 10_000, 1_000, 10_000, 1_000, 4L << 20);
}
