/**
 * MQTT packets as bytes.
 *
 * <p>Netty's {@code MqttDecoder} reads packets. What it leaves open is done around it: {@link org.millrace.plugin.mqtt.codec.PacketFramer} gives it exactly one whole packet
 * at a time, so that a length inside a packet cannot reach into the next, and
 * {@link org.millrace.plugin.mqtt.codec.PacketCheck} applies the rules it does not know: which properties a packet may
 * carry and how often, reserved bits of subscription options, CONNECT's flags and protocol names.
 * {@link org.millrace.plugin.mqtt.codec.ControlPackets} writes what a server sends, except PUBLISH, whose bytes depend on
 * the change they carry.
 *
 * <p>Every breach of the protocol is an {@link org.millrace.plugin.mqtt.codec.MqttViolation} with the
 * {@link org.millrace.plugin.mqtt.codec.ReasonCode} the client is to see.
 */
@NullMarked
package org.millrace.plugin.mqtt.codec;

import org.jspecify.annotations.NullMarked;
