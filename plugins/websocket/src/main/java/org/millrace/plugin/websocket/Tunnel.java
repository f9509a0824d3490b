package org.millrace.plugin.websocket;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.MessageToMessageCodec;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.ContinuationWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketCloseStatus;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import java.util.List;

/**
 * Carries another protocol's stream of bytes in binary frames. Where a frame ends means nothing to that protocol (MQTT
 * 5 section 6), so messages are not put together. Used on the event loop.
 */
final class Tunnel extends MessageToMessageCodec<WebSocketFrame, ByteBuf> {
    Tunnel() {
        super(WebSocketFrame.class, ByteBuf.class);
    }

    @Override
    protected void encode(ChannelHandlerContext context, ByteBuf bytes, List<Object> out) {
        out.add(new BinaryWebSocketFrame(bytes.retain()));
    }

    @Override
    protected void decode(ChannelHandlerContext context, WebSocketFrame frame, List<Object> out) {
        if (frame instanceof BinaryWebSocketFrame || frame instanceof ContinuationWebSocketFrame) {
            out.add(frame.content().retain());
        } else {
            ControlFrames.close(context.channel(), CloseCode.UNSUPPORTED, "the subprotocol needs binary frames");
        }
    }

    /** The protocol ends its stream. */
    @Override
    public void close(ChannelHandlerContext context, ChannelPromise promise) {
        context.writeAndFlush(new CloseWebSocketFrame(WebSocketCloseStatus.NORMAL_CLOSURE))
                .addListener(written -> context.close(promise));
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        if (cause instanceof DecoderException) {
            ControlFrames.violated(context.channel(), cause);
        } else {
            context.fireExceptionCaught(cause);
        }
    }
}
