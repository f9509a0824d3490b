package org.millrace.spi.transport;

import io.netty.channel.ChannelHandler;
import io.netty.channel.EventLoopGroup;
import java.io.IOException;
import org.millrace.spi.plugin.ImplementedByHost;
import org.millrace.spi.plugin.Incubating;

/**
 * Opens listeners on the host's event loops. Obtained from
 * {@link org.millrace.spi.plugin.PluginContext#service PluginContext.service(Transport.class)}; implemented by the host;
 * safe for use by any thread but an event loop, for {@code listen} and {@code listenDatagrams} wait until bound.
 *
 * <p>What a plugin opened here is closed by the host after the plugin's {@code stop}.
 *
 * @since 0.1
 */
@ImplementedByHost
public interface Transport {
    /**
     * Listens for connections.
     *
     * @param name the listener's name, unique in the host, as the ready line and the log show it; by convention the
     *     plugin's id, with a suffix such as {@code mqtt-tls} for a second one
     * @param settings address, TLS and limits
     * @param protocol told of each connection
     * @return the bound listener
     * @throws IOException if the address cannot be bound; the message names the address, the reason and the remedy
     * @throws org.millrace.spi.plugin.ConfigurationException if the address is not loopback and no authentication is
     *     configured, or TLS files cannot be used
     */
    Listener listen(String name, ListenerSettings settings, StreamProtocol protocol) throws IOException;

    /**
     * Listens for datagrams. The rules for the address are those of {@link #listen}: beyond loopback only where
     * authentication is configured. The handler gets what is no larger than
     * {@link DatagramSettings#maxDatagramSize()}; an exception that leaves it costs that datagram, is logged once a minute,
     * and does not close the listener. A write beyond {@link DatagramSettings#maxUnsent()} fails and is dropped. UDP tells
     * nothing about who sent a datagram: a plugin bounds what it keeps for each peer, and does not answer much more than
     * it was sent to those it does not know.
     *
     * @param name as in {@link #listen}
     * @param settings address and limits
     * @param handler added to the one channel, which is active by then or becomes so; receives
     *     {@link io.netty.channel.socket.DatagramPacket}s on its event loop, always the same, and releases them
     * @return the bound listener, closed with its channel after the plugin's {@code stop}
     * @throws IOException if the address cannot be bound; the message names the address, the reason and the remedy
     * @throws org.millrace.spi.plugin.ConfigurationException if the address is not loopback and no authentication is
     *     configured
     * @since 0.1
     */
    @Incubating
    Listener listenDatagrams(String name, DatagramSettings settings, ChannelHandler handler) throws IOException;

    /**
     * Listens for datagrams at the address of settings for connections, as {@link DatagramSettings#of} has it.
     *
     * @param name as in {@link #listen}
     * @param settings the address
     * @param handler as in {@link #listenDatagrams(String, DatagramSettings, ChannelHandler)}
     * @return the bound listener
     * @throws IOException if the address cannot be bound
     * @throws org.millrace.spi.plugin.ConfigurationException if TLS is configured, which datagrams do not have, or the
     *     address is refused
     */
    @Incubating
    Listener listenDatagrams(String name, ListenerSettings settings, ChannelHandler handler) throws IOException;

    /**
     * The event loops, for a plugin that opens sockets of its own.
     *
     * @return the host's; a plugin must not shut them down
     */
    EventLoopGroup eventLoops();
}
