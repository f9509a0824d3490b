package org.millrace.host.transport;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.group.ChannelGroup;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.NetUtil;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.millrace.spi.identity.ConnectionInfo;
import org.millrace.spi.transport.StreamProtocol;

/** Sets up each connection of one listener, on its event loop, and hands it to the protocol. */
@Sharable
final class ConnectionInitializer extends ChannelInitializer<Channel> {
    private final String listener;
    private final StreamProtocol protocol;
    private final ChannelGroup connections;
    private final @Nullable Supplier<SslContext> tls;
    private final Duration handshakeTimeout;
    private final OncePerMinute failedHandshakes = new OncePerMinute();

    ConnectionInitializer(
            String listener,
            StreamProtocol protocol,
            ChannelGroup connections,
            @Nullable Supplier<SslContext> tls,
            Duration handshakeTimeout) {
        this.listener = listener;
        this.protocol = protocol;
        this.connections = connections;
        this.tls = tls;
        this.handshakeTimeout = handshakeTimeout;
    }

    @Override
    protected void initChannel(Channel connection) {
        connections.add(connection);
        ConnectionGuard guard = new ConnectionGuard(listener, peer(connection));
        connection.pipeline().addLast(guard);
        if (tls == null) {
            hand(connection, guard, false);
            return;
        }
        SslHandler ssl = tls.get().newHandler(connection.alloc());
        ssl.setHandshakeTimeoutMillis(handshakeTimeout.toMillis());
        connection
                .pipeline()
                .addLast(
                        ssl,
                        new HandshakeGate(
                                listener, guard.peer(), failedHandshakes, () -> hand(connection, guard, true)));
    }

    private void hand(Channel connection, ConnectionGuard guard, boolean secure) {
        try {
            protocol.initialize(connection, new ConnectionInfo(protocol.name(), guard.peer(), secure, ""));
            guard.standLast();
        } catch (RuntimeException | LinkageError e) {
            guard.fail(connection, e);
        }
    }

    private static String peer(Channel connection) {
        return connection.remoteAddress() instanceof InetSocketAddress address
                ? NetUtil.toSocketAddressString(address)
                : "a client that has gone";
    }
}
