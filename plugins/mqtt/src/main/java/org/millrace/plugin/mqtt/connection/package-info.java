/**
 * One connection: what a client sends, and the answers.
 *
 * <p>{@link org.millrace.plugin.mqtt.connection.MqttConnection} is the state machine. It reads CONNECT through
 * {@link org.millrace.plugin.mqtt.connection.ConnectRequest}, leaves it to
 * {@link org.millrace.plugin.mqtt.connection.Admission} to have the client known, and then hands PUBLISH to
 * {@link org.millrace.plugin.mqtt.connection.Inbound} and SUBSCRIBE to
 * {@link org.millrace.plugin.mqtt.connection.SubscribePackets}, which answers for
 * {@link org.millrace.plugin.mqtt.connection.Subscriptions}. Everything of one connection is used by its event loop
 * only; {@link org.millrace.plugin.mqtt.connection.MqttServer} is what connections share.
 */
@NullMarked
package org.millrace.plugin.mqtt.connection;

import org.jspecify.annotations.NullMarked;
