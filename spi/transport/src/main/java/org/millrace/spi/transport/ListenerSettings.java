package org.millrace.spi.transport;

import java.time.Duration;
import org.millrace.spi.plugin.Setting;

/**
 * The settings every listener has. A plugin holds it in its configuration record as an
 * {@link Setting#inline() inline} component, so that the keys read {@code mqtt.port}, {@code mqtt.bind}; the default
 * port is the plugin's own (see {@link #orPort}).
 *
 * @param port the port, 0 for any free one, -1 for the plugin's default
 * @param bind the address; empty for the host's {@code bind}
 * @param maxConnections how many connections may be open; further ones are closed at once
 * @param handshakeTimeout how long a connection may take to complete TLS and to be recognised
 * @param tls the certificate, or none
 * @since 0.1
 */
public record ListenerSettings(
        @Setting(value = "-1", min = -1, max = 65_535, doc = "TCP port; 0 picks a free one")
        int port,

        @Setting(doc = "address to listen on; empty uses the host's bind")
        String bind,

        @Setting(value = "100000", min = 1, doc = "open connections allowed; further ones are closed at once")
        int maxConnections,

        @Setting(value = "10s", min = 1, doc = "time a new connection has to complete TLS and its first request")
        Duration handshakeTimeout,

        @Setting(doc = "TLS certificate and key") TlsSettings tls) {
    /**
     * These settings with a port where none was set.
     *
     * @param standard the protocol's usual port
     * @return settings whose port is not -1
     */
    public ListenerSettings orPort(int standard) {
        return port >= 0 ? this : new ListenerSettings(standard, bind, maxConnections, handshakeTimeout, tls);
    }
}
