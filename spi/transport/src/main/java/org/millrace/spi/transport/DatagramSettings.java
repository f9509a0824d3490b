package org.millrace.spi.transport;

import org.millrace.spi.plugin.ByteSize;
import org.millrace.spi.plugin.ConfigurationException;
import org.millrace.spi.plugin.Incubating;
import org.millrace.spi.plugin.Setting;

/**
 * The settings every listener for datagrams has. A plugin holds it in its configuration record as an
 * {@link Setting#inline() inline} component, as it does {@link ListenerSettings} for connections. There is no TLS: a
 * plugin that secures its datagrams (DTLS, OSCORE) does so itself.
 *
 * @param port the UDP port, 0 for any free one, -1 for the plugin's default
 * @param bind the address; empty for the host's {@code bind}
 * @param maxDatagramSize the largest datagram that reaches the plugin; larger ones are dropped and counted
 * @param maxUnsent how much may wait until the system takes it; what is written beyond is dropped, as on the network
 * @since 0.1
 */
@Incubating
public record DatagramSettings(
        @Setting(value = "-1", min = -1, max = 65_535, doc = "UDP port; 0 picks a free one")
        int port,

        @Setting(doc = "address to listen on; empty uses the host's bind")
        String bind,

        @Setting(value = "8KiB", min = 64, max = 65_507, doc = "largest datagram taken; larger ones are dropped")
        ByteSize maxDatagramSize,

        @Setting(
                value = "1MiB",
                min = 1,
                max = 1 << 30,
                doc = "bytes that may wait for the system to send them; what comes beyond is dropped")
        ByteSize maxUnsent) {
    /** The defaults of what is no address: datagrams of 8 KiB, 1 MiB unsent. */
    private static final DatagramSettings STANDARD =
            new DatagramSettings(-1, "", new ByteSize(8 << 10), new ByteSize(1 << 20));

    /**
     * An address with the default limits.
     *
     * @param port the port, 0 for any free one
     * @param bind the address; empty for the host's {@code bind}
     * @return the settings
     */
    public static DatagramSettings at(int port, String bind) {
        return new DatagramSettings(port, bind, STANDARD.maxDatagramSize, STANDARD.maxUnsent);
    }

    /**
     * The address of settings for connections, with the default limits.
     *
     * @param listener the listener's name, for the message
     * @param settings the address
     * @return the settings
     * @throws ConfigurationException if TLS is configured, which datagrams do not have
     */
    public static DatagramSettings of(String listener, ListenerSettings settings) {
        if (settings.tls().isEnabled()) {
            throw new ConfigurationException("listener '" + listener
                    + "' takes datagrams, for which the host has no TLS;" + " remove its tls.certificate");
        }
        return at(settings.port(), settings.bind());
    }

    /**
     * These settings with a port where none was set.
     *
     * @param standard the protocol's usual port
     * @return settings whose port is not -1
     */
    public DatagramSettings orPort(int standard) {
        return port >= 0 ? this : new DatagramSettings(standard, bind, maxDatagramSize, maxUnsent);
    }
}
