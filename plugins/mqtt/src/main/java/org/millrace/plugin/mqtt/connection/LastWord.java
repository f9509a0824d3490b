package org.millrace.plugin.mqtt.connection;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.ssl.SslHandler;

/** Ends a connection so that the client can read why. */
final class LastWord {
    private LastWord() {}

    /**
     * Writes the last packet and ends our side only: a socket closed while the client still sends is reset, and a reset takes
     * away what the client has not read yet, which would be the reason. The caller closes what the client leaves open.
     *
     * @param packet becomes the channel's
     */
    static void say(ChannelHandlerContext ctx, ByteBuf packet) {
        ctx.writeAndFlush(packet).addListener(written -> closeOutput(ctx, written.isSuccess()));
    }

    private static void closeOutput(ChannelHandlerContext ctx, boolean written) {
        if (written
                && ctx.channel() instanceof DuplexChannel socket
                && ctx.pipeline().get(SslHandler.class) == null) {
            socket.shutdownOutput();
        } else {
            ctx.close();
        }
    }
}
