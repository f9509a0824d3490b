package org.millrace.plugin.http.connection;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http2.Http2ConnectionDecoder;
import io.netty.handler.codec.http2.Http2ConnectionEncoder;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2Stream;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.millrace.spi.identity.ConnectionInfo;
import org.millrace.spi.resource.Resources;

/**
 * One HTTP/2 connection (RFC 9113). Netty's codec keeps the protocol's own state, and {@link Http2Requests} what is asked;
 * this is its beginning and end, the socket, the time and what goes wrong. Everything runs on the connection's event loop.
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
    private final ClientViews views;
    private final Http2Requests requests;
    private final Http2Output output;
    private final Deadline deadline;
    private final FrameMeter meter;
    private final Http2Patience patience;
    private final Http2StreamOrder order = new Http2StreamOrder();

    private @Nullable ChannelHandlerContext context;
    private long rounds;
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
        this.output = new Http2Output(this, server.config());
        this.views = new ClientViews(server, channel, via);
        this.requests = new Http2Requests(this, views);
        this.deadline = new Deadline(channel.eventLoop(), this::expired);
        this.patience = new Http2Patience(this, channel);
        this.meter = new FrameMeter(server.config().maxControlFrames());
    }

    /** The handler of a new connection, to be put at the end of its pipeline. */
    static Http2Session of(HttpServer server, Channel channel, ConnectionInfo via) {
        return new Http2Setup(server, channel, via.withProtocol("h2")).build();
    }

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
        requests.continueWith(request, connection().stream(1));
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

    /** Ends the connection once the last request before the farewell is answered. */
    void closeIfDrained() {
        if (draining && requests.open() == 0 && !gone) {
            wire().writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
        }
    }

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

    /** Sets the time to look at the requests again, or for which there may be none. */
    void watch() {
        if (gone) {
            return;
        }
        if (requests.open() == 0) {
            deadline.set(Deadline.Kind.IDLE, requests.served(), server.config().idleTimeout());
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

    Http2Requests requests() {
        return requests;
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
