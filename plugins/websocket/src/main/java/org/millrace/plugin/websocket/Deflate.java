package org.millrace.plugin.websocket;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.ContinuationWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CorruptedWebSocketFrameException;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PongWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketCloseStatus;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.handler.codec.http.websocketx.extensions.WebSocketExtensionData;
import io.netty.handler.codec.http.websocketx.extensions.WebSocketExtensionFilter;
import io.netty.handler.codec.http.websocketx.extensions.WebSocketExtensionFilterProvider;
import io.netty.handler.codec.http.websocketx.extensions.WebSocketExtensionUtil;
import io.netty.handler.codec.http.websocketx.extensions.WebSocketServerExtension;
import io.netty.handler.codec.http.websocketx.extensions.compression.PerMessageDeflateServerExtensionHandshaker;
import io.netty.util.ReferenceCountUtil;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.StringJoiner;
import org.millrace.spi.transport.HttpRequest;

/**
 * Agrees to permessage-deflate (RFC 7692). What a client sends is inflated to the largest message at most; of what it is
 * sent, short messages stay as they are, since compressing them costs more than it saves.
 */
final class Deflate {
    /** Messages to a client below this many bytes are not compressed. */
    static final int THRESHOLD = 1024;

    private static final int LEVEL = 6;
    private static final int WINDOW = 15;

    private static final WebSocketExtensionFilterProvider LONG_ONES = new WebSocketExtensionFilterProvider() {
        @Override
        public WebSocketExtensionFilter encoderFilter() {
            return frame -> frame.content().readableBytes() < THRESHOLD && frame.isFinalFragment();
        }

        @Override
        public WebSocketExtensionFilter decoderFilter() {
            return WebSocketExtensionFilter.NEVER_SKIP;
        }
    };

    private final WebSocketServerExtension extension;

    private Deflate(WebSocketServerExtension extension) {
        this.extension = extension;
    }

    /**
     * What a client's offer comes to.
     *
     * @param maxMessage how large a message may become
     * @return empty if it offers nothing that can be agreed to
     */
    static Optional<Deflate> negotiate(HttpRequest request, int maxMessage) {
        for (String field : request.headers().getOrDefault("sec-websocket-extensions", List.of())) {
            for (WebSocketExtensionData offer : WebSocketExtensionUtil.extractExtensions(field)) {
                WebSocketServerExtension agreed = handshaker(maxMessage).handshakeExtension(offer);
                if (agreed != null) {
                    return Optional.of(new Deflate(agreed));
                }
            }
        }
        return Optional.empty();
    }

    private static PerMessageDeflateServerExtensionHandshaker handshaker(int maxMessage) {
        return new PerMessageDeflateServerExtensionHandshaker(
                LEVEL,
                // Java's deflate has one window size only, so an offer that asks for less is passed over.
                false,
                WINDOW,
                true,
                false,
                WINDOW,
                PerMessageDeflateServerExtensionHandshaker.DEFAULT_MEM_LEVEL,
                LONG_ONES,
                maxMessage);
    }

    /** The field of the handshake's answer. */
    String field() {
        WebSocketExtensionData data = extension.newReponseData();
        StringJoiner text = new StringJoiner("; ");
        text.add(data.name());
        for (Map.Entry<String, String> parameter : data.parameters().entrySet()) {
            text.add(
                    parameter.getValue() == null
                            ? parameter.getKey()
                            : parameter.getKey() + "=" + parameter.getValue());
        }
        return "Sec-WebSocket-Extensions: " + text + "\r\n";
    }

    /** Adds the handlers, behind the frames' codec. Fragments are inflated together, since one alone may give nothing. */
    void addTo(Channel channel, MessageMemory memory, int maxMessage) {
        channel.pipeline()
                .addLast(
                        new ReservedBits(),
                        memory.gathering(maxMessage),
                        extension.newExtensionDecoder(),
                        extension.newExtensionEncoder());
    }

    /**
     * Looks at the reserved bits, which the decoder leaves alone once there is an extension: the first may be set on the
     * first frame of a message, the others never (RFC 7692 section 6).
     */
    private static final class ReservedBits extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            if (message instanceof WebSocketFrame frame && frame.rsv() != 0) {
                boolean first = !(frame instanceof ContinuationWebSocketFrame
                        || frame instanceof PingWebSocketFrame
                        || frame instanceof PongWebSocketFrame
                        || frame instanceof CloseWebSocketFrame);
                if (frame.rsv() != 4 || !first) {
                    ReferenceCountUtil.release(message);
                    context.fireExceptionCaught(new CorruptedWebSocketFrameException(
                            WebSocketCloseStatus.PROTOCOL_ERROR, "a reserved bit is set"));
                    return;
                }
            }
            context.fireChannelRead(message);
        }
    }
}
