/**
 * WebSocket (RFC 6455) on the HTTP plugin's port.
 *
 * <p>{@link org.millrace.plugin.websocket.WebSocketPlugin} offers a {@code WebSocketUpgrade}. It checks a
 * {@code Handshake} and then gives the connection either to a protocol that another plugin offers under a WebSocket
 * subprotocol, through a {@code Tunnel}, or to a {@code RecordSession}, which follows the record the URL names.
 * {@code ControlFrames} keeps either alive and ends it in order; {@code CloseCode} has the table of errors.
 */
@NullMarked
package org.millrace.plugin.websocket;

import org.jspecify.annotations.NullMarked;
