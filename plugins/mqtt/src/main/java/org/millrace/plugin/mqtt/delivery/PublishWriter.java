package org.millrace.plugin.mqtt.delivery;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import org.millrace.spi.plugin.Metrics;
import org.millrace.spi.resource.Change;
import org.millrace.spi.resource.Reason;
import org.millrace.spi.resource.WriteOptions;

/**
 * Writes one client's PUBLISH packets: knows what the client takes, which topic aliases it has, and how long messages are
 * valid. Used by the connection's event loop only.
 */
final class PublishWriter {
    /** Smaller contents are within MQTT's 256 MiB whatever topic and properties they have. */
    private static final int SURELY_FITS = 200 * 1024 * 1024;

    private final Flusher flusher;
    private final Bounds bounds;
    private final Clock clock;
    private final Metrics.Counter sent;
    private final TopicAliases aliases;

    PublishWriter(Flusher flusher, Bounds bounds, Clock clock, Metrics.Counter sent) {
        this.flusher = flusher;
        this.bounds = bounds;
        this.clock = clock;
        this.sent = sent;
        this.aliases = new TopicAliases(bounds.topicAliasMaximum());
    }

    static int size(Change change) {
        return change.content().map(c -> c.size()).orElse(0);
    }

    /** Whether a message that was not sent yet is still valid, and not larger than the client takes. */
    boolean maySend(Outgoing message, Change change) {
        long expiry = message.reason == Reason.LEAVE ? -1 : secondsLeft(change);
        if (expiry == 0) {
            return false;
        }
        if (bounds.maxPacketSize() == Integer.MAX_VALUE && size(change) < SURELY_FITS) {
            return true;
        }
        return PublishFrames.size(change, bounds.level(), message.format, delivery(message, change, expiry, false))
                <= bounds.maxPacketSize();
    }

    /** Writes a message; once a delivery has begun it goes on, whether it expires or not (MQTT 5 section 4.3.3). */
    void write(Outgoing message, Change change, boolean duplicate) {
        boolean never = message.reason == Reason.LEAVE || change.expiresAt().equals(WriteOptions.NEVER);
        long expiry = never ? -1 : Math.max(secondsLeft(change), 1);
        PublishFrames.Delivery delivery = delivery(message, change, expiry, duplicate);
        flusher.write(PublishFrames.encode(flusher.alloc(), change, bounds.level(), message.format, delivery));
        aliases.sent(change.path(), delivery.alias());
        sent.increment();
    }

    private PublishFrames.Delivery delivery(Outgoing message, Change change, long expiry, boolean duplicate) {
        long seconds = bounds.level() == 5 ? expiry : -1;
        TopicAlias alias = aliases.of(change.path());
        boolean plain = message.qos == 0
                && !message.retain
                && isPlain(message.reason)
                && message.subscriptionIds.length == 0
                && seconds < 0
                && alias == TopicAlias.NONE;
        return plain
                ? PublishFrames.Delivery.PLAIN
                : new PublishFrames.Delivery(
                        message.qos,
                        duplicate,
                        message.retain,
                        message.packetId,
                        message.subscriptionIds,
                        seconds,
                        alias,
                        message.reason);
    }

    private static boolean isPlain(Reason reason) {
        return reason == Reason.LIVE || reason == Reason.CURRENT;
    }

    /** Seconds until a change expires, at least 1 while it has not; 0 if it has, -1 if it never does. */
    private long secondsLeft(Change change) {
        Instant expiresAt = change.expiresAt();
        if (expiresAt.equals(WriteOptions.NEVER)) {
            return -1;
        }
        Duration left = Duration.between(clock.instant(), expiresAt);
        return left.isNegative() || left.isZero() ? 0 : Math.min(Math.max(1, left.toSeconds()), 0xFFFF_FFFFL);
    }
}
