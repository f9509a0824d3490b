package org.millrace.plugin.http.connection;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2ConnectionDecoder;
import io.netty.handler.codec.http2.Http2ConnectionEncoder;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2Stream;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.millrace.plugin.http.problem.Problem;
import org.millrace.plugin.http.problem.ProblemException;
import org.millrace.spi.identity.ConnectionInfo;
import org.millrace.spi.resource.Resources;

/**
 * One HTTP/2 connection (RFC 9113). Netty's codec keeps the protocol's own state; this keeps the requests. Everything
 * runs on the connection's event loop.
 *
 * <p>Requests are under way together, each on its stream. What a client can make the host hold is bounded: the number
 * of streams by {@code http.max-streams}, the bodies coming in by {@link BodyCredit}, answers that wait for the client
 * by {@code http.max-unsent}, beyond which further requests wait for their turn. While the host's write queue is nearly
 * full, the socket is not read.
 */
final class Http2Session extends Http2ConnectionHandler implements ServedConnection {
    /** What may come of a body before leave is given to send more. */
    static final int STREAM_WINDOW = 128 * 1024;

    /** What is remembered of header fields on either side. */
    static final long HEADER_TABLE = 4096;

    private final HttpServer server;
    private final Channel channel;
    private final ConnectionInfo via;
    private final Http2Connection.PropertyKey key;
    private final ClientViews views;
    private final BodyCredit credit = new BodyCredit();
    private final Http2Output output;
    private final Deadline deadline;
    private final FrameMeter meter;
    private final Http2Patience patience;
    private final Http2StreamOrder order = new Http2StreamOrder();

    private @Nullable ChannelHandlerContext context;
    private long served;
    private long rounds;
    private int open;
    private boolean reading;
    private boolean waitingForHost;
    private boolean draining;
    private boolean complained;
    private boolean begun;
    private boolean gone;

    Http2Session(
            HttpServer server,
            Channel channel,
            ConnectionInfo via,
            Http2ConnectionDecoder decoder,
            Http2ConnectionEncoder encoder,
            Http2Settings settings) {
        super(decoder, encoder, settings);
        this.server = server;
        this.channel = channel;
        this.via = via;
        this.key = connection().newKey();
        this.output = new Http2Output(this, server.config());
        this.views = new ClientViews(server, channel, via);
        this.deadline = new Deadline(channel.eventLoop(), this::expired);
        this.patience = new Http2Patience(this, channel);
        this.meter = new FrameMeter(server.config().maxControlFrames());
    }

    /** The handler of a new connection, to be put at the end of its pipeline. */
    static Http2Session of(HttpServer server, Channel channel, ConnectionInfo via) {
        return new Http2Setup(server, channel, via.withProtocol("h2")).build();
    }

    // Coming and going

    @Override
    public void handlerAdded(ChannelHandlerContext added) throws Exception {
        context = added;
        super.handlerAdded(added);
        if (channel.isActive()) {
            begin();
        }
    }

    @Override
    public void channelActive(ChannelHandlerContext active) throws Exception {
        super.channelActive(active);
        begin();
    }

    private void begin() throws Http2Exception {
        if (begun) {
            return;
        }
        begun = true;
        server.opened(this);
        // As wide as all streams together: see BodyCredit.
        decoder().flowController().incrementWindowSize(connection().connectionStream(), (int)
                Math.min(1 << 30, (long) STREAM_WINDOW * server.config().maxStreams()));
        flush(wire());
        watch();
        readMore();
    }

    /**
     * Goes on with a connection of HTTP/1.1 whose client asked for that (RFC 7540 section 3.2). To be called when this
     * handler is in the pipeline and the client was told.
     *
     * @param settings what the client sent in {@code HTTP2-Settings}
     * @param request the request that asked, which is answered on stream 1
     * @throws Http2Exception if the settings are not legal; the connection must be closed
     */
    void continueWith(Http2Settings settings, Http1Exchange request) throws Http2Exception {
        onHttpServerUpgrade(settings);
        capHeaderTable(settings);
        Http2Stream stream = connection().stream(1);
        Http2Exchange exchange = new Http2Exchange(this, stream, request.method(), request.uri(), request.headers());
        exchange.head = new RequestHead(false, true, 0, false);
        take(exchange, true);
    }

    @Override
    public void channelInactive(ChannelHandlerContext inactive) throws Exception {
        gone = true;
        deadline.stop();
        output.drop();
        super.channelInactive(inactive);
        views.close();
        server.closed(this);
    }

    @Override
    public void drain() {
        channel.eventLoop().execute(() -> {
            if (!draining && !gone) {
                draining = true;
                var _ = goAway(
                        wire(),
                        connection().remote().lastStreamCreated(),
                        Http2Error.NO_ERROR.code(),
                        Unpooled.EMPTY_BUFFER,
                        wire().newPromise());
                flush(wire());
                closeIfDrained();
            }
        });
    }

    private void closeIfDrained() {
        if (draining && open == 0 && !gone) {
            wire().writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
        }
    }

    // Requests in

    void begin(Http2Stream stream, Http2Headers headers, boolean whole) {
        HttpHeaders fields = Http2Head.fields(headers);
        String method = String.valueOf(headers.method());
        String uri = String.valueOf(headers.path());
        Http2Exchange exchange = new Http2Exchange(this, stream, method, uri, fields);
        try {
            if (uri.length() + method.length()
                    > server.config().maxRequestLine().bytes()) {
                throw new Problem(
                                414,
                                "uri-too-long",
                                "The URI is too long",
                                "the path has " + uri.length() + " characters")
                        .exception();
            }
            exchange.head = Http2Head.read(headers, fields, whole);
        } catch (RuntimeException e) {
            register(exchange);
            exchange.complete = whole;
            exchange.fail(e);
            return;
        }
        take(exchange, whole);
    }

    private void register(Http2Exchange exchange) {
        served++;
        open++;
        server.requests().increment();
        exchange.stream.setProperty(key, exchange);
        watch();
    }

    private void take(Http2Exchange exchange, boolean whole) {
        register(exchange);
        exchange.complete = whole;
        if (!whole) {
            exchange.holdBody();
        }
        if (exchange.isPreflight()) {
            exchange.answerPreflight();
            return;
        }
        ClientViews.Login login = views.join(exchange.headers());
        exchange.login = login;
        views.ask(login, exchange.headers(), exchange);
    }

    @Nullable
    Http2Exchange exchange(int streamId) {
        Http2Stream stream = connection().stream(streamId);
        return stream == null ? null : stream.getProperty(key);
    }

    @Nullable
    Http2Exchange exchange(Http2Stream stream) {
        return stream.getProperty(key);
    }

    /** The client is known. */
    void letIn(Http2Exchange exchange) {
        if (exchange.isDone()) {
            return;
        }
        try {
            exchange.admit();
            exchange.admitted = true;
        } catch (RuntimeException e) {
            exchange.fail(e);
            return;
        }
        if (exchange.isBodyStreamed()) {
            streams(exchange);
        } else if (exchange.route != null || exchange.complete) {
            output.start(exchange);
        } else {
            exchange.want();
        }
    }

    /** Answers a request while its body comes. */
    void streams(Http2Exchange exchange) {
        credit.ended(exchange);
        output.start(exchange);
        exchange.want();
    }

    /** A part of a body: how many bytes the client may send anew. */
    int receive(Http2Exchange exchange, ByteBuf data, int padding) {
        int bytes = data.readableBytes();
        if (exchange.isDone()) {
            return bytes + padding;
        }
        try {
            if (!exchange.receive(data)) {
                exchange.fail(exchange.tooLarge().exception());
                return bytes + padding;
            }
        } catch (ProblemException e) {
            exchange.fail(e);
            return bytes + padding;
        }
        if (exchange.isBodyStreamed()) {
            return exchange.streamed(bytes) + padding;
        }
        return credit.came(exchange, bytes) + padding;
    }

    void received(Http2Exchange exchange) {
        credit.ended(exchange);
        boolean ready = exchange.admitted && !exchange.isDone() && exchange.route == null && !exchange.isBodyStreamed();
        exchange.bodyEnded();
        if (ready) {
            output.start(exchange);
        }
    }

    void streamClosed(Http2Stream stream) {
        Http2Exchange exchange = stream.removeProperty(key);
        if (exchange == null) {
            return;
        }
        open--;
        exchange.streamClosed();
        output.forget(exchange);
        credit.ended(exchange);
        if (exchange.login != null) {
            exchange.login.leave();
        }
        closeIfDrained();
        watch();
    }

    // Answers out

    /** The answer is on its way. */
    void answered(Http2Exchange exchange) {
        credit.ended(exchange);
        output.flushSoon();
    }

    void consumed(Http2Exchange exchange, int bytes) {
        try {
            if (decoder().flowController().consumeBytes(exchange.stream, bytes)) {
                output.flushSoon();
            }
        } catch (Http2Exception e) {
            onError(wire(), true, e);
        }
    }

    void streamWritable(Http2Stream stream) {
        Http2Exchange exchange = exchange(stream);
        if (exchange != null) {
            exchange.writable();
        }
    }

    // The socket

    @Override
    protected void decode(ChannelHandlerContext from, ByteBuf in, List<Object> out) throws Exception {
        Http2StreamOrder.Breach breach = connection().goAwaySent() ? null : order.lookAt(in);
        int before = in.readerIndex();
        super.decode(from, breach == null ? in : in.readSlice(breach.before()), out);
        order.read(in.readerIndex() - before);
        if (breach != null) {
            in.skipBytes(in.readableBytes());
            onError(from, false, breach.error());
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext from, Object message) throws Exception {
        reading = true;
        super.channelRead(from, message);
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext from) {
        // Not the inherited one, which would read on whatever the host's state.
        reading = false;
        discardSomeReadBytes();
        from.fireChannelReadComplete();
        flush(from);
        readMore();
        watch();
    }

    private void readMore() {
        if (gone || waitingForHost) {
            return;
        }
        Resources view = views.anyView();
        if (view != null && view.isSaturated()) {
            waitingForHost = true;
            var _ = view.whenReady().whenComplete((ready, failure) -> {
                waitingForHost = false;
                readMore();
            });
            if (waitingForHost) {
                return;
            }
        } else {
            channel.read();
        }
    }

    // Time

    private void watch() {
        if (gone) {
            return;
        }
        if (open == 0) {
            deadline.set(Deadline.Kind.IDLE, served, server.config().idleTimeout());
        } else {
            deadline.set(Deadline.Kind.ROUND, rounds, patience.round());
        }
    }

    private void expired(Deadline.Kind kind) {
        if (kind == Deadline.Kind.IDLE) {
            // With a word of farewell, unlike a close of the context.
            var _ = channel.close();
        } else if (kind == Deadline.Kind.ROUND) {
            rounds++;
            try {
                patience.look();
            } catch (Http2Exception e) {
                onError(wire(), false, e);
            }
            output.flushSoon();
            watch();
        }
    }

    /** Lets go of a stream whose client takes nothing of its answer. */
    void cancel(Http2Exchange exchange) {
        exchange.logDebug("does not read its answer; reset");
        output.reset(exchange, Http2Error.CANCEL);
    }

    /** Ends the connection without a word: the client would not read it. */
    void breakOff() {
        var _ = wire().close();
    }

    // Trouble

    @Override
    public void exceptionCaught(ChannelHandlerContext at, Throwable cause) throws Exception {
        if (cause instanceof IOException) {
            server.context().log().log(System.Logger.Level.DEBUG, "{0}: {1}", via.remote(), cause.getMessage());
            var _ = at.close();
        } else {
            super.exceptionCaught(at, cause);
        }
    }

    /** Counts a frame that carries no request. */
    void meter() throws Http2Exception {
        if (!meter.take()) {
            throw Http2Exception.connectionError(
                    Http2Error.ENHANCE_YOUR_CALM, "too many PING, SETTINGS and PRIORITY frames");
        }
    }

    /** Remembers no more header fields for the client than for others, whatever it would take. */
    void capHeaderTable(Http2Settings settings) throws Http2Exception {
        Long size = settings.headerTableSize();
        if (size != null && size > HEADER_TABLE) {
            encoder().configuration().headersConfiguration().maxHeaderTableSize(HEADER_TABLE);
        }
    }

    @Override
    protected void onConnectionError(
            ChannelHandlerContext at, boolean outbound, Throwable cause, @Nullable Http2Exception failure) {
        if (failure == null && cause instanceof IOException) {
            server.context().log().log(System.Logger.Level.DEBUG, "{0}: {1}", via.remote(), cause.getMessage());
        } else if (failure == null) {
            server.logDefect(via, "the connection", cause);
        } else {
            complain(failure.error().name(), String.valueOf(failure.getMessage()));
            LingeringClose.before(at);
        }
        super.onConnectionError(at, outbound, cause, failure);
    }

    /** The fields of a request were dropped by the codec, as they were too many; what is left is to answer it. */
    @Override
    protected void handleServerHeaderDecodeSizeError(ChannelHandlerContext at, Http2Stream stream) {
        try {
            output.refuseHead(at, stream);
        } catch (Http2Exception e) {
            onError(at, true, e);
        }
    }

    private void complain(String answer, String why) {
        if (!complained) {
            complained = true;
            server.complaints().brokeOff(via.remote(), answer, RequestHead.shown(why));
        }
    }

    // What exchanges ask

    HttpServer server() {
        return server;
    }

    ConnectionInfo via() {
        return via;
    }

    Http2Output output() {
        return output;
    }

    boolean isReading() {
        return reading;
    }

    boolean isGone() {
        return gone;
    }

    BodyCredit credit() {
        return credit;
    }

    String date() {
        return server.dates().value();
    }

    EventLoop eventLoop() {
        return channel.eventLoop();
    }

    ChannelHandlerContext wire() {
        ChannelHandlerContext at = context;
        if (at == null) {
            throw new IllegalStateException("not in a pipeline yet");
        }
        return at;
    }
}
