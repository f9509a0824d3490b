package org.millrace.plugin.mqtt.session;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.millrace.plugin.mqtt.delivery.Flight;
import org.millrace.plugin.mqtt.session.SessionState.Saved;
import org.millrace.spi.resource.ResourceException;

/**
 * A session as a restart finds it.
 *
 * @param state as its connection left it, or as it was kept last before the server died
 * @param leftMillis when the connection ended; 0 if the server ended first
 */
record StoredSession(SessionState state, long leftMillis) {
    private static final String SUBSCRIPTION = "sub/";
    private static final String RECEIVED = "in/";

    /** Reads all; what cannot be read is reported and left out. May block. */
    static List<StoredSession> readAll(SessionStore store, SessionCodec codec, BiConsumer<String, String> unreadable) {
        List<StoredSession> all = new ArrayList<>();
        for (SessionStore.Stored stored : store.readAll()) {
            try {
                all.add(read(stored, codec));
            } catch (IllegalArgumentException | ResourceException e) {
                unreadable.accept(stored.key(), String.valueOf(e.getMessage()));
            }
        }
        return all;
    }

    private static StoredSession read(SessionStore.Stored stored, SessionCodec codec) {
        SessionHeader header = SessionCodec.header(stored.header());
        Map<String, byte[]> parts = stored.parts();
        byte[] flightBytes = parts.get("flight");
        Flight flight = flightBytes == null ? Flight.NONE : SessionCodec.flight(flightBytes);
        List<Saved> subscriptions = new ArrayList<>();
        Set<Integer> received = new HashSet<>();
        parts.forEach((part, value) -> {
            if (part.startsWith(SUBSCRIPTION)) {
                int number = Integer.parseInt(part.substring(SUBSCRIPTION.length()));
                Saved saved = SessionCodec.subscription(number, value);
                subscriptions.add(saved.at(flight.places().getOrDefault(number, saved.place())));
            } else if (part.startsWith(RECEIVED)) {
                received.add(Integer.parseInt(part.substring(RECEIVED.length())));
            }
        });
        subscriptions.sort(Comparator.comparingInt(Saved::number));
        byte[] willBytes = parts.get("will");
        @Nullable Will will = willBytes == null || willBytes.length == 0 ? null : codec.will(willBytes);
        SessionState state = new SessionState(
                header.identity(),
                header.via(),
                header.generation(),
                header.expirySeconds(),
                List.copyOf(subscriptions),
                flight.orphans(),
                received,
                new AtomicReference<>(will));
        return new StoredSession(state, header.leftMillis());
    }
}
