package org.millrace.plugin.http.connection;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Stream;
import org.jspecify.annotations.Nullable;
import org.millrace.plugin.http.problem.Problem;
import org.millrace.plugin.http.problem.ProblemException;

/**
 * The requests of one HTTP/2 connection, each on its stream, from their head until the stream is closed. What their bodies
 * hold is bounded by {@link BodyCredit}. Used on the connection's event loop only.
 */
final class Http2Requests {
    private final Http2Session session;
    private final HttpServer server;
    private final Http2Connection.PropertyKey key;
    private final ClientViews views;
    private final BodyCredit credit = new BodyCredit();

    private long served;
    private int open;

    Http2Requests(Http2Session session, ClientViews views) {
        this.session = session;
        this.server = session.server();
        this.key = session.connection().newKey();
        this.views = views;
    }

    /** Takes over a request of HTTP/1.1, which is answered on a stream of its own. */
    void continueWith(Http1Exchange request, Http2Stream stream) {
        Http2Exchange exchange = new Http2Exchange(session, stream, request.method(), request.uri(), request.headers());
        exchange.head = new RequestHead(false, true, 0, false);
        take(exchange, true);
    }

    /** The head of a request came. */
    void begin(Http2Stream stream, Http2Headers headers, boolean whole) {
        HttpHeaders fields = Http2Head.fields(headers);
        String method = String.valueOf(headers.method());
        String uri = String.valueOf(headers.path());
        Http2Exchange exchange = new Http2Exchange(session, stream, method, uri, fields);
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
            exchange.body.complete = whole;
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
        session.watch();
    }

    private void take(Http2Exchange exchange, boolean whole) {
        register(exchange);
        exchange.body.complete = whole;
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

    /** The request of a stream; null without one. */
    @Nullable
    Http2Exchange of(int streamId) {
        Http2Stream stream = session.connection().stream(streamId);
        return stream == null ? null : of(stream);
    }

    /** The request of a stream; null without one. */
    @Nullable
    Http2Exchange of(Http2Stream stream) {
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
        } else if (exchange.route != null || exchange.body.complete) {
            session.output().start(exchange);
        } else {
            exchange.want();
        }
    }

    /** Answers a request while its body comes. */
    void streams(Http2Exchange exchange) {
        credit.ended(exchange);
        session.output().start(exchange);
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
                exchange.fail(exchange.body.tooLarge().exception());
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

    /** A request has come as a whole. */
    void received(Http2Exchange exchange) {
        credit.ended(exchange);
        boolean ready = exchange.admitted && !exchange.isDone() && exchange.route == null && !exchange.isBodyStreamed();
        exchange.bodyEnded();
        if (ready) {
            session.output().start(exchange);
        }
    }

    /** A stream is closed, by whomever. */
    void streamClosed(Http2Stream stream) {
        Http2Exchange exchange = stream.removeProperty(key);
        if (exchange == null) {
            return;
        }
        open--;
        exchange.streamClosed();
        session.output().forget(exchange);
        credit.ended(exchange);
        if (exchange.login != null) {
            exchange.login.leave();
        }
        session.closeIfDrained();
        session.watch();
    }

    /** The answer is on its way. */
    void answered(Http2Exchange exchange) {
        credit.ended(exchange);
        session.output().flushSoon();
    }

    /** The client may send so much more of a body. */
    void consumed(Http2Exchange exchange, int bytes) {
        try {
            if (session.decoder().flowController().consumeBytes(exchange.stream, bytes)) {
                session.output().flushSoon();
            }
        } catch (Http2Exception e) {
            session.onError(session.wire(), true, e);
        }
    }

    /** The client takes more of an answer. */
    void streamWritable(Http2Stream stream) {
        Http2Exchange exchange = of(stream);
        if (exchange != null) {
            exchange.writable();
        }
    }

    /** How many requests have begun. */
    long served() {
        return served;
    }

    /** How many are under way. */
    int open() {
        return open;
    }

    BodyCredit credit() {
        return credit;
    }
}
