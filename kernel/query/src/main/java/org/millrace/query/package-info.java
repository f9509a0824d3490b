/**
 * The query language, from text to rows.
 *
 * <p>A query is read once by {@link org.millrace.query.QueryParser}; what comes out holds conditions, select, sort, limit
 * and aggregates. {@link org.millrace.query.Condition#test} evaluates conditions on a record's attributes without knowing
 * how the record is stored. {@link org.millrace.query.QueryEngine} runs a query over a {@code RecordSource}: records are
 * read in slices, filtered, and collected by one of three collectors, as they come ({@code StreamCollector}), sorted
 * ({@code SortCollector}) or in groups ({@code GroupCollector}). What these hold in memory is bounded by
 * {@link org.millrace.query.QueryLimits}.
 *
 * <p>{@code docs/queries.md} states the language for its users.
 */
@NullMarked
package org.millrace.query;

import org.jspecify.annotations.NullMarked;
