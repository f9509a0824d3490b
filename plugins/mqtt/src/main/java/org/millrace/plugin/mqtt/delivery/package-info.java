/**
 * From changes to PUBLISH packets.
 *
 * <p>Each topic filter of a client is one {@link org.millrace.plugin.mqtt.delivery.MqttSubscription} to the host. Of
 * the two things MQTT allows when several filters of a client match (MQTT 5 section 3.3.4, 3.1.1 section 3.3.5) the
 * client gets the message once, at the highest QoS and with all identifiers, which is what people expect
 * ({@link org.millrace.plugin.mqtt.delivery.Overlaps}).
 * {@link org.millrace.plugin.mqtt.delivery.Outbound} is one connection's sending side: packet identifiers, the window of
 * unacknowledged messages, the socket's writability. Both bounds become demand: a unit of demand goes back to the host
 * when its message is on the way (QoS 0) or acknowledged (QoS 1 and 2).
 * {@link org.millrace.plugin.mqtt.delivery.SharedGroups} spreads one host subscription over the members of a shared
 * subscription.
 *
 * <p>Everything of one connection is used by its event loop only.
 */
@NullMarked
package org.millrace.plugin.mqtt.delivery;

import org.jspecify.annotations.NullMarked;
