package org.millrace.plugin.http.connection;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2ConnectionEncoder;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Stream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import org.millrace.plugin.http.HttpConfig;
import org.millrace.plugin.http.exchange.Answer;
import org.millrace.plugin.http.problem.Problem;
import org.millrace.plugin.http.problem.Problems;

/**
 * What an HTTP/2 connection writes. Counts what the client has not taken yet: beyond {@code http.max-unsent}, further
 * requests wait here for their turn. Used on the connection's event loop only.
 */
final class Http2Output {
    private final Http2Session session;
    private final HttpConfig config;
    /** Requests that wait until the client has read answers; no more than the client may have streams open at once. */
    private final ArrayDeque<Http2Exchange> held = new ArrayDeque<>();

    private long unsent;
    private boolean flushing;

    Http2Output(Http2Session session, HttpConfig config) {
        this.session = session;
        this.config = config;
    }

    private Http2ConnectionEncoder encoder() {
        return session.encoder();
    }

    private ChannelHandlerContext wire() {
        return session.wire();
    }

    // Whose turn it is

    /** Answers a request, as soon as the client has taken enough of the other answers. */
    void start(Http2Exchange exchange) {
        if (unsent > config.maxUnsent().bytes()) {
            held.add(exchange);
        } else {
            exchange.run();
        }
    }

    private void startHeld() {
        while (!held.isEmpty()
                && !session.isGone()
                && unsent <= config.maxUnsent().bytes()) {
            held.remove().run();
        }
    }

    /** Nobody waits for this answer any more. */
    void forget(Http2Exchange exchange) {
        held.remove(exchange);
    }

    /** The connection is gone. */
    void drop() {
        held.clear();
    }

    // Frames

    void writeHead(Http2Exchange exchange, Http2Headers head, boolean end) {
        ChannelFuture written = encoder().writeHeaders(wire(), exchange.stream.id(), head, 0, end, wire().newPromise());
        if (end) {
            written.addListener(done -> endRequest(exchange));
        }
        flushSoon();
    }

    void writeData(Http2Exchange exchange, ByteBuf data, boolean end) {
        int bytes = data.readableBytes();
        unsent += bytes;
        var _ = encoder()
                .writeData(wire(), exchange.stream.id(), data, 0, end, wire().newPromise())
                .addListener(written -> {
                    unsent -= bytes;
                    exchange.sentAt = System.nanoTime();
                    if (end) {
                        endRequest(exchange);
                    }
                    startHeld();
                });
    }

    /** Behind the whole answer, a body that is still coming is not wanted any more (RFC 9113 section 8.1). */
    private void endRequest(Http2Exchange exchange) {
        if (!exchange.body.complete && !session.isGone() && session.requests().of(exchange.stream) == exchange) {
            reset(exchange, Http2Error.NO_ERROR);
        }
    }

    void sendContinue(Http2Exchange exchange) {
        Http2Headers interim = new DefaultHttp2Headers(false, 1).status(HttpResponseStatus.CONTINUE.codeAsText());
        var _ = encoder().writeHeaders(wire(), exchange.stream.id(), interim, 0, false, wire().newPromise());
        flushSoon();
    }

    void reset(Http2Exchange exchange, Http2Error why) {
        var _ = session.resetStream(wire(), exchange.stream.id(), why.code(), wire().newPromise());
        flushSoon();
    }

    /** Answers a request whose fields the codec has dropped, as they were too many. */
    void refuseHead(ChannelHandlerContext at, Http2Stream stream) throws Http2Exception {
        Problem problem = Problems.headerTooLarge("the header fields of a request may take "
                + config.maxHeaderSize().bytes() + " bytes together (http.max-header-size)");
        byte[] json = problem.json("").getBytes(StandardCharsets.UTF_8);
        Answer answer = new Answer(problem.status()).body("application/problem+json", ByteBuffer.wrap(json));
        ByteBuf body = Unpooled.wrappedBuffer(json);
        Http2Headers head = Http2Head.of(answer, session.date(), body.readableBytes());
        var _ = encoder().writeHeaders(at, stream.id(), head, 0, false, at.newPromise());
        var _ = encoder().writeData(at, stream.id(), body, 0, true, at.newPromise());
        // Now, as the codec resets the stream behind this, which drops what waits for the flow control.
        encoder().flowController().writePendingBytes();
    }

    // The socket

    boolean isWritable(Http2Stream stream) {
        return encoder().flowController().isWritable(stream);
    }

    /** One flush for all that is written in this turn of the loop. */
    void flushSoon() {
        if (!flushing && !session.isReading() && !session.isGone()) {
            flushing = true;
            session.eventLoop().execute(() -> {
                flushing = false;
                session.flush(wire());
            });
        }
    }
}
