package org.millrace.plugin.http.connection;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.millrace.plugin.http.exchange.Answer;
import org.millrace.plugin.http.exchange.BodyMemory;
import org.millrace.plugin.http.exchange.BodyReader;
import org.millrace.plugin.http.exchange.BodyStream;
import org.millrace.plugin.http.exchange.Exchange;
import org.millrace.plugin.http.problem.Problem;
import org.millrace.plugin.http.problem.ProblemException;
import org.millrace.plugin.http.problem.Problems;
import org.millrace.plugin.http.resource.Methods;
import org.millrace.plugin.http.uri.RequestTarget;
import org.millrace.plugin.http.uri.Target;
import org.millrace.spi.identity.ConnectionInfo;
import org.millrace.spi.identity.Identity;
import org.millrace.spi.transport.HttpRequest;
import org.millrace.spi.transport.HttpRoute;

/**
 * What a request of any HTTP version goes through: it is admitted by its head, its body collected, then answered by the
 * resource layer or another plugin's route; whatever goes wrong becomes one refusal. How answers look on the wire, and
 * when the request's turn comes, is the subclass's. Used on the connection's event loop only.
 */
abstract class ServerExchange implements Exchange {
    /** Up to this size an answer is compressed in one go; larger ones in parts, so that others get their turn. */
    private static final int CODED_AT_ONCE = 128 * 1024;

    final HttpServer server;
    final ConnectionInfo via;
    private final String method;
    private final String uri;
    private final HttpHeaders headers;

    RequestHead head = RequestHead.UNREADABLE;

    @Nullable
    Target target;

    @Nullable
    HttpRoute route;

    final IncomingBody body;

    @Nullable
    RouteExchange routeExchange;

    private @Nullable RequestTarget requestTarget;

    ServerExchange(HttpServer server, ConnectionInfo via, String method, String uri, HttpHeaders headers) {
        this.server = server;
        this.via = via;
        this.method = method;
        this.uri = uri;
        this.headers = headers;
        this.body = new IncomingBody(server.bodies().share(), headers.get(HttpHeaderNames.CONTENT_ENCODING));
    }

    /** Whether the answer is complete, or nobody waits for it any more. */
    abstract boolean isDone();

    /** Whether a streamed answer has begun. */
    abstract boolean hasBegun();

    /** Breaks a streamed answer off, so that the client notices. */
    abstract void abort();

    /** A plugin asks for the body, up to a limit; false if what has come of it is beyond that already. */
    abstract boolean wantBody(int maxBytes);

    @Override
    public final String method() {
        return method;
    }

    @Override
    public final HttpHeaders headers() {
        return headers;
    }

    @Override
    public final RequestTarget requestTarget() {
        RequestTarget parsed = requestTarget;
        if (parsed == null) {
            parsed = RequestTarget.parse(uri);
            requestTarget = parsed;
        }
        return parsed;
    }

    @Override
    public final BodyMemory.Share memory() {
        return body.memory();
    }

    @Override
    public final byte[] takeBody() {
        return body.taken();
    }

    /** Whether this is one write of the host's, which keeps its order among others that are under way. */
    final boolean isWrite() {
        return route == null && target instanceof Target.Record && Methods.writes(method);
    }

    /** Whether a browser asks what a page may do (the Fetch standard's preflight), which it does without credentials. */
    final boolean isPreflight() {
        return method.equals("OPTIONS")
                && headers.contains(HttpHeaderNames.ORIGIN)
                && headers.contains(HttpHeaderNames.ACCESS_CONTROL_REQUEST_METHOD);
    }

    final void answerPreflight() {
        send(new Answer(204).field("Vary", "Access-Control-Request-Method, Access-Control-Request-Headers"));
    }

    /**
     * Finds out what the request is about, and whether the head alone is reason to refuse it.
     *
     * @throws RuntimeException as {@link #fail} takes it
     */
    final void admit() {
        if (server.routes().mayAccept(method, headers)) {
            route = server.routes().route(forPlugins(resources().identity())).orElse(null);
        }
        if (route == null) {
            Target found = Target.of(requestTarget().path());
            target = found;
            server.dispatcher().check(method, found, headers);
            collectBody();
        }
        server.origins().check(method, headers);
    }

    /** Takes the body: as it comes, or as a whole up to the largest that the target takes. */
    final void collectBody() {
        body.take(
                server.dispatcher().intake(method, target, headers),
                server.dispatcher().bodyLimit(target),
                head.contentLength());
    }

    /**
     * Takes a part of the body; false if it is beyond the limit, which the route is told and the client is to be.
     *
     * @throws ProblemException 503 if the host has no room for more bodies; the route was told
     */
    final boolean receive(ByteBuf part) {
        if (isDone()) {
            return true;
        }
        boolean streamed = body.isStreamed();
        boolean taken;
        try {
            taken = body.add(part);
        } catch (ProblemException e) {
            if (routeExchange != null) {
                routeExchange.bodyTooLarge(e);
            }
            throw e;
        }
        if (!streamed && body.isStreamed()) {
            bodyStreams();
        }
        if (!taken && routeExchange != null) {
            routeExchange.bodyTooLarge(body.tooLarge().exception());
        }
        return taken;
    }

    /** It has become clear that the body is streamed: the request can be answered. */
    abstract void bodyStreams();

    @Override
    public final boolean isBodyStreamed() {
        return body.isStreamed();
    }

    @Override
    public final void readBody(BodyReader reader) {
        body.readBy(reader);
        bodyReadOn();
    }

    @Override
    public final void readOn() {
        BodyFlow to = body.flow();
        if (to != null) {
            to.pump();
            if (!body.complete && to.takesMore()) {
                bodyReadOn();
            }
        }
    }

    /** The client may send on. */
    abstract void bodyReadOn();

    /** The request is complete. */
    final void bodyEnded() {
        body.end();
        if (routeExchange != null) {
            routeExchange.bodyProgress();
        }
    }

    /** Answers the request: its turn has come. */
    final void run() {
        try {
            if (route != null) {
                RouteExchange answering = new RouteExchange(this);
                routeExchange = answering;
                route.handle(forPlugins(resources().identity()), answering);
            } else if (target != null) {
                server.dispatcher().handle(target, this);
            }
        } catch (RuntimeException e) {
            fail(e);
        }
    }

    /** The request as other plugins see it. */
    final HttpRequest forPlugins(Identity identity) {
        Map<String, List<String>> fields = new HashMap<>();
        headers.forEach(h -> fields.computeIfAbsent(h.getKey().toLowerCase(Locale.ROOT), k -> new ArrayList<>(1))
                .add(h.getValue()));
        return new HttpRequest(method, requestTarget().path(), requestTarget().query(), fields, identity, via);
    }

    /** Sends a whole answer. */
    abstract void sendWhole(Answer answer);

    /** Begins an answer whose body follows. */
    abstract BodyStream openStream(Answer answer);

    @Override
    public final void send(Answer answer) {
        if (isDone()) {
            return;
        }
        count(answer);
        server.origins().mark(answer, method, headers);
        @Nullable ContentCoding coding = codingOf(answer);
        int size = answer.body().remaining();
        if (coding == null || size < server.config().compressAbove().bytes()) {
            sendWhole(answer);
        } else if (size <= CODED_AT_ONCE) {
            try (ContentCoding.Encoder encoder = coding.encoder()) {
                ByteBuffer coded = encoder.encode(answer.body(), true, false);
                sendWhole(coded(answer, coding).body(String.valueOf(answer.contentType()), coded));
            }
        } else if (method.equals("HEAD")) {
            openStream(coded(answer, coding)).end();
        } else if (!isWrite()) {
            new SlicedBody(new CodedStream(openStream(coded(answer, coding)), coding.encoder()), answer.body()).run();
        } else {
            sendWhole(answer);
        }
    }

    @Override
    public final BodyStream stream(Answer answer) {
        @Nullable ContentCoding coding = isDone() ? null : codingOf(answer);
        if (coding == null) {
            return streamAsIs(answer);
        }
        BodyStream plain = streamAsIs(coded(answer, coding));
        return method.equals("HEAD") ? plain : new CodedStream(plain, coding.encoder());
    }

    /** As {@link #stream}, without compression. */
    final BodyStream streamAsIs(Answer answer) {
        if (!isDone()) {
            count(answer);
            server.origins().mark(answer, method, headers);
        }
        return openStream(answer);
    }

    private @Nullable ContentCoding codingOf(Answer answer) {
        boolean worth = answer.status() == 200
                && !answer.fields().contains("Content-Encoding")
                && server.config().compressAbove().bytes() > 0
                && ContentCoding.helps(answer.contentType());
        return worth ? ContentCoding.accepted(headers) : null;
    }

    /** A strong tag stands for exact bytes, so the coded form has one of its own. */
    private static Answer coded(Answer answer, ContentCoding coding) {
        if (answer.etag() != null) {
            answer.etag(answer.etag() + "." + coding.token());
        }
        return answer.field("Content-Encoding", coding.token());
    }

    @Override
    public final void fail(Throwable failure) {
        if (isDone()) {
            return;
        }
        Problem problem = Refusal.explain(Problems.of(failure), isAnonymous());
        if (problem.status() == 500) {
            logDefect(failure);
        }
        if (hasBegun()) {
            abort();
            return;
        }
        String instance =
                target != null || requestTarget != null ? requestTarget().path() : "";
        send(Refusal.of(problem, instance, server.config().realm(), headers));
    }

    /** Whether the client was let in without saying who it is. */
    abstract boolean isAnonymous();

    private void logDefect(Throwable failure) {
        server.logDefect(via, method + " " + uri, failure);
    }

    /** Counts an answer. */
    final void count(Answer answer) {
        if (answer.status() >= 400) {
            server.refusals().increment();
        }
    }

    final void logDebug(String what) {
        server.context().log().log(Level.DEBUG, "{0}: {1}", via.remote(), what);
    }

    final String uri() {
        return uri;
    }
}
