package org.millrace.host.transport;

import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.DatagramPacket;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stands between the socket of a listener for datagrams and the plugin's handler: drops what is larger than the limit,
 * as the system cut it off, and what would wait beyond the limit to be sent. What no handler of the plugin caught costs
 * the datagram that caused it and not the listener, for all peers share it. Used by the listener's event loop.
 */
final class DatagramGuard extends ChannelDuplexHandler {
    private static final Logger log = LoggerFactory.getLogger(DatagramGuard.class);

    private final String listener;
    private final String pluginId;
    private final int largest;
    private final DatagramCount count;
    private final Last last = new Last();
    private final OncePerMinute oversized = new OncePerMinute();
    private final OncePerMinute failures = new OncePerMinute();

    DatagramGuard(String listener, String pluginId, int largest, DatagramCount count) {
        this.listener = listener;
        this.pluginId = pluginId;
        this.largest = largest;
        this.count = count;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        standLast(ctx.pipeline());
        count.received.increment();
        if (message instanceof DatagramPacket packet && packet.content().readableBytes() > largest) {
            packet.release();
            count.tooLarge.increment();
            long dropped = oversized.countAndTake();
            if (dropped > 0) {
                log.warn(
                        "Listener {} dropped {} datagram(s) larger than {} bytes, the latest from {}. Raise"
                                + " {}.max-datagram-size if these are wanted",
                        listener,
                        dropped,
                        largest,
                        packet.sender(),
                        pluginId);
            }
            return;
        }
        ctx.fireChannelRead(message);
    }

    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
        if (!ctx.channel().isWritable()) {
            ReferenceCountUtil.release(message);
            count.unsent.increment();
            promise.tryFailure(new IOException("the datagram was dropped, for those before it are not sent yet"));
            return;
        }
        count.sent.increment();
        ctx.write(message, promise);
    }

    /** Keeps {@link Last} behind the handlers that the plugin adds later. */
    private void standLast(ChannelPipeline pipeline) {
        if (pipeline.last() == last) {
            return;
        }
        if (pipeline.context(last) != null) {
            pipeline.remove(last);
        }
        pipeline.addLast(last);
    }

    private void fail(Throwable cause) {
        count.failed.increment();
        long failed = failures.countAndTake();
        if (failed > 0) {
            log.warn(
                    "Plugin {} failed at {} datagram(s) of listener {}, which were dropped; others are not affected."
                            + " Report the cause to the plugin's author",
                    pluginId,
                    failed,
                    listener,
                    cause);
        }
    }

    /** What reaches this one was not caught by any handler of the plugin. */
    private final class Last extends ChannelInboundHandlerAdapter {
        /** The guard moves its one instance to the end again. */
        @Override
        public boolean isSharable() {
            return true;
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            fail(cause);
        }
    }
}
