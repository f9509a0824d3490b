package org.millrace.host.transport;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Watches over one connection from the head of its pipeline: keeps {@link EscapedFailures} behind whatever handlers the
 * protocol adds, also when it changes its pipeline later (an HTTP upgrade). Used by the connection's event loop.
 */
final class ConnectionGuard extends ChannelInboundHandlerAdapter {
    private static final Logger log = LoggerFactory.getLogger(ConnectionGuard.class);

    private final String listener;
    private final String peer;
    private final EscapedFailures last = new EscapedFailures(this);
    private @Nullable ChannelPipeline pipeline;
    private boolean failed;

    ConnectionGuard(String listener, String peer) {
        this.listener = listener;
        this.peer = peer;
    }

    String peer() {
        return peer;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        pipeline = ctx.pipeline();
    }

    /** Puts the last handler behind all others, if it is not there. */
    void standLast() {
        ChannelPipeline p = pipeline;
        if (p == null || p.last() == last) {
            return;
        }
        if (p.context(last) != null) {
            p.remove(last);
        }
        p.addLast(last);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (ctx.pipeline().last() != last && ctx.pipeline().context(last) != null) {
            standLast();
        }
        ctx.fireChannelRead(message);
    }

    /** Logs a failure once and ends the connection. A peer that hung up is no failure. */
    void fail(Channel connection, Throwable cause) {
        if (!failed) {
            failed = true;
            if (cause instanceof IOException) {
                log.debug("Connection of {} to {} broke off: {}", peer, listener, cause.getMessage());
            } else {
                log.warn(
                        "Connection of {} to {} failed and was closed; others are not affected. Report the cause to the"
                                + " plugin's author",
                        peer,
                        listener,
                        cause);
            }
        }
        var _ = connection.close();
    }
}
