package org.millrace.plugin.http.connection;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;
import org.millrace.plugin.http.connection.Http1Exchange.State;
import org.millrace.plugin.http.problem.Problem;
import org.millrace.plugin.http.problem.Problems;
import org.millrace.plugin.http.wire.Head;
import org.millrace.plugin.http.wire.RequestDecoder;
import org.millrace.spi.identity.ConnectionInfo;
import org.millrace.spi.identity.Identity;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.ResourceException;
import org.millrace.spi.resource.Resources;
import org.millrace.spi.transport.HttpUpgrade;

/**
 * The state machine of one HTTP/1.1 connection. Everything runs on the connection's event loop.
 *
 * <p>Requests stand in a queue from their head until their answer is sent. Answers go out in the order of the requests.
 * Writes may be under way together, since the host keeps their order; every other request starts when those before it
 * are answered (RFC 9112 section 9.3.2). The decoder asks {@link #takesMore} before each step, so what is beyond the
 * limits of the queue stays undecoded, and the socket unread.
 */
final class Http1Session extends ChannelInboundHandlerAdapter implements ServedConnection {
    private static final Duration LINGER = Duration.ofSeconds(2);
    /** A refused body up to this size is read and dropped to keep the connection; beyond it the connection ends. */
    private static final int DROPPED = 64 * 1024;

    private final HttpServer server;
    private final Channel channel;
    private final ConnectionInfo via;
    private final Http1Output output;
    private final ClientAccess access;
    private final Deadline deadline;
    private final ArrayDeque<Http1Exchange> queue = new ArrayDeque<>();

    private @Nullable RequestDecoder decoder;
    /** The request whose body is coming. */
    private @Nullable Http1Exchange current;

    private long served;
    private long sendMark;
    private boolean opened;
    private boolean authenticating;
    private boolean upgrading;
    private boolean waitingForHost;
    private boolean advancing;
    private boolean again;
    private boolean reading;
    private boolean inputEnded;
    private boolean closing;
    private boolean ended;
    private boolean lingering;
    private boolean gone;

    Http1Session(HttpServer server, Channel channel, ConnectionInfo via, Head head) {
        this.server = server;
        this.channel = channel;
        this.via = via;
        this.output = new Http1Output(channel, new AnswerEncoder(head), this::watch);
        this.access = new ClientAccess(
                server.context(),
                channel,
                via,
                server.config().credentialLifetime().toNanos());
        this.deadline = new Deadline(channel.eventLoop(), this::expired);
    }

    void decodeWith(RequestDecoder value) {
        decoder = value;
    }

    // Coming and going

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        if (channel.isActive()) {
            open();
        }
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        open();
        context.fireChannelActive();
    }

    private void open() {
        if (!opened) {
            opened = true;
            server.opened(this);
            channel.read();
            watch();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        leave();
        context.fireChannelInactive();
    }

    private void leave() {
        if (gone) {
            return;
        }
        gone = true;
        deadline.stop();
        access.close();
        queue.forEach(Http1Exchange::lost);
        queue.clear();
        output.drop();
        current = null;
        server.closed(this);
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event instanceof ChannelInputShutdownEvent) {
            inputEnded = true;
            Http1Exchange front = queue.peekFirst();
            boolean streamed = front != null && front.routeExchange != null;
            if (queue.isEmpty() || current != null || streamed) {
                // Nothing to answer, a body that will never be complete, or a stream whose reader has left.
                channel.close();
            }
        }
        context.fireUserEventTriggered(event);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        if (cause instanceof IOException) {
            server.context().log().log(Level.DEBUG, "{0}: {1}", via.remote(), cause.getMessage());
        } else {
            server.logDefect(via, "the connection", cause);
        }
        channel.close();
    }

    @Override
    public void drain() {
        channel.eventLoop().execute(() -> {
            Http1Exchange last = queue.peekLast();
            if (last != null) {
                last.endConnection();
                closing |= current == null;
            } else if (decoder == null || !decoder.isInHead()) {
                channel.close();
            }
        });
    }

    // Requests in

    /** Whether the decoder may take its next step. */
    boolean takesMore() {
        if (lingering) {
            return true;
        }
        Http1Exchange receiving = current;
        if (gone || authenticating || upgrading) {
            return false;
        }
        if (receiving != null) {
            return receiving.isDone() || receiving.takesBody();
        }
        return !closing && queue.size() < server.config().maxPipelined() && channel.isWritable() && !isHostBusy();
    }

    private boolean isHostBusy() {
        Resources view = access.view();
        if (view == null || !view.isSaturated()) {
            return false;
        }
        if (!waitingForHost) {
            waitingForHost = true;
            var _ = view.whenReady().whenComplete((ready, failure) -> {
                waitingForHost = false;
                proceed();
            });
        }
        return waitingForHost;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        try {
            if (lingering || ended || gone) {
                return;
            }
            reading = true;
            if (message instanceof HttpRequest request) {
                begin(request);
            } else if (message instanceof HttpContent content) {
                receive(content);
            }
        } finally {
            ReferenceCountUtil.release(message);
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        reading = false;
        output.flush();
        proceed();
    }

    private void begin(HttpRequest request) {
        served++;
        server.requests().increment();
        Http1Exchange exchange = new Http1Exchange(this, request);
        queue.add(exchange);
        if (request.decoderResult().isFailure()) {
            refuseAndEnd(
                    exchange, RequestHead.unreadable(request.decoderResult().cause()));
            return;
        }
        current = exchange;
        try {
            exchange.readHead();
        } catch (RuntimeException e) {
            refuseAndEnd(exchange, Problems.of(e));
            return;
        }
        if (server.isDraining()) {
            exchange.endConnection();
        }
        closing |= !exchange.keepsAlive();
        if (exchange.isPreflight()) {
            exchange.answerPreflight();
        } else {
            authenticate(exchange);
        }
    }

    private void authenticate(Http1Exchange exchange) {
        HttpHeaders headers = exchange.headers();
        if (access.isCurrent(headers)) {
            authenticating = false;
            admit(exchange);
            return;
        }
        // The view is everybody's in the queue: it changes only when the others are done.
        authenticating = true;
        if (queue.peekFirst() != exchange) {
            return;
        }
        exchange.state = State.AUTHENTICATING;
        try {
            var _ = access.check(headers).whenComplete((identity, failure) -> {
                if (channel.eventLoop().inEventLoop()) {
                    authenticated(exchange, identity, failure);
                } else {
                    channel.eventLoop().execute(() -> authenticated(exchange, identity, failure));
                }
            });
        } catch (RuntimeException e) {
            authenticated(exchange, null, e);
        }
    }

    private void authenticated(Http1Exchange exchange, @Nullable Identity identity, @Nullable Throwable failure) {
        if (gone) {
            return;
        }
        authenticating = false;
        if (identity == null && canShowCredentialsLater(exchange, failure)) {
            exchange.stranger = true;
            admit(exchange);
        } else if (identity == null) {
            refuse(exchange, failure == null ? new IllegalStateException("no identity") : failure);
        } else {
            access.admit(exchange.headers(), identity);
            admit(exchange);
        }
        advance();
    }

    /** Whether a client that shows no credentials wants to change to a protocol that asks for them itself. */
    private boolean canShowCredentialsLater(Http1Exchange exchange, @Nullable Throwable failure) {
        HttpUpgrade taker = upgradeOf(exchange.headers());
        return failure != null
                && taker != null
                && taker.authenticates()
                && !exchange.headers().contains(HttpHeaderNames.AUTHORIZATION)
                && ResourceException.from(failure).code() == ErrorCode.UNAUTHENTICATED;
    }

    /** The client is known: finds out what it wants, and whether the head alone is reason to refuse it. */
    private void admit(Http1Exchange exchange) {
        try {
            exchange.upgrade = upgradeOf(exchange.headers());
            if (exchange.upgrade == null) {
                exchange.admit();
            } else {
                exchange.collectBody();
            }
        } catch (RuntimeException e) {
            refuse(exchange, e);
            return;
        }
        if (!exchange.stranger && (exchange.complete || exchange.head.contentLength() == 0)) {
            exchange.http2 = Http2Upgrade.settings(exchange.headers(), channel).orElse(null);
        }
        upgrading = exchange.upgrade != null || exchange.http2 != null;
        boolean ready = exchange.complete || exchange.route != null || exchange.isBodyStreamed();
        exchange.state = ready ? State.READY : State.RECEIVING;
        exchange.owesContinue = exchange.route == null && exchange.head.expectsContinue() && !exchange.complete;
        advance();
    }

    private @Nullable HttpUpgrade upgradeOf(HttpHeaders headers) {
        return headers.containsValue(HttpHeaderNames.CONNECTION, HttpHeaderNames.UPGRADE, true)
                ? server.routes().upgrade(headers.get(HttpHeaderNames.UPGRADE)).orElse(null)
                : null;
    }

    private void receive(HttpContent content) {
        Http1Exchange exchange = current;
        if (exchange == null) {
            return;
        }
        if (content.decoderResult().isFailure()) {
            refuseAndEnd(
                    exchange, RequestHead.unreadable(content.decoderResult().cause()));
            return;
        }
        if (!exchange.receive(content.content())) {
            refuseAndEnd(exchange, exchange.tooLarge());
            return;
        }
        if (content instanceof LastHttpContent) {
            current = null;
            exchange.owesContinue = false;
            if (exchange.state == State.RECEIVING) {
                exchange.state = State.READY;
            }
            exchange.bodyEnded();
            advance();
        }
    }

    /** Refuses a request whose body may still be on its way: a small one is dropped, a large one ends the connection. */
    private void refuse(Http1Exchange exchange, Throwable failure) {
        long length = exchange.head.contentLength();
        if (!exchange.complete && (length < 0 || length > DROPPED || exchange.head.expectsContinue())) {
            exchange.endConnection();
            closing = true;
            Problem problem = Problems.of(failure);
            if (problem.status() == 413 && !exchange.head.expectsContinue()) {
                server.complaints().brokeOff(via.remote(), problem.status(), problem.detail());
            }
        }
        exchange.fail(failure);
    }

    /** Refuses a request behind which nothing can be understood any more. */
    private void refuseAndEnd(Http1Exchange exchange, Problem problem) {
        closing = true;
        authenticating = false;
        exchange.endConnection();
        server.complaints().brokeOff(via.remote(), problem.status(), problem.detail());
        if (exchange.bodyBrokeOff(problem.exception())) {
            return;
        }
        exchange.fail(problem.exception());
        if (!exchange.isDone()) {
            breakOff();
        }
    }

    // Requests through

    /** Sends what is answered and starts what can start; then takes more from the client. */
    void advance() {
        if (advancing) {
            again = true;
            return;
        }
        advancing = true;
        try {
            do {
                again = false;
                sendAnswers();
                startReady();
            } while (again && !gone);
        } finally {
            advancing = false;
        }
        if (!reading) {
            flushSoon();
            proceed();
        }
    }

    private void sendAnswers() {
        Http1Exchange front = queue.peekFirst();
        while (front != null && front.isDone()) {
            queue.removeFirst();
            front.writeAnswer();
            if (!front.keepsAlive()) {
                endConnection();
                return;
            }
            front = queue.peekFirst();
        }
        if (front == null) {
            if (inputEnded || closing && current == null) {
                endConnection();
            }
            return;
        }
        if (front.state == State.QUEUED && authenticating) {
            authenticate(front);
        }
        if (front.owesContinue) {
            front.owesContinue = false;
            output.writeContinue();
        }
    }

    private void startReady() {
        boolean first = true;
        for (Http1Exchange exchange : queue) {
            if (exchange.state == State.READY && !exchange.isWrite() && !channel.isWritable()) {
                // No more than one answer waits for a client that does not read, however many it asked for.
                return;
            }
            if (exchange.state == State.READY && (first || exchange.isWrite())) {
                exchange.state = State.RUNNING;
                HttpUpgrade taker = exchange.upgrade;
                if (taker != null) {
                    var request = exchange.forPlugins(
                            exchange.stranger ? Identity.ANONYMOUS : resources().identity());
                    handOver().toPlugin(taker, request);
                    return;
                }
                Http2Settings asked = exchange.http2;
                if (first && asked != null) {
                    handOver().toHttp2(exchange, asked);
                    return;
                }
                exchange.run();
            }
            boolean passable = exchange.isDone() || exchange.state == State.RUNNING && exchange.isWrite();
            if (!passable) {
                return;
            }
            first = false;
        }
    }

    /** The client speaks HTTP/2 without asking. */
    void toHttp2() {
        handOver().toHttp2();
    }

    /** Lets go of the connection, for another protocol. */
    private Http1HandOver handOver() {
        RequestDecoder last = decoder;
        if (last == null) {
            throw new IllegalStateException("a connection without a decoder cannot be handed over");
        }
        queue.clear();
        leave();
        return new Http1HandOver(server, channel, via, this, last);
    }

    /** Takes more from the client, if there is room. */
    void proceed() {
        if (gone || reading) {
            return;
        }
        try {
            RequestDecoder held = decoder;
            if (held != null && takesMore()) {
                ChannelHandlerContext context = channel.pipeline().context(held);
                reading = true;
                held.resume(context);
                reading = false;
                output.flush();
            }
        } catch (Exception e) {
            reading = false;
            server.logDefect(via, "the connection", e);
            channel.close();
            return;
        }
        if (takesMore() && !inputEnded) {
            channel.read();
        }
        watch();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        Http1Exchange front = queue.peekFirst();
        if (channel.isWritable() && front != null && front.openStream() != null) {
            front.openStream().writable();
        }
        // Answers whose requests have waited for that may be asked for now, and more be read.
        advance();
        context.fireChannelWritabilityChanged();
    }

    // Answers out

    void flush() {
        if (!reading) {
            output.flush();
            watch();
        }
    }

    private void flushSoon() {
        if (queue.isEmpty()) {
            output.flush();
        } else {
            output.flushSoon();
        }
    }

    /** Ends the connection behind the last answer. */
    private void endConnection() {
        if (ended || gone) {
            return;
        }
        closing = true;
        ended = true;
        boolean unread = current != null || decoder != null && decoder.isBroken();
        current = null;
        queue.forEach(Http1Exchange::lost);
        queue.clear();
        if (!unread || inputEnded || channel.pipeline().get(SslHandler.class) != null) {
            output.close();
            return;
        }
        lingering = true;
        output.closeThisSide();
    }

    /** Ends the connection at once, in the middle of an answer. */
    void breakOff() {
        closing = true;
        channel.close();
    }

    // Time

    /** Sets the timer to what is waited for now. */
    private void watch() {
        if (gone) {
            return;
        }
        var config = server.config();
        if (lingering) {
            deadline.set(Deadline.Kind.LINGER, 0, LINGER);
        } else if (!channel.isWritable()) {
            sendMark = channel.bytesBeforeWritable();
            deadline.set(Deadline.Kind.SEND, sendMark, config.sendTimeout());
        } else if (current != null && (current.takesBody() || current.isDone())) {
            deadline.set(Deadline.Kind.BODY, bodyMark(current), config.bodyTimeout());
        } else if (!queue.isEmpty()) {
            deadline.clear();
        } else if (decoder != null && decoder.isInHead()) {
            deadline.set(Deadline.Kind.HEAD, served, config.headerTimeout());
        } else {
            deadline.set(Deadline.Kind.IDLE, served, config.idleTimeout());
        }
    }

    /** What the time for a body counts from: its beginning, or the last piece of one that may be of any length. */
    private long bodyMark(Http1Exchange receiving) {
        BodyFlow flow = receiving.flow;
        return flow == null ? served : -1 - flow.timedPieces();
    }

    private void expired(Deadline.Kind kind) {
        switch (kind) {
            case NONE -> {}
            case IDLE, LINGER -> channel.close();
            case HEAD -> {
                Http1Exchange late =
                        new Http1Exchange(this, new DefaultHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.GET, "/"));
                queue.add(late);
                refuseAndEnd(late, Problems.timeout("the head of the request did not come in time"));
            }
            case BODY -> {
                Http1Exchange late = current;
                if (late == null || late.isDone()) {
                    channel.close();
                } else {
                    refuseAndEnd(late, Problems.timeout("the body of the request did not come in time"));
                }
            }
            case SEND -> {
                if (!channel.isWritable() && channel.bytesBeforeWritable() == sendMark) {
                    server.context().log().log(Level.DEBUG, "{0}: does not read its answer; closed", via.remote());
                    channel.close();
                } else {
                    watch();
                }
            }
        }
    }

    // What exchanges ask

    HttpServer server() {
        return server;
    }

    ConnectionInfo via() {
        return via;
    }

    Http1Output output() {
        return output;
    }

    EventLoop eventLoop() {
        return channel.eventLoop();
    }

    Resources resources() {
        Resources view = access.view();
        if (view == null) {
            throw new IllegalStateException("the client of " + via.remote() + " was not let in");
        }
        return view;
    }

    boolean isAnonymous() {
        Resources view = access.view();
        return view != null && view.identity().isAnonymous();
    }
}
