package org.millrace.plugin.http.connection;

import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http2.Http2Settings;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import org.millrace.plugin.http.connection.AnswerEncoder.Manner;
import org.millrace.plugin.http.exchange.Answer;
import org.millrace.plugin.http.exchange.BodyStream;
import org.millrace.spi.resource.Resources;
import org.millrace.spi.transport.HttpUpgrade;

/**
 * One request of an HTTP/1.1 connection, and the slot its answer waits in until the earlier ones are sent. The
 * {@link Http1Session} moves it on.
 */
final class Http1Exchange extends ServerExchange {
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

    private final Http1Session session;
    private final HttpRequest request;

    State state = State.QUEUED;

    /** Whether it was let in without credentials, only to change to a protocol that asks for them. */
    boolean stranger;

    @Nullable
    HttpUpgrade upgrade;

    /** What the client said of itself when it asked for HTTP/2; null if it did not. */
    @Nullable
    Http2Settings http2;

    boolean owesContinue;

    private boolean keepAlive = true;
    private boolean gone;
    private @Nullable ByteBuf answer;
    private @Nullable ByteBuf answerBody;
    private @Nullable Stream stream;

    Http1Exchange(Http1Session session, HttpRequest request) {
        super(session.server(), session.via(), request.method().name(), request.uri(), request.headers());
        this.session = session;
        this.request = request;
    }

    /** Reads what the head says of the message itself. */
    void readHead() {
        head = RequestHead.read(request);
        keepAlive &= head.keepAlive();
    }

    void endConnection() {
        keepAlive = false;
    }

    boolean keepsAlive() {
        return keepAlive;
    }

    @Override
    boolean isDone() {
        return state == State.DONE || gone;
    }

    @Override
    boolean hasBegun() {
        return stream != null;
    }

    @Override
    void abort() {
        if (stream != null) {
            stream.abort();
        }
    }

    @Override
    boolean wantBody(int maxBytes) {
        body.hold(maxBytes, head.contentLength());
        owesContinue = head.expectsContinue() && !body.complete;
        session.advance();
        return true;
    }

    @Override
    void bodyStreams() {
        if (state == State.RECEIVING) {
            state = State.READY;
        }
        session.advance();
    }

    @Override
    void bodyReadOn() {
        session.proceed();
    }

    @Nullable
    Stream openStream() {
        return state == State.RUNNING ? stream : null;
    }

    @Override
    public EventLoop eventLoop() {
        return session.eventLoop();
    }

    @Override
    public Resources resources() {
        return session.resources();
    }

    @Override
    boolean isAnonymous() {
        return session.isAnonymous();
    }

    private Manner manner() {
        return new Manner(keepAlive, head.http10(), method().equals("HEAD"));
    }

    @Override
    void sendWhole(Answer what) {
        if (stream != null) {
            throw new IllegalStateException("the answer to " + uri() + " has begun already");
        }
        // The rest of a body that may be larger than memory is not read only to be dropped.
        keepAlive &= !body.isStreamed() || body.complete;
        Manner manner = manner();
        answer = session.output().encoder().whole(session.output().allocator(), what, manner);
        answerBody = session.output().encoder().separateBody(what, manner);
        state = State.DONE;
        body.drop();
        session.advance();
    }

    @Override
    BodyStream openStream(Answer what) {
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
            session.output()
                    .write(session.output()
                            .encoder()
                            .streamed(
                                    session.output().allocator(),
                                    what,
                                    manner(),
                                    chunked || manner().headOnly() && !sized && !head.http10()));
        }
        return opened;
    }

    /** Hands the answer to the socket; a streamed one is there already. */
    void writeAnswer() {
        ByteBuf head = answer;
        if (head != null) {
            answer = null;
            session.output().write(head);
        }
        ByteBuf rest = answerBody;
        if (rest != null) {
            answerBody = null;
            session.output().write(rest);
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
        body.lost();
        if (stream != null && state != State.DONE) {
            stream.lost();
        }
        state = State.DONE;
        body.drop();
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
                session.output().writePart(bytes, chunked);
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
            return isOpen() && session.output().isWritable();
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
                    session.output().writeEnd();
                }
                state = State.DONE;
                body.drop();
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
