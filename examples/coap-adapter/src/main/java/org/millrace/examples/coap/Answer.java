package org.millrace.examples.coap;

import io.netty.channel.EventLoop;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.eclipse.californium.core.coap.CoAP.Code;
import org.eclipse.californium.core.coap.Request;
import org.eclipse.californium.core.coap.Response;
import org.eclipse.californium.core.network.Exchange;
import org.jspecify.annotations.Nullable;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.ResourceException;

/**
 * The one response to a request. Where it takes long, the request is acknowledged before and the response follows in a
 * message of its own (RFC 7252 section 5.2.2), so that the client does not repeat it. Used on the event loop.
 */
final class Answer {
    /** Well before the 2 s after which clients repeat themselves. */
    private static final long ACKNOWLEDGE_AFTER_MILLIS = 500;

    private final Exchange exchange;
    private final Runnable done;
    private final System.Logger log;
    private final Future<?> acknowledgement;
    private boolean sent;

    Answer(Exchange exchange, EventLoop loop, System.Logger log, Runnable done) {
        this.exchange = exchange;
        this.log = log;
        this.done = done;
        this.acknowledgement =
                loop.schedule(() -> exchange.sendAccept(), ACKNOWLEDGE_AFTER_MILLIS, TimeUnit.MILLISECONDS);
    }

    Request request() {
        return exchange.getRequest();
    }

    Exchange exchange() {
        return exchange;
    }

    /** Sends a response, or the refusal that came instead; further calls do nothing. */
    void send(@Nullable Response response, @Nullable Throwable failure) {
        if (sent) {
            return;
        }
        sent = true;
        acknowledgement.cancel(false);
        done.run();
        exchange.sendResponse(
                response != null && failure == null
                        ? response
                        : refusal(
                                failure == null ? new IllegalStateException("no response, and no failure") : failure));
    }

    /** A refusal in CoAP's terms; what is the server's own fault is logged. */
    Response refusal(Throwable failure) {
        ResourceException why = ResourceException.from(failure);
        if (why.code() == ErrorCode.INTERNAL) {
            log.log(
                    System.Logger.Level.WARNING,
                    "a request of " + request().getSourceContext().getPeerAddress() + " failed",
                    why.getCause() == null ? why : why.getCause());
        }
        return Responses.refusal(why, request().getCode() == Code.GET);
    }
}
