package org.millrace.plugin.http.connection;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.ReferenceCountUtil;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Ends a connection whose client is still sending by ending this side of it. A socket that is closed with input unread
 * answers with a reset, which would destroy what the client has not read yet, and so the reason why it is sent away
 * (RFC 9112 section 9.6). Over TLS, the farewell of TLS goes before. What comes is dropped, without being decrypted, until
 * the client closes, for two seconds at most. Used on the connection's event loop, once all is written.
 */
final class LingeringClose {
    private static final long LIMIT_SECONDS = 2;

    private LingeringClose() {}

    /** Lets the next close by a handler, or by one behind it, linger. */
    static void before(ChannelHandlerContext handler) {
        ChannelPipeline pipeline = handler.pipeline();
        if (pipeline.get(Interceptor.class) == null) {
            pipeline.addBefore(handler.name(), null, new Interceptor());
        }
    }

    /** Ends this side of a connection, all of whose output has been handed to the system, and the other in a while. */
    static void begin(Channel channel) {
        if (!(channel instanceof DuplexChannel duplex)) {
            channel.close();
            return;
        }
        ChannelPipeline pipeline = channel.pipeline();
        if (!channel.isActive() || pipeline.get(Drain.class) != null) {
            return;
        }
        pipeline.addFirst(new Drain());
        SslHandler tls = pipeline.get(SslHandler.class);
        ChannelFuture said = tls == null ? channel.newSucceededFuture() : tls.closeOutbound();
        said.addListener(done -> duplex.shutdownOutput());
        channel.read();
    }

    /** Makes a close linger. */
    private static final class Interceptor extends ChannelOutboundHandlerAdapter {
        @Override
        public void close(ChannelHandlerContext context, ChannelPromise promise) {
            context.channel().closeFuture().addListener(closed -> promise.trySuccess());
            begin(context.channel());
        }
    }

    /** Stands before all other handlers, so that these hear of nothing but the end. */
    private static final class Drain extends ChannelInboundHandlerAdapter {
        private @Nullable Future<?> limit;

        @Override
        public void handlerAdded(ChannelHandlerContext context) {
            limit = context.executor().schedule(() -> finish(context), LIMIT_SECONDS, TimeUnit.SECONDS);
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            ReferenceCountUtil.release(message);
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext context) {
            context.read();
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext context, Object event) {
            if (event instanceof ChannelInputShutdownEvent) {
                finish(context);
            } else {
                context.fireUserEventTriggered(event);
            }
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            if (limit != null) {
                limit.cancel(false);
            }
            context.fireChannelInactive();
        }

        private static void finish(ChannelHandlerContext context) {
            var _ = context.close();
        }
    }
}
