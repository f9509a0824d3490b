package org.millrace.plugin.mqtt.connection;

import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.millrace.plugin.mqtt.codec.PacketFramer;

/**
 * How long a connection waits for its client: to be known, then from packet to packet, and in the end to read why it ends.
 * One of these at a time. Used by the connection's event loop only.
 */
final class ConnectionTimer {
    private final EventExecutor loop;
    private final PacketFramer framer;
    private @Nullable Future<?> timer;
    private long lastPacketNanos;

    ConnectionTimer(EventExecutor loop, PacketFramer framer) {
        this.loop = loop;
        this.framer = framer;
    }

    /** Waits so long, instead of what was waited for. */
    void after(long millis, Runnable then) {
        cancel();
        timer = loop.schedule(then, millis, TimeUnit.MILLISECONDS);
    }

    /** A packet has come. */
    void heard() {
        lastPacketNanos = System.nanoTime();
    }

    /** Watches the keep-alive, instead of what was waited for; 0 for none. */
    void keepAlive(int seconds, Runnable silent) {
        cancel();
        if (seconds > 0) {
            heard();
            watch(TimeUnit.SECONDS.toNanos(seconds) * 3 / 2, silent); // [MQTT-3.1.2-22]
        }
    }

    private void watch(long allowedNanos, Runnable silent) {
        // While reading is held back the client cannot be heard; that is not its fault.
        long quiet = framer.isPaused() ? 0 : System.nanoTime() - lastPacketNanos;
        if (quiet >= allowedNanos) {
            silent.run();
        } else {
            timer = loop.schedule(() -> watch(allowedNanos, silent), allowedNanos - quiet, TimeUnit.NANOSECONDS);
        }
    }

    void cancel() {
        if (timer != null) {
            timer.cancel(false);
            timer = null;
        }
    }
}
