package org.millrace.spi.resource;

/**
 * A question to a table.
 *
 * @param table the table's name
 * @param expression conditions, select, sort and limit in the query language, as the query of a URL carries them: names
 *     and values in it are percent-encoded (RFC 3986 section 2.1), and the host decodes them after it has told the
 *     grammar's own characters apart; empty for all records in the order of their ids
 * @param after an id: only records behind it are given, for paging in the order of ids; empty for all
 * @param limit how many rows at most; {@link #NO_LIMIT} for all
 * @since 0.1
 */
public record Query(String table, String expression, String after, long limit) {
    /** Gives all rows. */
    public static final long NO_LIMIT = Long.MAX_VALUE;

    /**
     * Checks the limit.
     *
     * @throws IllegalArgumentException if the limit is negative
     */
    public Query {
        if (limit < 0) {
            throw new IllegalArgumentException("limit " + limit + " is negative");
        }
    }

    /**
     * All records of a table.
     *
     * @param table the table's name
     * @return the query
     */
    public static Query all(String table) {
        return new Query(table, "", "", NO_LIMIT);
    }
}
