package org.millrace.plugin.mqtt.system;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufHolder;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import java.util.concurrent.atomic.LongAdder;

/**
 * Counts the bytes of all connections and the packets that leave; stands in front of the decoder in every pipeline. Safe
 * for use by any event loop.
 */
@Sharable
public final class Traffic extends ChannelDuplexHandler {
    private final LongAdder bytesReceived = new LongAdder();
    private final LongAdder bytesSent = new LongAdder();
    private final LongAdder packetsReceived = new LongAdder();
    private final LongAdder packetsSent = new LongAdder();
    private final LongAdder sockets = new LongAdder();
    private final LongAdder connects = new LongAdder();
    private final LongAdder subscriptions = new LongAdder();
    private final LongAdder sharedSubscriptions = new LongAdder();

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        sockets.increment();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (message instanceof ByteBuf bytes) {
            bytesReceived.add(bytes.readableBytes());
        }
        ctx.fireChannelRead(message);
    }

    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
        packetsSent.increment();
        if (message instanceof ByteBuf bytes) {
            bytesSent.add(bytes.readableBytes());
        } else if (message instanceof ByteBufHolder holder) {
            bytesSent.add(holder.content().readableBytes());
        }
        ctx.write(message, promise);
    }

    /** A whole packet came. */
    public void packetReceived() {
        packetsReceived.increment();
    }

    /** A CONNECT came. */
    public void connectReceived() {
        connects.increment();
    }

    /**
     * A subscription of a connected client begins or ends.
     *
     * @param change 1 or -1
     * @param shared whether it is a share
     */
    public void subscriptions(int change, boolean shared) {
        subscriptions.add(change);
        if (shared) {
            sharedSubscriptions.add(change);
        }
    }

    long bytesReceived() {
        return bytesReceived.sum();
    }

    long bytesSent() {
        return bytesSent.sum();
    }

    long packetsReceived() {
        return packetsReceived.sum();
    }

    long packetsSent() {
        return packetsSent.sum();
    }

    long sockets() {
        return sockets.sum();
    }

    long connects() {
        return connects.sum();
    }

    long subscriptions() {
        return subscriptions.sum();
    }

    long sharedSubscriptions() {
        return sharedSubscriptions.sum();
    }
}
