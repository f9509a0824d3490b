package org.millrace.plugin.websocket;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandler;
import io.netty.handler.codec.http.websocketx.Utf8FrameValidator;
import io.netty.handler.codec.http.websocketx.WebSocket13FrameEncoder;
import io.netty.handler.codec.http.websocketx.WebSocketDecoderConfig;
import io.netty.handler.flow.FlowControlHandler;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.millrace.plugin.websocket.envelope.WireFormat;
import org.millrace.spi.identity.ConnectionInfo;
import org.millrace.spi.identity.Credentials;
import org.millrace.spi.plugin.Metrics;
import org.millrace.spi.plugin.PluginContext;
import org.millrace.spi.resource.ResourceException;
import org.millrace.spi.resource.Resources;
import org.millrace.spi.transport.HttpRequest;
import org.millrace.spi.transport.HttpUpgrade;
import org.millrace.spi.transport.MemoryBudget;
import org.millrace.spi.transport.StreamProtocol;

/** Changes connections to WebSocket, and knows those that are open. Safe for use by any thread. */
final class WebSocketUpgrade implements HttpUpgrade {
    private final PluginContext context;
    private final WebSocketConfig config;
    private final Subprotocols subprotocols;
    private final Set<Channel> channels = ConcurrentHashMap.newKeySet();
    private final Metrics.Counter delivered;
    private final Complaints complaints;
    private final MemoryBudget memory;
    private volatile boolean closed;

    WebSocketUpgrade(PluginContext context, WebSocketConfig config, Subprotocols subprotocols) {
        this.context = context;
        this.config = config;
        this.subprotocols = subprotocols;
        this.complaints = new Complaints(context.log());
        this.memory = new MemoryBudget(config.maxMessages().bytes());
        this.delivered = context.metrics().counter("changes", "Changes written to subscriptions of connections");
    }

    @Override
    public String token() {
        return "websocket";
    }

    @Override
    public void upgrade(HttpRequest request, Channel channel) {
        try {
            if (closed) {
                throw new Refusal(Refusal.Kind.UNAVAILABLE, "the host is stopping", "Retry-After: 1");
            }
            Handshake.check(request, config.origins());
            open(request, channel);
            channels.add(channel);
            channel.closeFuture().addListener(gone -> channels.remove(channel));
        } catch (Refusal e) {
            channel.writeAndFlush(ByteBufUtil.writeAscii(channel.alloc(), e.answer()))
                    .addListener(ChannelFutureListener.CLOSE);
        }
    }

    /** MQTT and its like have credentials of their own, and so has the multiplexed protocol. */
    @Override
    public boolean authenticates() {
        return true;
    }

    /**
     * Whether the host asks a client for credentials that has shown none. Asking for nobody's is answered at once; were
     * it not, the client would count as a stranger.
     */
    private boolean isStranger(HttpRequest request) {
        return request.identity().isAnonymous()
                && request.header("authorization").isEmpty()
                && context.authenticator()
                        .authenticate(Credentials.NONE, request.via())
                        .handle((identity, failure) -> failure != null)
                        .toCompletableFuture()
                        .getNow(true);
    }

    /** Takes the first subprotocol that is known of those a client names, which are in the order of its preference. */
    private void open(HttpRequest request, Channel channel) throws Refusal {
        for (String name : Handshake.subprotocols(request)) {
            Optional<WireFormat> format = WireFormat.of(name);
            if (format.isPresent()) {
                multiplex(format.get(), request, channel);
                return;
            }
            Optional<StreamProtocol> protocol = subprotocols.find(name);
            if (protocol.isPresent()) {
                carry(name, protocol.get(), request, channel);
                return;
            }
        }
        follow(request, channel);
    }

    private void carry(String name, StreamProtocol protocol, HttpRequest request, Channel channel) {
        accept(request, channel, name, Optional.empty());
        channel.pipeline().addLast(new Tunnel());
        protocol.initialize(channel, request.via().withProtocol(protocol.name()));
    }

    private void multiplex(WireFormat format, HttpRequest request, Channel channel) throws Refusal {
        if (!request.path().equals("/")) {
            throw new Refusal(
                    Refusal.Kind.INVALID, "the subprotocol " + format.subprotocol() + " is served at the URL / only");
        }
        Optional<Deflate> deflate = deflate(request);
        ConnectionInfo via = request.via().withProtocol("websocket");
        boolean stranger = isStranger(request);
        MultiplexedSession session = new MultiplexedSession(
                format,
                channel,
                context.resources(request.identity(), via, channel.eventLoop()),
                this,
                via,
                deflate.isPresent());
        messages(channel, accept(request, channel, format.subprotocol(), deflate), session);
        if (stranger) {
            session.awaitCredentials(config.authenticateTimeout());
        }
    }

    private void follow(HttpRequest request, Channel channel) throws Refusal {
        if (isStranger(request)) {
            throw new Refusal(
                    Refusal.Kind.UNAUTHENTICATED,
                    "credentials are needed; give a user name and a password, or a bearer token",
                    "WWW-Authenticate: Basic realm=\"millrace\", charset=\"UTF-8\"",
                    "WWW-Authenticate: Bearer realm=\"millrace\"");
        }
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
            String detail = String.valueOf(e.getMessage());
            throw switch (e.code()) {
                case FORBIDDEN, UNAUTHENTICATED -> new Refusal(Refusal.Kind.FORBIDDEN, detail);
                case UNAVAILABLE, BUSY -> new Refusal(Refusal.Kind.UNAVAILABLE, detail, "Retry-After: 1");
                case INVALID,
                        UNSUPPORTED,
                        TOO_LARGE,
                        NOT_FOUND,
                        CONFLICT,
                        PRECONDITION_FAILED,
                        EXPIRED_CURSOR,
                        QUOTA_EXCEEDED,
                        INTERNAL -> new Refusal(Refusal.Kind.INVALID, detail);
            };
        }
        messages(channel, accept(request, channel, "", deflate(request)), session);
        session.flow();
    }

    private Optional<Deflate> deflate(HttpRequest request) {
        return config.compression()
                ? Deflate.negotiate(request, config.maxMessage().toIntSaturated())
                : Optional.empty();
    }

    /** Answers the handshake, and speaks in frames from now on. */
    private MessageMemory accept(HttpRequest request, Channel channel, String subprotocol, Optional<Deflate> deflate) {
        String key = request.header("sec-websocket-key").orElse("");
        ByteBuf answer = channel.alloc().buffer();
        answer.writeCharSequence(
                "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                        + "Sec-WebSocket-Accept: " + Handshake.accept(key) + "\r\n"
                        + (subprotocol.isEmpty() ? "" : "Sec-WebSocket-Protocol: " + subprotocol + "\r\n")
                        + deflate.map(Deflate::field).orElse("") + "\r\n",
                StandardCharsets.US_ASCII);
        channel.writeAndFlush(answer);
        WebSocketDecoderConfig limits = WebSocketDecoderConfig.newBuilder()
                .maxFramePayloadLength(config.maxFrame().toIntSaturated())
                .expectMaskedFrames(true)
                .allowMaskMismatch(false)
                .allowExtensions(deflate.isPresent())
                // The handlers at the end close, with the code of the one table.
                .closeOnProtocolViolation(false)
                .build();
        MessageMemory share = MessageMemory.of(memory, channel);
        channel.pipeline().addLast(new WebSocket13FrameEncoder(false), share.frames(limits));
        deflate.ifPresent(
                agreed -> agreed.addTo(channel, share, config.maxMessage().toIntSaturated()));
        channel.pipeline()
                .addLast(new ControlFrames(
                        config.idleTimeout(), complaints, request.via().remote()));
        return share;
    }

    /** Puts frames together to messages, and hands them on one by one, while they are read. */
    private void messages(Channel channel, MessageMemory share, ChannelHandler session) {
        channel.pipeline()
                .addLast(
                        new Utf8FrameValidator(false),
                        share.gathering(config.maxMessage().toIntSaturated()),
                        share.beforeWaiting(),
                        new FlowControlHandler(),
                        share.behindWaiting(),
                        session);
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

    long messageBytes() {
        return memory.held();
    }

    long messagesRefused() {
        return complaints.withoutRoom();
    }

    Metrics.Counter delivered() {
        return delivered;
    }

    PluginContext context() {
        return context;
    }

    WebSocketConfig config() {
        return config;
    }
}
