/**
 * The query language: text to an immutable {@link org.millrace.query.ParsedQuery}, with errors that point at a position.
 *
 * <p>A query is read once by {@link org.millrace.query.QueryParser}; what comes out holds conditions, select, sort, limit
 * and aggregates. {@link org.millrace.query.Condition#test} evaluates conditions on a record's attributes without knowing
 * how the record is stored. {@code docs/queries.md} states the language for its users.
 */
@NullMarked
package org.millrace.query;

import org.jspecify.annotations.NullMarked;
