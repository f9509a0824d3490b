/**
 * A request and its answer, whatever the HTTP version.
 *
 * <p>What answers requests sees an {@link org.millrace.plugin.http.exchange.Exchange} and fills an
 * {@link org.millrace.plugin.http.exchange.Answer}; how that looks on the wire is the connection's business.
 */
@NullMarked
package org.millrace.plugin.http.exchange;

import org.jspecify.annotations.NullMarked;
