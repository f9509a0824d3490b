package org.millrace.plugin.http.connection;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.millrace.plugin.http.connection.AnswerEncoder.Manner;
import org.millrace.plugin.http.exchange.Answer;
import org.millrace.plugin.http.exchange.BodyStream;
import org.millrace.plugin.http.exchange.Exchange;
import org.millrace.plugin.http.problem.Problem;
import org.millrace.plugin.http.problem.Problems;
import org.millrace.plugin.http.resource.Methods;
import org.millrace.plugin.http.uri.RequestTarget;
import org.millrace.plugin.http.uri.Target;
import org.millrace.spi.identity.Identity;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.ResourceException;
import org.millrace.spi.resource.Resources;
import org.millrace.spi.transport.HttpRoute;
import org.millrace.spi.transport.HttpUpgrade;

/**
 * One request of an HTTP/1.1 connection, and the slot its answer waits in until the earlier ones are sent. The
 * {@link HttpSession} moves it on.
 */
final class Http1Exchange implements Exchange {
    /** How far a request has come. */
    enum State {
        /** Its credentials can be checked when the earlier requests are answered. */
        QUEUED,
        /** Its credentials are being checked. */
        AUTHENTICATING,
        /** Its body is coming. */
        RECEIVING,
        /** It has come as a whole and waits for its turn. */
        READY,
        /** It is being answered. */
        RUNNING,
        /** Its answer is complete. */
        DONE
    }

    private final HttpSession session;
    private final HttpRequest request;

    State state = State.QUEUED;
    RequestHead head = RequestHead.UNREADABLE;

    @Nullable
    Target target;

    @Nullable
    HttpRoute route;

    @Nullable
    HttpUpgrade upgrade;

    @Nullable
    RequestBody body;

    @Nullable
    RouteExchange routeExchange;

    boolean complete;
    boolean owesContinue;

    private @Nullable RequestTarget requestTarget;
    private boolean keepAlive = true;
    private boolean gone;
    private @Nullable ByteBuf answer;
    private @Nullable ByteBuf answerBody;
    private @Nullable Stream stream;

    Http1Exchange(HttpSession session, HttpRequest request) {
        this.session = session;
        this.request = request;
    }

    /** Reads what the head says of the message itself. */
    void readHead() {
        head = RequestHead.read(request);
        keepAlive &= head.keepAlive();
    }

    /** Finds out what the request is about. */
    Target resolve() {
        Target found = Target.of(requestTarget().path());
        target = found;
        return found;
    }

    void endConnection() {
        keepAlive = false;
    }

    boolean keepsAlive() {
        return keepAlive;
    }

    boolean isDone() {
        return state == State.DONE;
    }

    boolean isWrite() {
        return route == null && upgrade == null && target != null && Methods.writes(method());
    }

    @Nullable
    Stream openStream() {
        return state == State.RUNNING ? stream : null;
    }

    @Override
    public String method() {
        return request.method().name();
    }

    @Override
    public RequestTarget requestTarget() {
        RequestTarget parsed = requestTarget;
        if (parsed == null) {
            parsed = RequestTarget.parse(request.uri());
            requestTarget = parsed;
        }
        return parsed;
    }

    @Override
    public HttpHeaders headers() {
        return request.headers();
    }

    @Override
    public byte[] takeBody() {
        return body == null ? new byte[0] : body.take();
    }

    @Override
    public Resources resources() {
        return session.resources();
    }

    /** The request as other plugins see it. */
    org.millrace.spi.transport.HttpRequest forPlugins(Identity identity) {
        Map<String, List<String>> headers = new HashMap<>();
        request.headers()
                .forEach(h -> headers.computeIfAbsent(h.getKey().toLowerCase(Locale.ROOT), k -> new ArrayList<>(1))
                        .add(h.getValue()));
        return new org.millrace.spi.transport.HttpRequest(
                method(), requestTarget().path(), requestTarget().query(), headers, identity, session.via());
    }

    private Manner manner() {
        return new Manner(keepAlive, head.http10(), method().equals("HEAD"));
    }

    @Override
    public void send(Answer what) {
        if (state == State.DONE || gone) {
            return;
        }
        if (stream != null) {
            throw new IllegalStateException("the answer to " + request.uri() + " has begun already");
        }
        if (what.status() >= 400) {
            session.server().refusals().increment();
        }
        Manner manner = manner();
        answer = session.encoder().whole(session.allocator(), what, manner);
        answerBody = session.encoder().separateBody(what, manner);
        state = State.DONE;
        session.advance();
    }

    @Override
    public BodyStream stream(Answer what) {
        boolean bodiless = manner().headOnly() || what.status() == 204 || what.status() == 304;
        boolean sized = what.fields().stream().anyMatch("content-length"::equalsIgnoreCase);
        boolean chunked = !bodiless && !sized && !head.http10();
        if (!bodiless && !sized && head.http10()) {
            // The end of the connection is the end of the body.
            keepAlive = false;
        }
        Stream opened = new Stream(bodiless, chunked);
        stream = opened;
        if (!gone) {
            session.write(session.encoder()
                    .streamed(
                            session.allocator(),
                            what,
                            manner(),
                            chunked || manner().headOnly() && !sized && !head.http10()));
        }
        return opened;
    }

    @Override
    public void fail(Throwable failure) {
        if (state == State.DONE || gone) {
            return;
        }
        Problem problem = explain(Problems.of(failure));
        if (problem.status() == 500) {
            session.logDefect(request.method() + " " + request.uri(), failure);
        }
        if (stream != null) {
            stream.abort();
            return;
        }
        String instance =
                target != null || requestTarget != null ? requestTarget().path() : "";
        byte[] json = problem.json(instance).getBytes(StandardCharsets.UTF_8);
        Answer refusal = new Answer(problem.status()).body("application/problem+json", ByteBuffer.wrap(json));
        for (int i = 0; i + 1 < problem.headers().size(); i += 2) {
            refusal.field(problem.headers().get(i), problem.headers().get(i + 1));
        }
        if (problem.status() == 401) {
            session.challenge(refusal);
        }
        send(refusal);
    }

    /** A client that did not say who it is learns that saying so may help, rather than that it may not. */
    private Problem explain(Problem problem) {
        if (problem.status() == 403 && session.isAnonymous()) {
            return Problems.of(
                    new ResourceException(ErrorCode.UNAUTHENTICATED, problem.detail() + "; no credentials were shown"));
        }
        return problem;
    }

    /** Hands the answer to the socket; a streamed one is there already. */
    void writeAnswer() {
        ByteBuf head = answer;
        if (head != null) {
            answer = null;
            session.write(head);
        }
        ByteBuf rest = answerBody;
        if (rest != null) {
            answerBody = null;
            session.write(rest);
        }
    }

    /** The connection is gone. */
    void lost() {
        gone = true;
        if (answer != null) {
            answer.release();
            answer = null;
        }
        if (answerBody != null) {
            answerBody.release();
            answerBody = null;
        }
        if (routeExchange != null) {
            routeExchange.lost();
        }
        if (stream != null && state != State.DONE) {
            stream.lost();
        }
        state = State.DONE;
    }

    /** The body of a streamed answer. The exchange is the first of its connection, so bytes go straight out. */
    final class Stream implements BodyStream {
        private final boolean bodiless;
        private final boolean chunked;
        private Runnable onWritable = () -> {};
        private Runnable onClose = () -> {};

        Stream(boolean bodiless, boolean chunked) {
            this.bodiless = bodiless;
            this.chunked = chunked;
        }

        private boolean isOpen() {
            return state == State.RUNNING && !gone;
        }

        @Override
        public void write(ByteBuffer bytes) {
            if (isOpen() && !bodiless && bytes.hasRemaining()) {
                session.writePart(bytes, chunked);
            }
        }

        @Override
        public void flush() {
            if (isOpen()) {
                session.flush();
            }
        }

        @Override
        public boolean isWritable() {
            return isOpen() && session.isWritable();
        }

        @Override
        public void onWritable(Runnable listener) {
            onWritable = listener;
        }

        @Override
        public void onClose(Runnable listener) {
            onClose = listener;
            if (gone) {
                lost();
            }
        }

        @Override
        public void end() {
            if (isOpen()) {
                if (chunked) {
                    session.writeEnd();
                }
                state = State.DONE;
                session.advance();
            }
        }

        @Override
        public void abort() {
            if (isOpen()) {
                session.breakOff();
            }
        }

        void writable() {
            onWritable.run();
        }

        private void lost() {
            Runnable listener = onClose;
            onClose = () -> {};
            listener.run();
        }
    }
}
