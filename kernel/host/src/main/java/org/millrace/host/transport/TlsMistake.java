package org.millrace.host.transport;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;

/**
 * Notices a client that begins with TLS where none is spoken, so that the log can say what the client cannot: to it, the
 * protocol's own answer is noise. Looks at the first bytes and is gone. Used by the connection's event loop.
 */
final class TlsMistake extends ChannelInboundHandlerAdapter {
    private final Runnable noticed;

    TlsMistake(Runnable noticed) {
        this.noticed = noticed;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (message instanceof ByteBuf head && TlsSniffer.isHandshake(head)) {
            noticed.run();
        }
        ctx.pipeline().remove(this);
        ctx.fireChannelRead(message);
    }
}
