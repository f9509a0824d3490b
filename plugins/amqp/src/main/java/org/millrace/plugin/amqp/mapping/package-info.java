/**
 * What AMQP's words mean in Millrace's, and back.
 *
 * <p>{@link org.millrace.plugin.amqp.mapping.IncomingMessage} takes a message apart,
 * {@link org.millrace.plugin.amqp.mapping.MessageMapping} turns it into a write,
 * {@link org.millrace.plugin.amqp.mapping.OutgoingMessage} is a change as an AMQP message, and
 * {@link org.millrace.plugin.amqp.mapping.Conditions} is the one table from error codes to error conditions.
 */
@NullMarked
package org.millrace.plugin.amqp.mapping;

import org.jspecify.annotations.NullMarked;
