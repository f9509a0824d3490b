package org.millrace.query;

/** How a query's records are found. */
sealed interface Plan {
    /**
     * Every record is looked at, or every one whose id has a beginning.
     *
     * @param reason why no index is used, for people
     * @param idPrefix the beginning; empty for all
     */
    record Scan(String reason, String idPrefix) implements Plan {}

    /**
     * Indexes find records, in the order of ids.
     *
     * @param read what they find
     * @param residual what is left to be tested, where what they find is exact
     */
    record ById(IndexRead read, Condition residual) implements Plan {}

    /**
     * An index gives records in the order that is asked for.
     *
     * @param range which
     * @param descending whether the greatest comes first
     */
    record InOrder(IndexRead.Range range, boolean descending) implements Plan {}

    /**
     * The end of an index gives what is computed.
     *
     * @param range which index, and how far it is of interest
     * @param key the attribute; descending for its greatest value
     */
    record Extreme(IndexRead.Range range, SortKey key) implements Plan {}
}
