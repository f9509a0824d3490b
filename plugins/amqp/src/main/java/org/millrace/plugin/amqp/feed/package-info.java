/**
 * Where a receiver's changes come from.
 *
 * <p>A {@link org.millrace.plugin.amqp.feed.Feed} is either a subscription of the receiver's own, or its part in a
 * {@link org.millrace.plugin.amqp.feed.Group}: the receivers of a queue, or of a durable or shared subscription. A group
 * keeps a place in the change stream and the numbers of the messages before it that are not settled yet, never copies of
 * messages.
 */
@NullMarked
package org.millrace.plugin.amqp.feed;

import org.jspecify.annotations.NullMarked;
