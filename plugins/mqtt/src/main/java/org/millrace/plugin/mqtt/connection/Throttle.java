package org.millrace.plugin.mqtt.connection;

import org.jspecify.annotations.Nullable;
import org.millrace.plugin.mqtt.codec.PacketFramer;
import org.millrace.plugin.mqtt.delivery.Flusher;
import org.millrace.spi.resource.Resources;

/**
 * Decides when a client that publishes is not read from: while too many of its messages are under way, while the host has
 * enough to write, and while it is faster than it may be. Used by the connection's event loop only.
 */
final class Throttle {
    private final Flusher flusher;
    private final PacketFramer framer;
    private final Resources resources;
    private final int most;
    private final @Nullable PublishPace pace;

    private int pending;
    private boolean waitingForHost;
    private boolean slowedDown;
    private boolean closed;

    /**
     * Makes it for one connection.
     *
     * @param most how many messages may be under way
     * @param pace how fast the client may be; null for any pace
     */
    Throttle(Flusher flusher, PacketFramer framer, Resources resources, int most, @Nullable PublishPace pace) {
        this.flusher = flusher;
        this.framer = framer;
        this.resources = resources;
        this.most = most;
        this.pace = pace;
    }

    /** A message is under way; {@link #holdBack} follows. */
    void began() {
        pending++;
    }

    /** A message is written, or refused; {@link #goOn} follows. */
    void ended() {
        pending--;
    }

    /** Whether no message is under way. */
    boolean isIdle() {
        return pending == 0;
    }

    /** Reads no more if there is a reason. */
    void holdBack() {
        if (pending >= most) {
            framer.pause();
        }
        if (!waitingForHost && resources.isSaturated()) {
            waitingForHost = true;
            framer.pause();
            resources.whenReady().whenComplete((ready, failure) -> {
                waitingForHost = false;
                resumeIfFree();
            });
        }
        slowDown();
    }

    /** A client that publishes faster than it may is not read from until it has taken the time. */
    private void slowDown() {
        long millis = pace == null ? 0 : pace.millisToWait();
        if (millis > 0) {
            slowedDown = true;
            framer.pause();
            flusher.later(
                    () -> {
                        slowedDown = false;
                        resumeIfFree();
                    },
                    millis);
        }
    }

    private void resumeIfFree() {
        if (!closed && !waitingForHost && !slowedDown && pending < most) {
            framer.resume();
        }
    }

    /** Reads on if there is no reason any more not to, and room for some messages. */
    void goOn() {
        if (framer.isPaused() && pending <= most / 2) {
            resumeIfFree();
        }
    }

    /** Leaves reading to others from now on. */
    void close() {
        closed = true;
    }
}
