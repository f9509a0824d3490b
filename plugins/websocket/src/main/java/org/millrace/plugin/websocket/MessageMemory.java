package org.millrace.plugin.websocket;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.websocketx.ContinuationWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocket13FrameDecoder;
import io.netty.handler.codec.http.websocketx.WebSocketDecoderConfig;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrameAggregator;
import io.netty.util.ReferenceCountUtil;
import org.millrace.spi.transport.MemoryBudget;

/**
 * What one connection takes of the memory that the unfinished messages of all may take together: the frame that is coming,
 * the fragments gathered of a message, and messages that wait, inflated, for requests before them. Its handlers stand
 * where each comes into being; one for which there is no room ends the connection by a {@link NoRoomException}. A message
 * is inflated before it is counted, so that beyond the bound there may be one of the largest for each event loop. Used on
 * the event loop.
 */
final class MessageMemory {
    /** What a fragment takes beside its bytes, roughly: a buffer and its place in the message. */
    private static final int FRAGMENT = 200;

    private final MemoryBudget.Share share;
    private boolean closed;

    private MessageMemory(MemoryBudget.Share share) {
        this.share = share;
    }

    /** What a connection takes; given back when it ends. */
    static MessageMemory of(MemoryBudget budget, Channel channel) {
        MessageMemory memory = new MessageMemory(budget.share());
        channel.closeFuture().addListener(gone -> memory.close());
        return memory;
    }

    private void close() {
        closed = true;
        share.giveAll();
    }

    private boolean take(long bytes, long payload) {
        return closed || share.tryTake(bytes, payload <= MemoryBudget.SMALL);
    }

    private void give(long bytes) {
        if (!closed) {
            share.give(bytes);
        }
    }

    /** Reads frames. */
    ChannelHandler frames(WebSocketDecoderConfig limits) {
        return new Frames(limits);
    }

    /** Puts frames together to messages. */
    ChannelHandler gathering(int maxMessage) {
        return new Gathering(maxMessage);
    }

    /** Stands before the handler that lets messages wait. */
    ChannelHandler beforeWaiting() {
        return new BeforeWaiting();
    }

    /** Stands behind it. */
    ChannelHandler behindWaiting() {
        return new BehindWaiting();
    }

    private static int size(Object message) {
        return message instanceof WebSocketFrame frame ? frame.content().readableBytes() : 0;
    }

    /** Counts the buffer of a frame that has not come whole. */
    private final class Frames extends WebSocket13FrameDecoder {
        private int counted;

        Frames(WebSocketDecoderConfig limits) {
            super(limits);
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) throws Exception {
            super.channelRead(context, message);
            int come = actualReadableBytes();
            int now = come == 0 ? 0 : internalBuffer().capacity();
            if (now > counted && !take(now - counted, come)) {
                context.fireExceptionCaught(new NoRoomException());
                return;
            }
            if (now < counted) {
                give(counted - now);
            }
            counted = now;
        }
    }

    /** Counts the fragments of a message. */
    private final class Gathering extends WebSocketFrameAggregator {
        private long counted;
        private int fragments;

        Gathering(int maxMessage) {
            super(maxMessage);
        }

        @Override
        protected WebSocketFrame beginAggregation(WebSocketFrame start, ByteBuf content) throws Exception {
            fragments = 1;
            count(content.readableBytes());
            return super.beginAggregation(start, content);
        }

        @Override
        protected void aggregate(WebSocketFrame message, ContinuationWebSocketFrame more) throws Exception {
            fragments++;
            count(message.content().readableBytes());
        }

        private void count(int bytes) {
            // Beyond so many parts they are copied into one.
            long now = bytes + (long) FRAGMENT * Math.min(fragments, maxCumulationBufferComponents());
            if (!take(now - counted, now)) {
                throw new NoRoomException();
            }
            counted = now;
        }

        @Override
        protected void finishAggregation(WebSocketFrame message) {
            give(counted);
            counted = 0;
        }
    }

    private final class BeforeWaiting extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            int size = size(message);
            if (take(size, size)) {
                context.fireChannelRead(message);
            } else {
                ReferenceCountUtil.release(message);
                context.fireExceptionCaught(new NoRoomException());
            }
        }
    }

    private final class BehindWaiting extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            give(size(message));
            context.fireChannelRead(message);
        }
    }
}
