package org.millrace.plugin.websocket;

import io.netty.buffer.ByteBufUtil;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.millrace.plugin.websocket.envelope.Envelope;
import org.millrace.plugin.websocket.envelope.FieldWriter;
import org.millrace.plugin.websocket.envelope.Fields;
import org.millrace.plugin.websocket.envelope.WireFormat;
import org.millrace.spi.identity.ConnectionInfo;
import org.millrace.spi.resource.Commit;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.ResourceException;
import org.millrace.spi.resource.Resources;

/**
 * One client of the multiplexed protocol: requests with ids, their answers, and any number of subscriptions and
 * queries, over one connection. Used on the event loop.
 */
final class MultiplexedSession extends SimpleChannelInboundHandler<WebSocketFrame> {
    private final WireFormat format;
    private final Channel channel;
    private final WebSocketUpgrade upgrade;
    private final ConnectionInfo via;
    private final System.Logger log;
    private final MessageSink sink;
    private final RequestPace pace;
    private final Requests requests;
    private final ReadOrder order = new ReadOrder();
    private final Map<Object, Stream> streams = new HashMap<>();
    private Resources view;
    private boolean flushing;
    private boolean stranger;

    MultiplexedSession(
            WireFormat format,
            Channel channel,
            Resources view,
            WebSocketUpgrade upgrade,
            ConnectionInfo via,
            boolean compressed) {
        this.format = format;
        this.channel = channel;
        this.view = view;
        this.upgrade = upgrade;
        this.via = via;
        this.log = upgrade.context().log();
        this.sink = new MessageSink(channel, format, compressed);
        this.pace = new RequestPace(channel, upgrade.config().maxUnacknowledged());
        this.requests = new Requests(this, format, upgrade.context());
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, WebSocketFrame frame) {
        if (frame instanceof TextWebSocketFrame != format.isText()) {
            ControlFrames.close(
                    channel,
                    CloseCode.UNSUPPORTED,
                    format.subprotocol() + " takes " + (format.isText() ? "text" : "binary") + " messages");
            return;
        }
        @Nullable Object id = null;
        try {
            Envelope message = format.read(ByteBufUtil.getBytes(frame.content()));
            try {
                id = message.id("id").orElse(null);
                message.check();
                Op op = Op.of(message);
                if (stranger && op != Op.AUTHENTICATE && op != Op.PING) {
                    throw new ResourceException(
                            ErrorCode.UNAUTHENTICATED, "credentials are needed; authenticate first");
                }
                requests.serve(op, id, message);
            } catch (ResourceException e) {
                refuse(id, e);
            }
        } catch (ResourceException e) {
            ControlFrames.violated(channel, e);
        }
    }

    /** Answers a request that was done at once. */
    void answer(@Nullable Object id, Fields result) {
        if (id != null) {
            sink.add(new FieldWriter(format).id("id", id).map("result", result).done());
            flushSoon();
        }
    }

    /** Refuses a request. */
    void refuse(@Nullable Object id, Throwable failure) {
        ResourceException reason = explain("request", failure);
        FieldWriter answer = new FieldWriter(format);
        if (id != null) {
            answer.id("id", id);
        }
        sink.add(answer.map("error", error(format, reason)).done());
        flushSoon();
    }

    /** Answers a write when it is done. Until then it counts as under way, and reads that are sent after it wait for it. */
    <T> void answerWritten(CompletionStage<T> stage, @Nullable Object id, Function<T, Fields> result) {
        long number = order.writeBegins();
        whenDone(stage, (value, failure) -> {
            if (failure != null) {
                refuse(id, failure);
            } else {
                answer(id, result.apply(value));
            }
            order.writeEnds(number);
        });
    }

    /** Reads once the writes sent before are done; until then the read counts as under way. */
    void afterWrites(@Nullable Object id, Runnable read) {
        if (!order.isWriting()) {
            read.run();
            return;
        }
        pace.begin(view);
        order.whenWritten(() -> {
            pace.end(view);
            try {
                read.run();
            } catch (ResourceException e) {
                refuse(id, e);
            }
        });
    }

    /** Counts a request as under way until a stage completes. */
    <T> void whenDone(CompletionStage<T> stage, BiConsumer<T, @Nullable Throwable> then) {
        pace.begin(view);
        var _ = stage.whenComplete((value, failure) -> {
            try {
                then.accept(value, failure);
            } finally {
                pace.end(view);
            }
        });
    }

    /** What a commit is called in an answer. */
    Fields commit(Commit commit) {
        return new FieldWriter(format)
                .text("path", commit.path().toString())
                .text("effect", commit.effect().name().toLowerCase(java.util.Locale.ROOT))
                .text("etag", commit.version().toString())
                .text("cursor", commit.cursor().toString())
                .done();
    }

    /** What an error is called in a message. */
    static Fields error(WireFormat format, ResourceException reason) {
        return new FieldWriter(format)
                .text("code", reason.code().id())
                .text("message", String.valueOf(reason.getMessage()))
                .done();
    }

    /** A failure in the terms of the SPI; defects are logged. */
    ResourceException explain(String what, Throwable failure) {
        ResourceException reason = ResourceException.from(failure);
        if (reason.code() == ErrorCode.INTERNAL) {
            log.log(Level.ERROR, via.remote() + ": a " + what + " failed by a defect; please report it", failure);
        }
        return reason;
    }

    /** Puts a new stream under its id. */
    void add(Object id, Stream stream) {
        int most = upgrade.config().maxSubscriptions();
        if (streams.containsKey(id)) {
            throw new ResourceException(ErrorCode.CONFLICT, "a subscription or query of this id is open already");
        }
        if (streams.size() >= most) {
            throw new ResourceException(
                    ErrorCode.QUOTA_EXCEEDED,
                    "the connection has " + most + " subscriptions and queries open; more are not allowed"
                            + " (websocket.max-subscriptions)");
        }
        streams.put(id, stream);
    }

    /** The stream of an id. */
    Stream stream(Object id) {
        return Optional.ofNullable(streams.get(id))
                .orElseThrow(() -> new ResourceException(
                        ErrorCode.NOT_FOUND, "no subscription or query of this id is open on this connection"));
    }

    /** A stream has ended. */
    void ended(Object id) {
        streams.remove(id);
    }

    int streams() {
        return streams.size();
    }

    Resources view() {
        return view;
    }

    ConnectionInfo via() {
        return via;
    }

    /** Serves nothing before the client has said who it is, and waits for that a while only. */
    void awaitCredentials(Duration limit) {
        stranger = true;
        var timer = channel.eventLoop()
                .schedule(
                        () -> {
                            if (stranger) {
                                ControlFrames.close(channel, CloseCode.POLICY, "no credentials were shown in time");
                            }
                        },
                        limit.toMillis(),
                        TimeUnit.MILLISECONDS);
        channel.closeFuture().addListener(gone -> timer.cancel(false));
    }

    /** Serves the client by another view from now on. */
    void become(Resources other) {
        stranger = false;
        view.close();
        view = other;
        if (!channel.isActive()) {
            other.close();
        }
    }

    /** Serves no request until told otherwise. */
    void hold(boolean value) {
        pace.hold(value, view);
    }

    MessageSink sink() {
        return sink;
    }

    boolean isWritable() {
        return channel.isWritable();
    }

    io.netty.channel.EventLoop eventLoop() {
        return channel.eventLoop();
    }

    void delivered() {
        upgrade.delivered().increment();
    }

    /** Flushes once what comes in one go. */
    void flushSoon() {
        if (!flushing) {
            flushing = true;
            channel.eventLoop().execute(() -> {
                flushing = false;
                sink.flush();
            });
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        pace.check(view);
        if (channel.isWritable()) {
            List.copyOf(streams.values()).forEach(Stream::flow);
        }
        context.fireChannelWritabilityChanged();
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        streams.values().forEach(Stream::close);
        streams.clear();
        order.drop();
        view.close();
        sink.drop();
        context.fireChannelInactive();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        if (cause instanceof IOException) {
            log.log(Level.DEBUG, "{0}: {1}", via.remote(), cause.getMessage());
            context.close();
            return;
        }
        ControlFrames.fail(channel, cause, log, via.remote());
    }
}
