/**
 * Refusals, as {@code application/problem+json} (RFC 9457).
 *
 * <p>{@link org.millrace.plugin.http.problem.Problem} is one refusal and knows its JSON.
 * {@link org.millrace.plugin.http.problem.Problems} is the one table from the SPI's error codes to statuses.
 */
@NullMarked
package org.millrace.plugin.http.problem;

import org.jspecify.annotations.NullMarked;
