package org.millrace.host.transport;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import java.nio.channels.ClosedChannelException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Holds the protocol back until TLS is established, so that it finds the peer's certificate and the negotiated protocol
 * in the pipeline and spends nothing on a peer that never gets that far. Used by the connection's event loop.
 */
final class HandshakeGate extends ChannelInboundHandlerAdapter {
    private static final Logger log = LoggerFactory.getLogger(HandshakeGate.class);

    private static final int SHOWN = 120;

    private final String listener;
    private final String peer;
    private final OncePerMinute failures;
    private final Runnable open;
    private boolean failed;

    HandshakeGate(String listener, String peer, OncePerMinute failures, Runnable open) {
        this.listener = listener;
        this.peer = peer;
        this.failures = failures;
        this.open = open;
    }

    /** Comes again once the protocol is there to see it. */
    @Override
    public void channelActive(ChannelHandlerContext ctx) {}

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (!(event instanceof SslHandshakeCompletionEvent handshake)) {
            ctx.fireUserEventTriggered(event);
            return;
        }
        if (!handshake.isSuccess()) {
            fail(ctx, handshake.cause());
            return;
        }
        open.run();
        // The protocol's handlers stand behind this one: they see the connection become active, then what arrives.
        ctx.fireChannelActive();
        ctx.fireUserEventTriggered(event);
        ctx.pipeline().remove(this);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        fail(ctx, cause);
    }

    private void fail(ChannelHandlerContext ctx, Throwable cause) {
        if (!failed) {
            failed = true;
            Throwable root = cause instanceof DecoderException && cause.getCause() != null ? cause.getCause() : cause;
            if (root instanceof ClosedChannelException) {
                log.debug("{} left {} before TLS was established", peer, listener);
            } else {
                long count = failures.countAndTake();
                if (count > 0) {
                    log.warn(
                            "{} TLS handshake(s) with {} failed, the last with {}: {}. Check that the client speaks TLS"
                                    + " here, trusts the listener's certificate and shows one if asked",
                            count,
                            listener,
                            peer,
                            shown(root));
                }
            }
        }
        var _ = ctx.close();
    }

    /** Without the dump of everything the peer sent. */
    private static String shown(Throwable cause) {
        String message = String.valueOf(cause.getMessage());
        return message.length() > SHOWN ? message.substring(0, SHOWN) + "..." : message;
    }
}
