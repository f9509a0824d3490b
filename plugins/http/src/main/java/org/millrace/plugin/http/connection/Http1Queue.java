package org.millrace.plugin.http.connection;

import io.netty.channel.Channel;
import io.netty.handler.codec.http2.Http2Settings;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;
import org.millrace.plugin.http.connection.Http1Exchange.State;
import org.millrace.spi.transport.HttpUpgrade;

/**
 * The requests of one HTTP/1.1 connection whose answers are not sent, in their order, and whose turn it is. Answers go out
 * in the order of the requests. Writes may be under way together, since the host keeps their order; every other request
 * starts when those before it are answered (RFC 9112 section 9.3.2). Holds {@code http.max-pipelined} at the most, since
 * {@link Http1Intake} takes no further request then. Used on the connection's event loop only.
 */
final class Http1Queue {
    private final Http1Session session;
    private final Channel channel;
    private final ArrayDeque<Http1Exchange> waiting = new ArrayDeque<>();
    private boolean advancing;
    private boolean again;

    Http1Queue(Http1Session session, Channel channel) {
        this.session = session;
        this.channel = channel;
    }

    void add(Http1Exchange exchange) {
        waiting.add(exchange);
    }

    int size() {
        return waiting.size();
    }

    boolean isEmpty() {
        return waiting.isEmpty();
    }

    @Nullable
    Http1Exchange first() {
        return waiting.peekFirst();
    }

    @Nullable
    Http1Exchange last() {
        return waiting.peekLast();
    }

    /** Sends what is answered and starts what can start; false if that is under way already. */
    boolean advance() {
        if (advancing) {
            again = true;
            return false;
        }
        advancing = true;
        try {
            do {
                again = false;
                sendAnswers();
                startReady();
            } while (again && !session.isGone());
        } finally {
            advancing = false;
        }
        return true;
    }

    private void sendAnswers() {
        Http1Exchange front = waiting.peekFirst();
        while (front != null && front.isDone()) {
            waiting.removeFirst();
            front.writeAnswer();
            if (!front.keepsAlive()) {
                session.endConnection();
                return;
            }
            front = waiting.peekFirst();
        }
        if (front == null) {
            session.allAnswered();
            return;
        }
        if (front.state == State.QUEUED && session.intake().isAuthenticating()) {
            session.intake().authenticate(front);
        }
        if (front.owesContinue) {
            front.owesContinue = false;
            session.output().writeContinue();
        }
    }

    private void startReady() {
        boolean first = true;
        for (Http1Exchange exchange : waiting) {
            if (exchange.state == State.READY && !exchange.isWrite() && !channel.isWritable()) {
                // No more than one answer waits for a client that does not read, however many it asked for.
                return;
            }
            if (exchange.state == State.READY && (first || exchange.isWrite())) {
                exchange.state = State.RUNNING;
                HttpUpgrade taker = exchange.upgrade;
                if (taker != null) {
                    session.toPlugin(taker, exchange);
                    return;
                }
                Http2Settings asked = exchange.http2;
                if (first && asked != null) {
                    session.toHttp2(exchange, asked);
                    return;
                }
                exchange.run();
            }
            boolean passable = exchange.isDone() || exchange.state == State.RUNNING && exchange.isWrite();
            if (!passable) {
                return;
            }
            first = false;
        }
    }

    /** Another protocol takes over, which answers what is left. */
    void clear() {
        waiting.clear();
    }

    /** Nobody waits for the answers any more. */
    void drop() {
        waiting.forEach(Http1Exchange::lost);
        waiting.clear();
    }
}
