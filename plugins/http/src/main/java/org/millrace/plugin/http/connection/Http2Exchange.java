package org.millrace.plugin.http.connection;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Stream;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import org.millrace.plugin.http.exchange.Answer;
import org.millrace.plugin.http.exchange.BodyStream;
import org.millrace.spi.resource.Resources;

/** One request of an HTTP/2 connection: one stream (RFC 9113 section 8.1). */
final class Http2Exchange extends ServerExchange implements ClientViews.Guest {
    /** A large body is given to the flow control in parts, so that it is seen whether the client takes it. */
    private static final int PART = 64 * 1024;

    final Http2Stream stream;
    private final Http2Session session;

    /** Who sent it; null before it is asked. */
    ClientViews.@Nullable Login login;

    /** What has come of the body and counts against {@link BodyCredit}. */
    int received;

    /** What of it the client has no leave yet to send anew. */
    int withheld;

    /** What the time for the body counts from: its beginning, or the last piece of one that may be of any length. */
    long since = System.nanoTime();

    private long timedPieces;

    /** When the client last took something of the answer. */
    long sentAt = since;

    boolean admitted;
    private boolean wanted;
    private boolean done;
    private boolean closed;
    private @Nullable Stream answer;

    Http2Exchange(Http2Session session, Http2Stream stream, String method, String uri, HttpHeaders headers) {
        super(session.server(), session.via(), method, uri, headers);
        this.session = session;
        this.stream = stream;
    }

    @Override
    public EventLoop eventLoop() {
        return session.eventLoop();
    }

    @Override
    boolean isDone() {
        return done || closed;
    }

    @Override
    boolean hasBegun() {
        return answer != null;
    }

    @Override
    void abort() {
        if (!isDone()) {
            done = true;
            body.drop();
            session.output().reset(this, Http2Error.INTERNAL_ERROR);
        }
    }

    /** Keeps what comes of the body until it is known who wants it. */
    void holdBody() {
        body.hold(server.context().contents().maxSize(), head.contentLength());
    }

    /** A part of a streamed body came: how much of it the client may send anew. */
    int streamed(int bytes) {
        BodyFlow to = body.flow();
        if (to == null) {
            return bytes;
        }
        if (to.timedPieces() != timedPieces) {
            timedPieces = to.timedPieces();
            since = System.nanoTime();
        }
        if (to.takesMore()) {
            return bytes;
        }
        withheld += bytes;
        return 0;
    }

    /** Whether the client is late with its body. */
    boolean owesBody() {
        BodyFlow to = body.flow();
        return !body.complete && !isDone() && isBodyWanted() && (to == null || to.takesMore());
    }

    boolean isBodyWanted() {
        return wanted || isDone();
    }

    /** The client may send on. */
    void grant() {
        int bytes = withheld;
        withheld = 0;
        since = body.isStreamed() ? System.nanoTime() : since;
        if (bytes > 0) {
            session.requests().consumed(this, bytes);
        }
    }

    /** The body is wanted: the client is told if it waits for that. */
    void want() {
        wanted = true;
        if (head.expectsContinue() && !body.complete) {
            session.output().sendContinue(this);
        }
        session.requests().credit().goOn();
    }

    @Override
    boolean wantBody(int maxBytes) {
        boolean fits = body.limit(maxBytes);
        want();
        return fits;
    }

    @Override
    void bodyStreams() {
        session.requests().credit().ended(this);
        session.requests().streams(this);
    }

    @Override
    void bodyReadOn() {
        grant();
    }

    @Override
    public Resources resources() {
        ClientViews.Login in = login;
        Resources view = in == null ? null : in.view();
        if (view == null) {
            throw new IllegalStateException("the client of " + via.remote() + " was not let in");
        }
        return view;
    }

    @Override
    boolean isAnonymous() {
        ClientViews.Login in = login;
        Resources view = in == null ? null : in.view();
        return view != null && view.identity().isAnonymous();
    }

    @Override
    public void letIn() {
        session.requests().letIn(this);
    }

    @Override
    public void turnedAway(Throwable failure) {
        fail(failure);
    }

    @Override
    void sendWhole(Answer what) {
        if (answer != null) {
            throw new IllegalStateException("the answer to " + uri() + " has begun already");
        }
        done = true;
        body.drop();
        ByteBuffer bytes = what.body();
        int size = bytes.remaining();
        boolean bodiless = size == 0 || method().equals("HEAD") || what.status() == 204 || what.status() == 304;
        boolean sized = what.status() != 204 && what.status() != 304;
        session.output().writeHead(this, Http2Head.of(what, session.date(), sized ? size : -1), bodiless);
        if (!bodiless) {
            ByteBuf all = Unpooled.wrappedBuffer(bytes);
            while (all.readableBytes() > PART) {
                session.output().writeData(this, all.readRetainedSlice(PART), false);
            }
            session.output().writeData(this, all, true);
        }
        session.requests().answered(this);
    }

    @Override
    BodyStream openStream(Answer what) {
        Stream opened = new Stream(method().equals("HEAD") || what.status() == 204 || what.status() == 304);
        answer = opened;
        if (!isDone()) {
            session.output().writeHead(this, Http2Head.of(what, session.date(), -1), opened.bodiless);
            if (opened.bodiless) {
                done = true;
                session.requests().answered(this);
            }
        }
        return opened;
    }

    /** The client takes more. */
    void writable() {
        sentAt = System.nanoTime();
        Stream open = answer;
        if (open != null && !isDone() && open.isWritable()) {
            open.onWritable.run();
        }
    }

    /** The stream is closed, by whomever. */
    void streamClosed() {
        if (closed) {
            return;
        }
        boolean early = !done;
        closed = true;
        if (early) {
            body.lost();
            if (routeExchange != null) {
                routeExchange.lost();
            }
            if (answer != null) {
                answer.lost();
            }
        }
        body.drop();
    }

    /** The body of a streamed answer. */
    private final class Stream implements BodyStream {
        private final boolean bodiless;
        private Runnable onWritable = () -> {};
        private Runnable onClose = () -> {};

        Stream(boolean bodiless) {
            this.bodiless = bodiless;
        }

        @Override
        public void write(ByteBuffer bytes) {
            if (!isDone() && !bodiless && bytes.hasRemaining()) {
                session.output().writeData(Http2Exchange.this, Unpooled.wrappedBuffer(bytes), false);
            }
        }

        @Override
        public void flush() {
            session.output().flushSoon();
        }

        @Override
        public boolean isWritable() {
            return !isDone() && session.output().isWritable(stream);
        }

        @Override
        public void onWritable(Runnable listener) {
            onWritable = listener;
        }

        @Override
        public void onClose(Runnable listener) {
            onClose = listener;
            if (closed) {
                lost();
            }
        }

        @Override
        public void end() {
            if (!isDone()) {
                done = true;
                body.drop();
                session.output().writeData(Http2Exchange.this, Unpooled.EMPTY_BUFFER, true);
                session.requests().answered(Http2Exchange.this);
            }
        }

        @Override
        public void abort() {
            Http2Exchange.this.abort();
        }

        private void lost() {
            Runnable listener = onClose;
            onClose = () -> {};
            listener.run();
        }
    }
}
