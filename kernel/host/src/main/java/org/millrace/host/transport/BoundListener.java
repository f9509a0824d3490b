package org.millrace.host.transport;

import io.netty.channel.Channel;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.socket.DatagramChannel;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.IntSupplier;
import org.millrace.spi.transport.Listener;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A bound listener and its open connections. Safe for use by any thread. */
final class BoundListener implements Listener {
    private static final Logger log = LoggerFactory.getLogger(BoundListener.class);
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    private final String name;
    private final String pluginId;
    private final InetSocketAddress address;
    private final Channel channel;
    private final ChannelGroup connections;
    private final IntSupplier count;
    private final Runnable closed;
    private final AtomicBoolean isClosed = new AtomicBoolean();

    BoundListener(
            String name,
            String pluginId,
            Channel channel,
            ChannelGroup connections,
            IntSupplier count,
            Runnable closed) {
        this.name = name;
        this.pluginId = pluginId;
        this.address = (InetSocketAddress) channel.localAddress();
        this.channel = channel;
        this.connections = connections;
        this.count = count;
        this.closed = closed;
    }

    @Override
    public String name() {
        return name;
    }

    String pluginId() {
        return pluginId;
    }

    @Override
    public InetSocketAddress address() {
        return address;
    }

    @Override
    public int connections() {
        return count.getAsInt();
    }

    @Override
    public boolean takesDatagrams() {
        return channel instanceof DatagramChannel;
    }

    @Override
    public void close() {
        if (isClosed.compareAndSet(false, true)) {
            closed.run();
        }
        // On an event loop the socket closes a moment later: waiting there could wait for itself.
        var done = channel.close();
        if (!channel.eventLoop().inEventLoop()) {
            done.awaitUninterruptibly(PATIENCE.toMillis());
        }
    }

    /** Closes the connections, also those that are accepted while this runs. Not for event loops. */
    void closeConnections() {
        int open = connections.size();
        if (!connections.close().awaitUninterruptibly(PATIENCE.toMillis())) {
            log.warn(
                    "{} of {} connections of {} did not close within {} s and are left to the system; look for a"
                            + " handler of plugin {} that blocks its event loop",
                    connections.size(),
                    open,
                    name,
                    PATIENCE.toSeconds(),
                    pluginId);
        }
    }
}
