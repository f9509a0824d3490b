package org.millrace.testkit;

import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.DatagramPacket;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;

/** Drops the datagrams that a host drops: those that are too large, and those beyond what may wait to be sent. */
final class DatagramLimits extends ChannelDuplexHandler {
    private final int largest;

    DatagramLimits(int largest) {
        this.largest = largest;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (message instanceof DatagramPacket packet && packet.content().readableBytes() > largest) {
            packet.release();
            return;
        }
        ctx.fireChannelRead(message);
    }

    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
        if (ctx.channel().isWritable()) {
            ctx.write(message, promise);
            return;
        }
        ReferenceCountUtil.release(message);
        promise.tryFailure(new IOException("the datagram was dropped, for those before it are not sent yet"));
    }
}
