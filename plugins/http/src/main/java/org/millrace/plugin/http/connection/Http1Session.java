package org.millrace.plugin.http.connection;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.lang.System.Logger.Level;
import org.jspecify.annotations.Nullable;
import org.millrace.plugin.http.wire.Head;
import org.millrace.plugin.http.wire.RequestDecoder;
import org.millrace.spi.identity.ConnectionInfo;
import org.millrace.spi.identity.Identity;
import org.millrace.spi.resource.Resources;
import org.millrace.spi.transport.HttpUpgrade;

/**
 * One HTTP/1.1 connection: its beginning and end, and when more is read of it. Everything runs on the connection's event
 * loop.
 *
 * <p>Requests stand in a {@link Http1Queue queue} from their head until their answer is sent. The decoder asks {@link Http1Intake#takesMore} before each step, so what is beyond the
 * limits of the queue stays undecoded, and the socket unread.
 */
final class Http1Session extends ChannelInboundHandlerAdapter implements ServedConnection {
    private final HttpServer server;
    private final Channel channel;
    private final ConnectionInfo via;
    private final Http1Output output;
    private final Http1Intake intake;
    private final Http1Patience patience;
    private final Http1Queue queue;

    private @Nullable RequestDecoder decoder;
    private boolean opened;
    private boolean reading;
    private boolean inputEnded;
    private boolean closing;
    private boolean ended;
    private boolean gone;

    Http1Session(HttpServer server, Channel channel, ConnectionInfo via, Head head) {
        this.server = server;
        this.channel = channel;
        this.via = via;
        this.output = new Http1Output(channel, new AnswerEncoder(head), this::flushed);
        this.intake = new Http1Intake(this, channel);
        this.patience = new Http1Patience(this, channel);
        this.queue = new Http1Queue(this, channel);
    }

    void decodeWith(RequestDecoder value) {
        decoder = value;
    }

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
            patience.watch();
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
        patience.stop();
        intake.close();
        queue.drop();
        output.drop();
        server.closed(this);
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event instanceof ChannelInputShutdownEvent) {
            inputEnded = true;
            Http1Exchange front = queue.first();
            boolean streamed = front != null && front.routeExchange != null;
            if (queue.isEmpty() || intake.receiving() != null || streamed) {
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
            Http1Exchange last = queue.last();
            if (last != null) {
                last.endConnection();
                closing |= intake.receiving() == null;
            } else if (decoder == null || !decoder.isInHead()) {
                channel.close();
            }
        });
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        try {
            if (ended || gone) {
                return;
            }
            reading = true;
            if (message instanceof HttpRequest request) {
                intake.begin(request);
            } else if (message instanceof HttpContent content) {
                intake.receive(content);
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

    /** Sends what is answered and starts what can start; then takes more from the client. */
    void advance() {
        if (queue.advance() && !reading) {
            flushSoon();
            proceed();
        }
    }

    /** All that was asked is answered. */
    void allAnswered() {
        if (inputEnded || closing && intake.receiving() == null) {
            endConnection();
        }
    }

    /** The turn has come of a request for another protocol that a plugin speaks. */
    void toPlugin(HttpUpgrade taker, Http1Exchange exchange) {
        var request = exchange.forPlugins(
                exchange.stranger ? Identity.ANONYMOUS : resources().identity());
        handOver().toPlugin(taker, request);
    }

    /** The turn has come of a request for HTTP/2. */
    void toHttp2(Http1Exchange exchange, Http2Settings asked) {
        handOver().toHttp2(exchange, asked);
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
            if (held != null && intake.takesMore()) {
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
        if (intake.takesMore() && !inputEnded) {
            channel.read();
        }
        patience.watch();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        Http1Exchange front = queue.first();
        if (channel.isWritable() && front != null && front.openStream() != null) {
            front.openStream().writable();
        }
        // Answers whose requests have waited for that may be asked for now, and more be read.
        advance();
        context.fireChannelWritabilityChanged();
    }

    private void flushed() {
        patience.watch();
    }

    void flush() {
        if (!reading) {
            output.flush();
            patience.watch();
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
    void endConnection() {
        if (ended || gone) {
            return;
        }
        closing = true;
        ended = true;
        boolean unread = intake.receiving() != null || decoder != null && decoder.isBroken();
        intake.drop();
        queue.drop();
        if (unread && !inputEnded) {
            output.closeThisSide();
        } else {
            output.close();
        }
    }

    /** Ends the connection at once, in the middle of an answer. */
    void breakOff() {
        closing = true;
        channel.close();
    }

    boolean isGone() {
        return gone;
    }

    /** Whether the last answer is on its way. */
    boolean isEnded() {
        return ended;
    }

    /** The requests whose answers are not sent, in their order. */
    Http1Queue queue() {
        return queue;
    }

    /** Nothing is taken behind the last request that has come. */
    void endSoon() {
        closing = true;
    }

    boolean endsSoon() {
        return closing;
    }

    Http1Intake intake() {
        return intake;
    }

    @Nullable
    RequestDecoder decoder() {
        return decoder;
    }

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
        Resources view = intake.view();
        if (view == null) {
            throw new IllegalStateException("the client of " + via.remote() + " was not let in");
        }
        return view;
    }

    boolean isAnonymous() {
        Resources view = intake.view();
        return view != null && view.identity().isAnonymous();
    }
}
