package org.millrace.plugin.http.connection;

import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.ReferenceCountUtil;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Turns the close of a connection whose client is still sending into the end of this side of it. A socket that is closed
 * with input unread answers with a reset, which would destroy what the client has not read yet, and so the reason why it is
 * sent away (RFC 9112 section 9.6). What comes is dropped until the client closes, for two seconds at most. Used on the
 * connection's event loop, for the last words on it.
 */
final class LingeringClose extends ChannelDuplexHandler {
    private static final long LIMIT_SECONDS = 2;

    private @Nullable ScheduledFuture<?> end;

    private LingeringClose() {}

    /** Lets the next close of a handler linger; over TLS, whose own farewell needs the socket, it closes at once. */
    static void before(ChannelHandlerContext handler) {
        ChannelPipeline pipeline = handler.pipeline();
        boolean able = handler.channel() instanceof DuplexChannel && pipeline.get(SslHandler.class) == null;
        if (able && pipeline.get(LingeringClose.class) == null) {
            pipeline.addBefore(handler.name(), null, new LingeringClose());
        }
    }

    @Override
    public void close(ChannelHandlerContext context, ChannelPromise promise) {
        Channel channel = context.channel();
        channel.closeFuture().addListener(closed -> promise.trySuccess());
        if (end == null && channel instanceof DuplexChannel duplex) {
            end = context.executor().schedule(() -> finish(context), LIMIT_SECONDS, TimeUnit.SECONDS);
            var _ = duplex.shutdownOutput();
            context.read();
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (end == null) {
            context.fireChannelRead(message);
        } else {
            ReferenceCountUtil.release(message);
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        if (end == null) {
            context.fireChannelReadComplete();
        } else {
            context.read();
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (end != null && event instanceof ChannelInputShutdownEvent) {
            finish(context);
        }
        context.fireUserEventTriggered(event);
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        ScheduledFuture<?> timer = end;
        if (timer != null) {
            timer.cancel(false);
        }
        context.fireChannelInactive();
    }

    private static void finish(ChannelHandlerContext context) {
        var _ = context.close();
    }
}
