package org.millrace.plugin.sse;

import io.netty.channel.DefaultEventLoop;
import io.netty.channel.EventLoop;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.millrace.spi.transport.HttpRoute;

/** Keeps what is answered. The test's thread reads, the loop writes. */
final class RecordingExchange implements HttpRoute.Exchange, AutoCloseable {
    private final EventLoop loop = new DefaultEventLoop();
    private final StringBuffer sent = new StringBuffer();
    private volatile boolean writable = true;
    private volatile boolean ended;
    private volatile Optional<Throwable> failure = Optional.empty();
    private volatile Runnable onWritable = () -> {};
    private volatile Runnable onClose = () -> {};

    @Override
    public EventLoop eventLoop() {
        return loop;
    }

    @Override
    public CompletionStage<byte[]> body(int maxBytes) {
        return CompletableFuture.completedFuture(new byte[0]);
    }

    @Override
    public void start(int status, String... headers) {
        sent.append(status).append(' ').append(String.join(" ", headers)).append('\n');
    }

    @Override
    public void write(byte[] bytes) {
        sent.append(new String(bytes, StandardCharsets.UTF_8));
    }

    @Override
    public void flush() {}

    @Override
    public boolean isWritable() {
        return writable;
    }

    @Override
    public void onWritable(Runnable listener) {
        onWritable = listener;
    }

    @Override
    public void onClose(Runnable listener) {
        onClose = listener;
    }

    @Override
    public void end() {
        ended = true;
        onClose.run();
    }

    @Override
    public void fail(Throwable why) {
        failure = Optional.of(why);
        onClose.run();
    }

    String sent() {
        return sent.toString();
    }

    boolean isEnded() {
        return ended;
    }

    Optional<Throwable> failure() {
        return failure;
    }

    void writable(boolean value) {
        writable = value;
        if (value) {
            loop.execute(() -> onWritable.run());
        }
    }

    void leave() {
        loop.execute(() -> onClose.run());
    }

    @Override
    public void close() {
        loop.shutdownGracefully();
    }
}
