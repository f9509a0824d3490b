package org.millrace.spi.transport;

import io.netty.channel.EventLoop;
import java.util.concurrent.CompletionStage;
import org.millrace.spi.plugin.ImplementedByHost;

/**
 * Answers requests on the HTTP plugin's port in its place, for example those that accept {@code text/event-stream}. The
 * offering plugin implements it; the HTTP plugin calls it on the connection's event loop.
 *
 * @since 0.1
 */
public interface HttpRoute {
    /**
     * Whether this route could answer a request at all, by what is at hand without looking at its header as a whole.
     * Asked first for every request, so it must be quick; {@link #accepts} is asked only if this is true.
     *
     * @param method the method
     * @param accept the values of {@code Accept}, joined by commas; empty without the field
     * @return false to leave the request alone
     * @since 0.1
     */
    default boolean mayAccept(String method, String accept) {
        return true;
    }

    /**
     * Whether this route answers a request. Routes are asked in the order of their {@link #priority}; the HTTP plugin
     * itself answers what no route takes.
     *
     * @param request the request
     * @return true to take it
     */
    boolean accepts(HttpRequest request);

    /**
     * Answers a request. Must not block.
     *
     * @param request the request
     * @param exchange the answer's way out
     */
    void handle(HttpRequest request, Exchange exchange);

    /**
     * Where this route stands among others.
     *
     * @return lower comes first
     */
    default int priority() {
        return 100;
    }

    /** A request being answered. Used on its event loop only. */
    @ImplementedByHost
    interface Exchange {
        /**
         * The loop that owns the connection.
         *
         * @return executor for the view of resources that serves this request
         */
        EventLoop eventLoop();

        /**
         * Reads the whole request body.
         *
         * @param maxBytes beyond this the stage fails with {@code TOO_LARGE}
         * @return the body, which belongs to the caller
         */
        CompletionStage<byte[]> body(int maxBytes);

        /**
         * Sends the answer's head.
         *
         * @param status the status code
         * @param headers name, value, name, value ...
         */
        void start(int status, String... headers);

        /**
         * Sends a part of the body; nothing is on the wire for certain before {@link #flush}.
         *
         * @param bytes must not be altered afterwards; may be shared with other exchanges
         */
        void write(byte[] bytes);

        /** Pushes what was written to the socket. */
        void flush();

        /**
         * Whether the socket takes more without piling up.
         *
         * @return false while the client reads more slowly than it is written to
         */
        boolean isWritable();

        /**
         * Sets what is told when the socket takes more again.
         *
         * @param listener called on the event loop
         */
        void onWritable(Runnable listener);

        /**
         * Sets what is told when the client has gone or the answer has ended.
         *
         * @param listener called once, on the event loop
         */
        void onClose(Runnable listener);

        /** Ends the answer. */
        void end();

        /**
         * Answers with a refusal as {@code application/problem+json} (RFC 9457), if nothing was started yet; otherwise
         * breaks the connection off, so that the client notices.
         *
         * @param failure why
         */
        void fail(Throwable failure);
    }
}
