package org.millrace.plugin.mqtt.session;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.millrace.plugin.mqtt.delivery.Outgoing;
import org.millrace.plugin.mqtt.delivery.SubscriptionOptions;
import org.millrace.spi.identity.ConnectionInfo;
import org.millrace.spi.identity.Identity;
import org.millrace.spi.resource.Cursor;

/**
 * A session between two connections (MQTT 5 section 4.1). It is handed over whole; only the will may be contended, by the
 * timer and a new connection.
 *
 * @param identity who the client was; another user does not get the session
 * @param via where it came from
 * @param expirySeconds how long it waits; 0xFFFFFFFF for ever
 * @param subscriptions by filter, in the order they were made
 * @param outgoing unacknowledged messages in the order they were sent, then those that waited
 * @param received packet identifiers of QoS 2 messages whose PUBREL has not come
 * @param will what is still to be published; holds null once it was taken
 */
public record SessionState(
        Identity identity,
        ConnectionInfo via,
        long expirySeconds,
        Map<String, Saved> subscriptions,
        List<Outgoing> outgoing,
        Set<Integer> received,
        AtomicReference<@Nullable Will> will) {
    /** The expiry of sessions that do not expire. */
    public static final long FOREVER = 0xFFFF_FFFFL;

    /**
     * A subscription between two connections.
     *
     * @param options what the client asked for
     * @param position where to resume; null if it had not begun
     * @param caughtUp false if the present state has to be shown again
     */
    public record Saved(
            SubscriptionOptions options, @Nullable Cursor position, boolean caughtUp) {}

    /**
     * Whether the session ends with its connection.
     *
     * @return true if its expiry is 0
     */
    public boolean endsWithConnection() {
        return expirySeconds == 0;
    }
}
