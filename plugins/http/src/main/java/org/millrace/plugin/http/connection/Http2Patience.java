package org.millrace.plugin.http.connection;

import io.netty.channel.Channel;
import io.netty.handler.codec.http2.Http2Exception;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.millrace.plugin.http.HttpConfig;
import org.millrace.plugin.http.problem.Problems;

/**
 * How long an HTTP/2 client is waited for: the time limits of its requests, looked at from time to time rather than by a
 * timer for each. Used on the connection's event loop only.
 */
final class Http2Patience {
    private final Http2Session session;
    private final Channel channel;
    private final HttpConfig config;
    private long sendMark = -1;
    private long sendMarkAt;

    Http2Patience(Http2Session session, Channel channel) {
        this.session = session;
        this.channel = channel;
        this.config = session.server().config();
    }

    /** The time between two looks: a fraction of the shortest limit. */
    Duration round() {
        long millis =
                Math.min(config.bodyTimeout().toMillis(), config.sendTimeout().toMillis()) / 4;
        return Duration.ofMillis(Math.clamp(millis, 20, 5_000));
    }

    /** Looks at every request under way, and at the socket. */
    void look() throws Http2Exception {
        long now = System.nanoTime();
        List<Http2Exchange> all = new ArrayList<>();
        session.connection().forEachActiveStream(stream -> {
            Http2Exchange exchange = session.requests().of(stream);
            if (exchange != null) {
                all.add(exchange);
            }
            return true;
        });
        for (Http2Exchange exchange : all) {
            if (takesNothing(exchange, now)) {
                session.cancel(exchange);
            } else if (owesBody(exchange, now)) {
                Throwable late = Problems.timeout("the body of the request did not come in time")
                        .exception();
                if (!exchange.body.brokeOff(late)) {
                    exchange.fail(late);
                }
            }
        }
        lookAtSocket(now);
    }

    private boolean takesNothing(Http2Exchange exchange, long now) {
        return session.encoder().flowController().hasFlowControlled(exchange.stream)
                && now - exchange.sentAt > config.sendTimeout().toNanos();
    }

    private boolean owesBody(Http2Exchange exchange, long now) {
        return exchange.owesBody()
                && now - exchange.since > config.bodyTimeout().toNanos();
    }

    private void lookAtSocket(long now) {
        long mark = channel.isWritable() ? -1 : channel.bytesBeforeWritable();
        if (mark < 0 || mark != sendMark) {
            sendMark = mark;
            sendMarkAt = now;
        } else if (now - sendMarkAt > config.sendTimeout().toNanos()) {
            session.breakOff();
        }
    }
}
