package org.millrace.plugin.mqtt.session;

import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.millrace.plugin.mqtt.delivery.Flight;
import org.millrace.plugin.mqtt.delivery.NoLocal;
import org.millrace.plugin.mqtt.delivery.Orphan;
import org.millrace.plugin.mqtt.delivery.Retirement;
import org.millrace.plugin.mqtt.delivery.SubscriptionOptions;
import org.millrace.spi.identity.ConnectionInfo;
import org.millrace.spi.identity.Identity;

/**
 * A session between two connections (MQTT 5 section 4.1). It is handed over whole; only the will may be contended, by the
 * timer and a new connection.
 *
 * @param identity who the client was; another user does not get the session
 * @param via where it came from
 * @param generation names the session's durable state; empty if it has none
 * @param expirySeconds how long it waits; 0xFFFFFFFF for ever
 * @param subscriptions in the order they were made
 * @param orphans what is under way and belongs to none of them
 * @param received packet identifiers of QoS 2 messages whose PUBREL has not come
 * @param will what is still to be published; holds null once it was taken
 */
public record SessionState(
        Identity identity,
        ConnectionInfo via,
        String generation,
        long expirySeconds,
        List<Saved> subscriptions,
        List<Orphan> orphans,
        Set<Integer> received,
        AtomicReference<@Nullable Will> will) {
    /** The expiry of sessions that do not expire. */
    public static final long FOREVER = 0xFFFF_FFFFL;

    /**
     * A subscription between two connections.
     *
     * @param number tells it from the session's others, now and later
     * @param options what the client asked for
     * @param place how far it is
     * @param earlierNoLocal what no-local was for changes it may still come to, by ascending place
     * @param retirement what it has to do although the client has ended it; null if it has not
     */
    public record Saved(
            int number,
            SubscriptionOptions options,
            Flight.Place place,
            List<NoLocal.Earlier> earlierNoLocal,
            @Nullable Retirement retirement) {
        /**
         * The same at another place.
         *
         * @param other the place
         * @return a new one
         */
        public Saved at(Flight.Place other) {
            return new Saved(number, options, other, earlierNoLocal, retirement);
        }
    }

    /**
     * Whether the session ends with its connection.
     *
     * @return true if its expiry is 0
     */
    public boolean endsWithConnection() {
        return expirySeconds == 0;
    }

    /**
     * How far the session is.
     *
     * @return what its subscriptions and its orphans say
     */
    public Flight flight() {
        var places = new java.util.LinkedHashMap<Integer, Flight.Place>();
        subscriptions.forEach(s -> places.put(s.number(), s.place()));
        return new Flight(places, orphans);
    }
}
