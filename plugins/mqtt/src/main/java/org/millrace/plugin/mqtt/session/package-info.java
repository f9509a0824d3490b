/**
 * What outlives a connection.
 *
 * <p>{@link org.millrace.plugin.mqtt.session.Sessions} knows who holds which client id. A connection claims its client
 * id, the earlier holder lets go, and a {@link org.millrace.plugin.mqtt.session.SessionState} passes from one event loop
 * to the next. A session without a connection is a set of places in the change stream, not a queue: what happens
 * meanwhile stays in the host's journal and is read from there when the client is back. Once it is durable it is in the
 * store alone, until its client or its time comes ({@code DormantSessions}, {@code Asleep}, {@code Alarms}).
 */
@NullMarked
package org.millrace.plugin.mqtt.session;

import org.jspecify.annotations.NullMarked;
