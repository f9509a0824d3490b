package org.millrace.host.transport;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;

/** The last handler of a connection: what no handler of the protocol caught ends this connection, and only this. */
final class EscapedFailures extends ChannelInboundHandlerAdapter {
    private final ConnectionGuard guard;

    EscapedFailures(ConnectionGuard guard) {
        this.guard = guard;
    }

    /** The guard moves its one instance to the end again and again. */
    @Override
    public boolean isSharable() {
        return true;
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        guard.fail(ctx.channel(), cause);
    }
}
