/**
 * The transport SPI: ready-made listeners on the host's Netty event loops.
 *
 * <p>A plugin describes a protocol over a stream of bytes as a
 * {@link org.millrace.spi.transport.StreamProtocol}, takes {@link org.millrace.spi.transport.ListenerSettings} into its
 * configuration record, and asks {@link org.millrace.spi.transport.Transport} to listen. The host then brings TLS,
 * connection limits, handshake time-outs, the security rules for binding, and metrics. The same {@code StreamProtocol}
 * can be offered at {@link org.millrace.spi.transport.TransportExtensions#STREAM_PROTOCOL} to be carried inside
 * WebSocket.
 *
 * <p>A protocol over datagrams is a Netty handler instead; {@link org.millrace.spi.transport.DatagramSettings} are its
 * address and limits, the rules for binding are the same.
 *
 * <p>The HTTP types let plugins add routes and upgrades to a port that an HTTP plugin opened, without either knowing the
 * other or sharing an HTTP codec.
 *
 * <p>Netty's core packages ({@code buffer}, {@code channel}, {@code util}, {@code handler.ssl} and
 * {@code handler.codec} itself) are the host's; its protocol codecs belong to each plugin's own jar. The Netty minor
 * version is part of this artifact's contract.
 */
@NullMarked
package org.millrace.spi.transport;

import org.jspecify.annotations.NullMarked;
