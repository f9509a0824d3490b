package org.millrace.plugin.http.connection;

import io.netty.channel.Channel;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import org.jspecify.annotations.Nullable;
import org.millrace.plugin.http.connection.Http1Exchange.State;
import org.millrace.plugin.http.problem.Problem;
import org.millrace.plugin.http.problem.ProblemException;
import org.millrace.plugin.http.problem.Problems;
import org.millrace.spi.identity.Identity;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.ResourceException;
import org.millrace.spi.resource.Resources;
import org.millrace.spi.transport.HttpUpgrade;

/**
 * Takes the requests of an HTTP/1.1 connection in: their heads, who sends them, and their bodies, until they are ready to be
 * answered. Says whether the client may send more. Used on the connection's event loop only.
 */
final class Http1Intake {
    /** A refused body up to this size is read and dropped to keep the connection; beyond it the connection ends. */
    private static final int DROPPED = 64 * 1024;

    private final Http1Session session;
    private final HttpServer server;
    private final Channel channel;
    private final ClientAccess access;

    /** The request whose body is coming. */
    private @Nullable Http1Exchange current;

    private long served;
    private boolean authenticating;
    private boolean upgrading;
    private boolean waitingForHost;

    Http1Intake(Http1Session session, Channel channel) {
        this.session = session;
        this.server = session.server();
        this.channel = channel;
        this.access = new ClientAccess(
                server.context(),
                channel,
                session.via(),
                server.config().credentialLifetime().toNanos());
    }

    void close() {
        access.close();
        current = null;
    }

    /** Nobody waits for the body that is coming any more. */
    void drop() {
        current = null;
    }

    /** The client's view of the records; null before it is let in. */
    @Nullable
    Resources view() {
        return access.view();
    }

    boolean isAuthenticating() {
        return authenticating;
    }

    /** Whether the decoder may take its next step. */
    boolean takesMore() {
        Http1Exchange receiving = current;
        if (session.isGone() || authenticating || upgrading) {
            return false;
        }
        if (receiving != null) {
            return receiving.isDone() || receiving.body.takesMore();
        }
        return !session.endsSoon()
                && session.queue().size() < server.config().maxPipelined()
                && channel.isWritable()
                && !isHostBusy();
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
                session.proceed();
            });
        }
        return waitingForHost;
    }

    void begin(HttpRequest request) {
        served++;
        server.requests().increment();
        Http1Exchange exchange = new Http1Exchange(session, request);
        session.queue().add(exchange);
        if (request.decoderResult().isFailure()) {
            refuseAndEnd(
                    exchange, RequestHead.unreadable(request.decoderResult().cause(), false));
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
        if (!exchange.keepsAlive()) {
            session.endSoon();
        }
        if (exchange.isPreflight()) {
            exchange.answerPreflight();
        } else {
            authenticate(exchange);
        }
    }

    void authenticate(Http1Exchange exchange) {
        HttpHeaders headers = exchange.headers();
        if (access.isCurrent(headers)) {
            authenticating = false;
            admit(exchange);
            return;
        }
        // The view is everybody's in the queue: it changes only when the others are done.
        authenticating = true;
        if (session.queue().first() != exchange) {
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
        if (session.isGone()) {
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
        session.advance();
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
        if (!exchange.stranger && (exchange.body.complete || exchange.head.contentLength() == 0)) {
            exchange.http2 = Http2Upgrade.settings(exchange.headers(), channel).orElse(null);
        }
        upgrading = exchange.upgrade != null || exchange.http2 != null;
        boolean ready = exchange.body.complete || exchange.route != null || exchange.isBodyStreamed();
        exchange.state = ready ? State.READY : State.RECEIVING;
        exchange.owesContinue = exchange.route == null && exchange.head.expectsContinue() && !exchange.body.complete;
        session.advance();
    }

    private @Nullable HttpUpgrade upgradeOf(HttpHeaders headers) {
        return headers.containsValue(HttpHeaderNames.CONNECTION, HttpHeaderNames.UPGRADE, true)
                ? server.routes().upgrade(headers.get(HttpHeaderNames.UPGRADE)).orElse(null)
                : null;
    }

    void receive(HttpContent content) {
        Http1Exchange exchange = current;
        if (exchange == null) {
            return;
        }
        if (content.decoderResult().isFailure()) {
            refuseAndEnd(
                    exchange, RequestHead.unreadable(content.decoderResult().cause(), true));
            return;
        }
        try {
            if (!exchange.receive(content.content())) {
                refuseAndEnd(exchange, exchange.body.tooLarge());
                return;
            }
        } catch (ProblemException e) {
            refuse(exchange, e);
        }
        if (content instanceof LastHttpContent) {
            current = null;
            exchange.owesContinue = false;
            if (exchange.state == State.RECEIVING) {
                exchange.state = State.READY;
            }
            exchange.bodyEnded();
            session.advance();
        }
    }

    /** Refuses a request whose body may still be on its way: a small one is dropped, a large one ends the connection. */
    private void refuse(Http1Exchange exchange, Throwable failure) {
        long length = exchange.head.contentLength();
        if (!exchange.body.complete && (length < 0 || length > DROPPED || exchange.head.expectsContinue())) {
            exchange.endConnection();
            session.endSoon();
            Problem problem = Problems.of(failure);
            if (problem.status() == 413 && !exchange.head.expectsContinue()) {
                server.complaints().brokeOff(session.via().remote(), problem.status(), problem.detail());
            }
        }
        exchange.fail(failure);
    }

    /** Refuses a request behind which nothing can be understood any more. */
    private void refuseAndEnd(Http1Exchange exchange, Problem problem) {
        session.endSoon();
        authenticating = false;
        exchange.endConnection();
        server.complaints().brokeOff(session.via().remote(), problem.status(), problem.detail());
        if (exchange.body.brokeOff(problem.exception())) {
            return;
        }
        exchange.fail(problem.exception());
        if (!exchange.isDone()) {
            session.breakOff();
        }
    }

    void headIsLate() {
        Http1Exchange late =
                new Http1Exchange(session, new DefaultHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.GET, "/"));
        session.queue().add(late);
        refuseAndEnd(late, Problems.timeout("the head of the request did not come in time"));
    }

    void bodyIsLate(Http1Exchange late) {
        refuseAndEnd(late, Problems.timeout("the body of the request did not come in time"));
    }

    /** How many requests have begun. */
    long served() {
        return served;
    }

    /** The request whose body is coming. */
    @Nullable
    Http1Exchange receiving() {
        return current;
    }
}
