/**
 * The messages of the multiplexed protocol as bytes: maps in JSON, CBOR or MessagePack.
 *
 * <p>{@link org.millrace.plugin.websocket.envelope.WireFormat} names the three. An
 * {@link org.millrace.plugin.websocket.envelope.Envelope} is a message that was read: its own fields are understood, the
 * record inside it stays a slice of the message, so that it is stored byte for byte. A
 * {@link org.millrace.plugin.websocket.envelope.FieldWriter} makes the fields of a message to be sent; those that many
 * clients get alike are made once. Everything here is pure.
 */
@NullMarked
package org.millrace.plugin.websocket.envelope;

import org.jspecify.annotations.NullMarked;
