package org.millrace.plugin.http.exchange;

import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.HttpHeaders;
import org.millrace.plugin.http.uri.RequestTarget;
import org.millrace.spi.resource.Resources;

/**
 * A request that has arrived, as a whole unless its body is {@link Intake#STREAMED streamed}, and is to be answered exactly
 * once: by {@link #send}, {@link #stream} or {@link #fail}. Used on the connection's event loop only. If the client goes,
 * answers go nowhere and do no harm.
 */
public interface Exchange {
    /**
     * The method.
     *
     * @return in upper case
     */
    String method();

    /**
     * What was asked for, as it was sent.
     *
     * @return the target
     */
    RequestTarget requestTarget();

    /**
     * The request's header fields.
     *
     * @return not to be altered
     */
    HttpHeaders headers();

    /**
     * The request's body. To be taken once.
     *
     * @return belongs to the caller; empty if there is none
     */
    byte[] takeBody();

    /**
     * What the request may hold of memory for its body.
     *
     * @return given back as a whole once the request is answered
     */
    BodyMemory.Share memory();

    /**
     * Whether the body is to be taken by a {@link BodyReader} instead.
     *
     * @return true if it may still be coming
     */
    boolean isBodyStreamed();

    /**
     * Takes a streamed body. To be called once.
     *
     * @param reader told of each part
     */
    void readBody(BodyReader reader);

    /** Tells that the body's reader takes more again. */
    void readOn();

    /**
     * The loop that owns the connection.
     *
     * @return where what other threads have found out is answered
     */
    EventLoop eventLoop();

    /**
     * The client's view of the records.
     *
     * @return completes its stages on this event loop
     */
    Resources resources();

    /**
     * Answers as a whole.
     *
     * @param answer what
     */
    void send(Answer answer);

    /**
     * Answers with a body that follows in parts.
     *
     * @param answer the head; its body is not looked at
     * @return where the body goes
     */
    BodyStream stream(Answer answer);

    /**
     * Answers with a refusal.
     *
     * @param failure why; a defect is logged and told as 500
     */
    void fail(Throwable failure);
}
