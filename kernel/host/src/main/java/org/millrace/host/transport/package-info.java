/**
 * The transport SPI's implementation: listeners on the host's Netty event loops.
 *
 * <p>{@link org.millrace.host.transport.EventLoops} are the threads; {@link org.millrace.host.transport.Listeners} knows
 * every listener of the host and the rules they share; {@link org.millrace.host.transport.PluginTransport} is what one
 * plugin is given, and closes what that plugin opened.
 *
 * <p>A connection's pipeline is, from the socket on: a {@link org.millrace.host.transport.ConnectionGuard}, TLS and the
 * {@link org.millrace.host.transport.HandshakeGate} that holds the protocol back until the handshake is done, the
 * plugin's own handlers, and the guard's {@link org.millrace.host.transport.EscapedFailures last handler}, which turns
 * an exception that no plugin handled into one log line and the end of that connection.
 *
 * <p>The one channel of a listener for datagrams has a {@link org.millrace.host.transport.DatagramGuard} before the
 * plugin's handler: it drops and counts what is beyond the limits, and keeps a failure to the datagram that caused it.
 */
@NullMarked
package org.millrace.host.transport;

import org.jspecify.annotations.NullMarked;
