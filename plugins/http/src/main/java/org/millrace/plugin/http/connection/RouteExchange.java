package org.millrace.plugin.http.connection;

import io.netty.channel.EventLoop;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.millrace.plugin.http.exchange.Answer;
import org.millrace.plugin.http.exchange.BodyStream;
import org.millrace.plugin.http.problem.Problems;
import org.millrace.plugin.http.wire.Head;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.ResourceException;
import org.millrace.spi.transport.HttpRoute;

/** A request that another plugin answers. Its body is read only when the plugin asks for it. */
final class RouteExchange implements HttpRoute.Exchange {
    private final ServerExchange exchange;
    private final CompletableFuture<byte[]> body = new CompletableFuture<>();
    private Runnable onWritable = () -> {};
    private Runnable onClose = () -> {};
    private boolean wanted;
    private boolean closed;
    private @Nullable BodyStream stream;

    RouteExchange(ServerExchange exchange) {
        this.exchange = exchange;
    }

    @Override
    public EventLoop eventLoop() {
        return exchange.eventLoop();
    }

    @Override
    public CompletionStage<byte[]> body(int maxBytes) {
        if (exchange.head.contentLength() > maxBytes) {
            body.completeExceptionally(tooLarge(maxBytes));
        } else if (!wanted) {
            wanted = true;
            if (!exchange.wantBody(maxBytes)) {
                body.completeExceptionally(tooLarge(maxBytes));
            }
            bodyProgress();
        }
        return body;
    }

    private static ResourceException tooLarge(int maxBytes) {
        return new ResourceException(
                ErrorCode.TOO_LARGE, "the request body is larger than the " + maxBytes + " bytes allowed");
    }

    /** The body is complete, if the plugin has asked for it. */
    void bodyProgress() {
        if (exchange.body.complete && wanted && !body.isDone()) {
            try {
                body.complete(exchange.takeBody());
            } catch (RuntimeException e) {
                body.completeExceptionally(e);
            }
        }
    }

    /** The body is beyond what the plugin takes. */
    void bodyTooLarge(Throwable failure) {
        body.completeExceptionally(failure);
    }

    @Override
    public void start(int status, String... headers) {
        Answer answer = new Answer(status);
        for (int i = 0; i + 1 < headers.length; i += 2) {
            if (!Head.isFieldValue(headers[i]) || !Head.isFieldValue(headers[i + 1])) {
                throw new IllegalArgumentException("header field " + headers[i] + " holds control characters");
            }
            answer.field(headers[i], headers[i + 1]);
        }
        BodyStream opened = exchange.streamAsIs(answer);
        stream = opened;
        opened.onWritable(() -> onWritable.run());
    }

    private BodyStream started() {
        BodyStream opened = stream;
        if (opened == null) {
            throw new IllegalStateException("the answer must be started first");
        }
        return opened;
    }

    @Override
    public void write(byte[] bytes) {
        started().write(ByteBuffer.wrap(bytes));
    }

    @Override
    public void flush() {
        started().flush();
    }

    @Override
    public boolean isWritable() {
        return started().isWritable();
    }

    @Override
    public void onWritable(Runnable listener) {
        onWritable = listener;
    }

    @Override
    public void onClose(Runnable listener) {
        onClose = listener;
        if (closed) {
            onClose = () -> {};
            listener.run();
        }
    }

    @Override
    public void end() {
        started().end();
        lost();
    }

    @Override
    public void fail(Throwable failure) {
        exchange.fail(failure);
        lost();
    }

    /** The answer has ended, or the client has gone. */
    void lost() {
        if (closed) {
            return;
        }
        closed = true;
        body.completeExceptionally(Problems.badRequest("the client has gone").exception());
        Runnable listener = onClose;
        onClose = () -> {};
        listener.run();
    }
}
