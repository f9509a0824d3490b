package org.millrace.plugin.websocket;

import io.netty.channel.Channel;
import org.millrace.spi.resource.Resources;

/**
 * Reads from a client only while its requests under way are few, the host takes more writes, and the client takes its
 * answers. Used on the event loop.
 */
final class RequestPace {
    private final Channel channel;
    private final int most;
    private int underWay;
    private boolean waitingForHost;
    private boolean held;

    RequestPace(Channel channel, int most) {
        this.channel = channel;
        this.most = most;
    }

    /** A request is under way. */
    void begin(Resources view) {
        underWay++;
        check(view);
    }

    /** A request has been answered. */
    void end(Resources view) {
        underWay--;
        check(view);
    }

    /** Whether nothing may be read until further notice. */
    void hold(boolean value, Resources view) {
        held = value;
        check(view);
    }

    /** Looks at everything anew. */
    void check(Resources view) {
        if (!waitingForHost && view.isSaturated()) {
            waitingForHost = true;
            var _ = view.whenReady().whenComplete((ready, failure) -> {
                waitingForHost = false;
                check(view);
            });
        }
        channel.config().setAutoRead(!held && !waitingForHost && underWay < most && channel.isWritable());
    }
}
