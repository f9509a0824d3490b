package org.millrace.plugin.http.connection;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The one timer of a connection. Setting it costs no task as long as one is scheduled that fires no later: that one
 * looks again. Used on the event loop only.
 */
final class Deadline {
    /** What is waited for. */
    enum Kind {
        /** Nothing. */
        NONE,
        /** The next request. */
        IDLE,
        /** The rest of a request's head. */
        HEAD,
        /** The rest of a request's body. */
        BODY,
        /** The client to read. */
        SEND,
        /** The next look at the requests of an HTTP/2 connection. */
        ROUND
    }

    private final EventLoop loop;
    private final Consumer<Kind> expired;

    private Kind kind = Kind.NONE;
    private long key;
    private long at;
    private long taskAt;
    private @Nullable ScheduledFuture<?> task;

    Deadline(EventLoop loop, Consumer<Kind> expired) {
        this.loop = loop;
        this.expired = expired;
    }

    /** Waits for something; does nothing if that very thing is waited for already. */
    void set(Kind what, long which, Duration time) {
        if (kind == what && key == which) {
            return;
        }
        kind = what;
        key = which;
        at = System.nanoTime() + time.toNanos();
        if (task != null && taskAt - at > 0) {
            task.cancel(false);
            task = null;
        }
        if (task == null) {
            schedule();
        }
    }

    /** Waits for nothing. */
    void clear() {
        kind = Kind.NONE;
    }

    /** Waits for nothing ever again. */
    void stop() {
        kind = Kind.NONE;
        if (task != null) {
            task.cancel(false);
            task = null;
        }
    }

    private void schedule() {
        taskAt = at;
        task = loop.schedule(this::check, Math.max(0, at - System.nanoTime()), TimeUnit.NANOSECONDS);
    }

    private void check() {
        task = null;
        if (kind == Kind.NONE) {
            return;
        }
        if (at - System.nanoTime() > 0) {
            schedule();
            return;
        }
        Kind what = kind;
        kind = Kind.NONE;
        expired.accept(what);
    }
}
