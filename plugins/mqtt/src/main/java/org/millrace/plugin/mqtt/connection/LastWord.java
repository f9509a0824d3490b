package org.millrace.plugin.mqtt.connection;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.ssl.SslHandler;
import org.millrace.plugin.mqtt.codec.PacketFramer;

/** Ends a connection so that the client can read why. */
final class LastWord {
    /** How long the client has to read it. */
    private static final long LINGER_MILLIS = 2_000;

    private LastWord() {}

    /**
     * Writes the last packet and ends our side only: a socket closed while the client still sends is reset, and a reset takes
     * away what the client has not read yet, which would be the reason. What the client still sends is dropped, and what it
     * leaves open is closed after a while.
     *
     * @param packet becomes the channel's
     */
    static void say(ByteBuf packet, ChannelHandlerContext ctx, PacketFramer framer, ConnectionTimer timer) {
        timer.after(LINGER_MILLIS, ctx::close);
        framer.discard();
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
