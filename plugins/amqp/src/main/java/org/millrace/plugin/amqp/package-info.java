/**
 * The AMQP 1.0 plugin: records and changes over AMQP 1.0 (ISO/IEC 19464).
 *
 * <p>An address is a path. A message to {@code t/id} is an event, or a write of the record where the message or its link
 * asks for one; a receiver at {@code t/id}, a topic filter or a collection follows the changes.
 *
 * <p>The engine is Apache Qpid's proton-j. {@code connection} runs it on the event loop that owns the connection and
 * acts on sessions and links; {@code link} is what either direction of a link does; {@code feed} is where a receiver's
 * changes come from: a subscription of its own, or a group that several share; {@code mapping} translates addresses,
 * messages and errors; {@code selector} is the JMS selector language.
 */
@NullMarked
package org.millrace.plugin.amqp;

import org.jspecify.annotations.NullMarked;
