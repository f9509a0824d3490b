package org.millrace.host.transport;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stands before a listener's accepted connections: closes those beyond the limits before anything is spent on them, and
 * pauses when the system cannot accept. Used by the listener's event loop.
 */
final class AcceptGuard extends ChannelInboundHandlerAdapter {
    private static final Logger log = LoggerFactory.getLogger(AcceptGuard.class);

    private final ConnectionCount connections;
    private final UnreadBytes unread;
    private final String listener;
    private final String limitKey;
    private final OncePerMinute refusals = new OncePerMinute();
    private final OncePerMinute failures = new OncePerMinute();

    AcceptGuard(String listener, String limitKey, ConnectionCount connections, UnreadBytes unread) {
        this.listener = listener;
        this.limitKey = limitKey;
        this.connections = connections;
        this.unread = unread;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        Channel connection = (Channel) message;
        boolean full = unread.isFull();
        if (full) {
            connections.refuse();
        } else if (connections.tryAdd(connection)) {
            ctx.fireChannelRead(connection);
            return;
        }
        connection.unsafe().closeForcibly();
        long refused = refusals.countAndTake();
        if (refused > 0 && full) {
            log.warn(
                    "Listener {} refused {} connection(s): {} KiB wait for the clients of those that are open, and {}"
                            + " may (limits.unread)",
                    listener,
                    refused,
                    unread.waiting() >> 10,
                    unread.limit() >> 10);
        } else if (refused > 0) {
            log.warn(
                    "Listener {} refused {} connection(s): {} are open, the most allowed. Raise {} if these are wanted",
                    listener,
                    refused,
                    connections.limit(),
                    limitKey);
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        long failed = failures.countAndTake();
        if (failed > 0) {
            log.warn(
                    "Listener {} failed to accept {} time(s) and pauses for a second: {}. If files ran out, raise the"
                            + " process's limit (ulimit -n) or lower {}",
                    listener,
                    failed,
                    cause.getMessage(),
                    limitKey);
        }
        // Without a pause a lack of file descriptors would make this a busy loop.
        ctx.channel().config().setAutoRead(false);
        var _ = ctx.executor().schedule(() -> ctx.channel().config().setAutoRead(true), 1, TimeUnit.SECONDS);
    }
}
