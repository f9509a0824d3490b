package org.millrace.query;

/**
 * What a query may hold in memory.
 *
 * @param sortedRows how many rows are sorted at most; a query with {@code limit} keeps no more than it gives
 * @param sortedBytes how many bytes these rows' contents have at most
 * @param groups how many groups aggregates are computed for at most
 */
public record QueryLimits(int sortedRows, long sortedBytes, int groups) {
    /** 100,000 rows of 64 MiB together, 100,000 groups. */
    public static final QueryLimits DEFAULTS = new QueryLimits(100_000, 64L << 20, 100_000);
}
