/**
 * The MQTT plugin: records and changes over MQTT 3.1.1 and MQTT 5.
 *
 * <p>A retained message is a record, whoever wrote it: PUBLISH with the retain flag puts one, with an empty payload
 * removes it; without the flag it is an event that leaves the record alone. A subscription shows the records that match,
 * then what changes.
 *
 * <p>A packet's way: {@code codec} frames and checks it, {@code connection} acts on it through the host's
 * {@code Resources}, {@code mapping} translates messages and errors, {@code delivery} brings changes to the client, and
 * {@code session} keeps what outlives the connection.
 */
@NullMarked
package org.millrace.plugin.mqtt;

import org.jspecify.annotations.NullMarked;
