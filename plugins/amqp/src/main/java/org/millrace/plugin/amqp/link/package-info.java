/**
 * The two directions of a link.
 *
 * <p>{@link org.millrace.plugin.amqp.link.TargetLink} takes a client's messages, writes what they ask for and settles
 * them when that is durable. {@link org.millrace.plugin.amqp.link.SourceLink} sends changes to a client as its credit
 * allows. {@link org.millrace.plugin.amqp.link.LinkHost} is what both need of their connection.
 */
@NullMarked
package org.millrace.plugin.amqp.link;

import org.jspecify.annotations.NullMarked;
