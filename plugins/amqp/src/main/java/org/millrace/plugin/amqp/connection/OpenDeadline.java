package org.millrace.plugin.amqp.connection;

import io.netty.channel.ChannelHandlerContext;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** How long a client may take until its open has come. Used by the connection's event loop. */
final class OpenDeadline {
    private final Consumer<String> log;
    private @Nullable Future<?> timer;

    /**
     * Waits for nothing yet.
     *
     * @param log told why, before a connection is closed
     */
    OpenDeadline(Consumer<String> log) {
        this.log = log;
    }

    void start(ChannelHandlerContext ctx, Duration limit) {
        timer = ctx.executor()
                .schedule(
                        () -> {
                            log.accept("sent no open in " + limit.toMillis() + " ms (amqp.open-timeout)");
                            ctx.close();
                        },
                        limit.toMillis(),
                        TimeUnit.MILLISECONDS);
    }

    void cancel() {
        if (timer != null) {
            timer.cancel(false);
            timer = null;
        }
    }
}
