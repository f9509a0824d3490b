package org.millrace.plugin.mqtt.connection;

import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.millrace.plugin.mqtt.MqttConfig;

/** How fast one client may publish, by its own limit and by that of all clients. Used by its event loop only. */
final class PublishPace {
    private final RateLimit own;
    private final RateLimit all;
    private final Runnable slowedDown;
    private boolean told;

    private PublishPace(RateLimit own, RateLimit all, Runnable slowedDown) {
        this.own = own;
        this.all = all;
        this.slowedDown = slowedDown;
    }

    /**
     * A client's pace.
     *
     * @param config the limits
     * @param all counts what all clients publish
     * @param slowedDown told the first time the client has to wait
     * @return null if there is no limit
     */
    static @Nullable PublishPace of(MqttConfig config, RateLimit all, Runnable slowedDown) {
        return config.maxPublishRate() == 0 && config.maxTotalPublishRate() == 0
                ? null
                : new PublishPace(new RateLimit(config.maxPublishRate(), System.nanoTime()), all, slowedDown);
    }

    /**
     * Counts a message.
     *
     * @return how long the client is not to be read from; a part of a millisecond is carried on
     */
    long millisToWait() {
        long now = System.nanoTime();
        long millis = TimeUnit.NANOSECONDS.toMillis(Math.max(own.count(now), all.count(now)));
        if (millis > 0 && !told) {
            told = true;
            slowedDown.run();
        }
        return millis;
    }
}
