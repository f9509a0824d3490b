package org.millrace.plugin.http.connection;

import io.netty.channel.Channel;
import java.lang.System.Logger.Level;
import org.jspecify.annotations.Nullable;
import org.millrace.plugin.http.HttpConfig;
import org.millrace.plugin.http.wire.RequestDecoder;

/**
 * How long an HTTP/1.1 client is waited for: one timer, set to what the connection waits for now. Used on the connection's
 * event loop only.
 */
final class Http1Patience {
    private final Http1Session session;
    private final Channel channel;
    private final HttpConfig config;
    private final Deadline deadline;
    private long sendMark;

    Http1Patience(Http1Session session, Channel channel) {
        this.session = session;
        this.channel = channel;
        this.config = session.server().config();
        this.deadline = new Deadline(channel.eventLoop(), this::expired);
    }

    void stop() {
        deadline.stop();
    }

    /** Sets the timer to what is waited for now. */
    void watch() {
        if (session.isGone()) {
            return;
        }
        Http1Exchange current = session.intake().receiving();
        RequestDecoder decoder = session.decoder();
        if (!channel.isWritable()) {
            sendMark = channel.bytesBeforeWritable();
            deadline.set(Deadline.Kind.SEND, sendMark, config.sendTimeout());
        } else if (session.isEnded()) {
            deadline.clear();
        } else if (current != null && (current.body.takesMore() || current.isDone())) {
            deadline.set(Deadline.Kind.BODY, bodyMark(current), config.bodyTimeout());
        } else if (!session.queue().isEmpty()) {
            deadline.clear();
        } else if (decoder != null && decoder.isInHead()) {
            deadline.set(Deadline.Kind.HEAD, session.intake().served(), config.headerTimeout());
        } else {
            deadline.set(Deadline.Kind.IDLE, session.intake().served(), config.idleTimeout());
        }
    }

    /** What the time for a body counts from: its beginning, or the last piece of one that may be of any length. */
    private long bodyMark(Http1Exchange receiving) {
        BodyFlow flow = receiving.body.flow();
        return flow == null ? session.intake().served() : -1 - flow.timedPieces();
    }

    private void expired(Deadline.Kind kind) {
        switch (kind) {
            case NONE, ROUND -> {}
            case IDLE -> channel.close();
            case HEAD -> session.intake().headIsLate();
            case BODY -> {
                @Nullable Http1Exchange late = session.intake().receiving();
                if (late == null || late.isDone()) {
                    channel.close();
                } else {
                    session.intake().bodyIsLate(late);
                }
            }
            case SEND -> {
                if (!channel.isWritable() && channel.bytesBeforeWritable() == sendMark) {
                    session.server()
                            .context()
                            .log()
                            .log(
                                    Level.DEBUG,
                                    "{0}: does not read its answer; closed",
                                    session.via().remote());
                    channel.close();
                } else {
                    watch();
                }
            }
        }
    }
}
