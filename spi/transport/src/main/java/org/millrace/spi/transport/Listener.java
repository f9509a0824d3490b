package org.millrace.spi.transport;

import java.net.InetSocketAddress;
import org.millrace.spi.plugin.ImplementedByHost;

/**
 * A bound listener. Implemented by the host; safe for use by any thread.
 *
 * @since 0.1
 */
@ImplementedByHost
public interface Listener extends AutoCloseable {
    /**
     * Its name.
     *
     * @return as given to {@link Transport#listen}
     */
    String name();

    /**
     * Where it is bound.
     *
     * @return with the real port if 0 was asked for
     */
    InetSocketAddress address();

    /**
     * How many connections are open.
     *
     * @return at least 0; always 0 for datagrams, which have none
     */
    int connections();

    /**
     * Whether it takes datagrams (UDP) rather than connections (TCP).
     *
     * @return true if opened with {@link Transport#listenDatagrams(String, DatagramSettings, io.netty.channel.ChannelHandler)}
     * @since 0.1
     */
    default boolean takesDatagrams() {
        return false;
    }

    /** Stops accepting. Open connections stay; the host closes them after the plugin's {@code stop}. */
    @Override
    void close();
}
