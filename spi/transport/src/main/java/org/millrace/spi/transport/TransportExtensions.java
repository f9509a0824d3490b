package org.millrace.spi.transport;

import org.millrace.spi.plugin.ExtensionPoint;

/**
 * The extension points of the transport SPI.
 *
 * @since 0.1
 */
public final class TransportExtensions {
    /** Protocols that can be carried by others: inside WebSocket, or on a shared port. */
    public static final ExtensionPoint<StreamProtocol> STREAM_PROTOCOL = new ExtensionPoint<>(
            "stream-protocol",
            StreamProtocol.class,
            "a plugin that carries other protocols, such as one for WebSocket");

    /** Requests answered by another plugin on the HTTP plugin's port. */
    public static final ExtensionPoint<HttpRoute> HTTP_ROUTE =
            new ExtensionPoint<>("http-route", HttpRoute.class, "a plugin that serves HTTP");

    /** Protocols a connection to the HTTP plugin's port can change to (RFC 9110 section 7.8). */
    public static final ExtensionPoint<HttpUpgrade> HTTP_UPGRADE =
            new ExtensionPoint<>("http-upgrade", HttpUpgrade.class, "a plugin that serves HTTP");

    private TransportExtensions() {}
}
