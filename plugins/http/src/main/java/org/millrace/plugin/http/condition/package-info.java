/**
 * Conditional requests (RFC 9110 section 13).
 *
 * <p>{@link org.millrace.plugin.http.condition.Conditions} reads the four header fields and applies the order of
 * precedence of section 13.2.2: to a record for reads, and as a precondition the writer checks for writes.
 * {@link org.millrace.plugin.http.condition.EntityTag} relates entity tags to versions.
 */
@NullMarked
package org.millrace.plugin.http.condition;

import org.jspecify.annotations.NullMarked;
