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
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Sets up each connection of one listener, on its event loop, and hands it to the protocol. */
@Sharable
final class ConnectionInitializer extends ChannelInitializer<Channel> {
    private static final Logger log = LoggerFactory.getLogger(ConnectionInitializer.class);

    private final String listener;
    private final StreamProtocol protocol;
    private final ChannelGroup connections;
    private final @Nullable Supplier<SslContext> tls;
    private final boolean plainToo;
    private final Duration handshakeTimeout;
    private final OncePerMinute failedHandshakes = new OncePerMinute();
    private final OncePerMinute beganPlain = new OncePerMinute();
    private final OncePerMinute beganSecure = new OncePerMinute();

    /**
     * Sets up connections.
     *
     * @param tls the certificate of the moment, or null
     * @param plainToo whether connections without TLS are taken although there is a certificate
     */
    ConnectionInitializer(
            String listener,
            StreamProtocol protocol,
            ChannelGroup connections,
            @Nullable Supplier<SslContext> tls,
            boolean plainToo,
            Duration handshakeTimeout) {
        this.listener = listener;
        this.protocol = protocol;
        this.connections = connections;
        this.tls = tls;
        this.plainToo = plainToo;
        this.handshakeTimeout = handshakeTimeout;
    }

    @Override
    protected void initChannel(Channel connection) {
        connections.add(connection);
        ConnectionGuard guard = new ConnectionGuard(listener, peer(connection));
        connection.pipeline().addLast(guard);
        Supplier<SslContext> certificate = tls;
        if (certificate == null) {
            connection.pipeline().addLast(new TlsMistake(() -> beganWithTls(guard.peer())));
            hand(connection, guard, false);
        } else {
            connection
                    .pipeline()
                    .addLast(new TlsSniffer(
                            handshakeTimeout,
                            () -> secure(connection, guard, certificate),
                            () -> serveWithoutTls(connection, guard)));
        }
    }

    private void serveWithoutTls(Channel connection, ConnectionGuard guard) {
        if (plainToo) {
            hand(connection, guard, false);
            return;
        }
        connection.pipeline().addLast(new PlainRefusal(protocol, handshakeTimeout));
        guard.standLast();
        long count = beganPlain.countAndTake();
        if (count > 0) {
            log.warn(
                    "{} connection(s) to {} began without TLS, the last of {}; the listener speaks TLS only. Let the"
                            + " client use TLS, as in https, mqtts, amqps or wss",
                    count,
                    listener,
                    guard.peer());
        }
    }

    private void beganWithTls(String peer) {
        long count = beganSecure.countAndTake();
        if (count > 0) {
            log.warn(
                    "{} connection(s) to {} began with TLS, the last of {}; the listener speaks none. Give it a"
                            + " certificate ({}.tls.certificate), or let the client do without TLS",
                    count,
                    listener,
                    peer,
                    listener);
        }
    }

    private void secure(Channel connection, ConnectionGuard guard, Supplier<SslContext> certificate) {
        SslHandler ssl = certificate.get().newHandler(connection.alloc());
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
