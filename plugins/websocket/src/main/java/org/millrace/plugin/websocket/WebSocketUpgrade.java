package org.millrace.plugin.websocket;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.handler.codec.http.websocketx.Utf8FrameValidator;
import io.netty.handler.codec.http.websocketx.WebSocket13FrameDecoder;
import io.netty.handler.codec.http.websocketx.WebSocket13FrameEncoder;
import io.netty.handler.codec.http.websocketx.WebSocketDecoderConfig;
import io.netty.handler.codec.http.websocketx.WebSocketFrameAggregator;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.millrace.spi.plugin.PluginContext;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.ResourceException;
import org.millrace.spi.resource.Resources;
import org.millrace.spi.transport.HttpRequest;
import org.millrace.spi.transport.HttpUpgrade;

/** Changes connections to WebSocket, and knows those that are open. Safe for use by any thread. */
final class WebSocketUpgrade implements HttpUpgrade {
    private final PluginContext context;
    private final WebSocketConfig config;
    private final Subprotocols subprotocols;
    private final Set<Channel> channels = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;

    WebSocketUpgrade(PluginContext context, WebSocketConfig config, Subprotocols subprotocols) {
        this.context = context;
        this.config = config;
        this.subprotocols = subprotocols;
    }

    @Override
    public String token() {
        return "websocket";
    }

    @Override
    public void upgrade(HttpRequest request, Channel channel) {
        try {
            if (closed) {
                throw new Refusal(503, "the host is stopping", "");
            }
            Handshake.check(request, config.origins());
            Optional<Subprotocols.Chosen> chosen = subprotocols.choose(Handshake.subprotocols(request));
            if (chosen.isPresent()) {
                carry(chosen.get(), request, channel);
            } else {
                follow(request, channel);
            }
            channels.add(channel);
            channel.closeFuture().addListener(gone -> channels.remove(channel));
        } catch (Refusal e) {
            channel.writeAndFlush(ByteBufUtil.writeAscii(channel.alloc(), e.answer()))
                    .addListener(ChannelFutureListener.CLOSE);
        }
    }

    private void carry(Subprotocols.Chosen chosen, HttpRequest request, Channel channel) {
        accept(request, channel, "Sec-WebSocket-Protocol: " + chosen.name() + "\r\n");
        frames(channel);
        channel.pipeline().addLast(new Tunnel());
        chosen.protocol()
                .initialize(
                        channel, request.via().withProtocol(chosen.protocol().name()));
    }

    private void follow(HttpRequest request, Channel channel) throws Refusal {
        Resources view =
                context.resources(request.identity(), request.via().withProtocol("websocket"), channel.eventLoop());
        RecordSession session;
        try {
            session = new RecordSession(
                    RecordTarget.read(request),
                    channel,
                    view,
                    this,
                    request.via().remote());
            session.subscribe();
        } catch (ResourceException e) {
            view.close();
            int status = e.code() == ErrorCode.FORBIDDEN ? 403 : e.code() == ErrorCode.UNAVAILABLE ? 503 : 400;
            throw new Refusal(status, String.valueOf(e.getMessage()), "");
        }
        accept(request, channel, "");
        frames(channel);
        channel.pipeline()
                .addLast(
                        new Utf8FrameValidator(false),
                        new WebSocketFrameAggregator(config.maxMessage().toIntSaturated()),
                        session);
        session.flow();
    }

    private static void accept(HttpRequest request, Channel channel, String field) {
        String key = request.header("sec-websocket-key").orElse("");
        ByteBuf answer = channel.alloc().buffer();
        answer.writeCharSequence(
                "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                        + "Sec-WebSocket-Accept: " + Handshake.accept(key) + "\r\n" + field + "\r\n",
                StandardCharsets.US_ASCII);
        channel.writeAndFlush(answer);
    }

    private void frames(Channel channel) {
        WebSocketDecoderConfig limits = WebSocketDecoderConfig.newBuilder()
                .maxFramePayloadLength(config.maxFrame().toIntSaturated())
                .expectMaskedFrames(true)
                .allowMaskMismatch(false)
                .allowExtensions(false)
                // The handlers at the end close, with the code of the one table.
                .closeOnProtocolViolation(false)
                .build();
        channel.pipeline()
                .addLast(
                        new WebSocket13FrameEncoder(false),
                        new WebSocket13FrameDecoder(limits),
                        new ControlFrames(config.idleTimeout()));
    }

    /** Says good-bye to all. */
    void close() {
        closed = true;
        for (Channel channel : channels) {
            channel.eventLoop()
                    .execute(() -> ControlFrames.close(channel, CloseCode.GOING_AWAY, "the host is stopping"));
        }
    }

    int connections() {
        return channels.size();
    }

    PluginContext context() {
        return context;
    }

    WebSocketConfig config() {
        return config;
    }
}
