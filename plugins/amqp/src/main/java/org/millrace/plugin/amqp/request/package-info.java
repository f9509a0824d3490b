/**
 * Requests with answers: {@link org.millrace.plugin.amqp.request.ResourceRequests} acts on messages to {@code $resources},
 * {@link org.millrace.plugin.amqp.request.QueryRows} gathers the rows of a query.
 */
@NullMarked
package org.millrace.plugin.amqp.request;

import org.jspecify.annotations.NullMarked;
