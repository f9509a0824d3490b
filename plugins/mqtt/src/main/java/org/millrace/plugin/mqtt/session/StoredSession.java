package org.millrace.plugin.mqtt.session;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.millrace.plugin.mqtt.delivery.Flight;
import org.millrace.plugin.mqtt.session.SessionState.Saved;
import org.millrace.spi.resource.Cursor;
import org.millrace.spi.resource.ResourceException;

/** Reads a session as a restart finds it: as its connection left it, or as it was kept last before the server died. */
final class StoredSession {
    private static final String SUBSCRIPTION = "sub/";
    private static final String RECEIVED = "in/";

    private StoredSession() {}

    /**
     * Reads one. May block.
     *
     * @throws IllegalArgumentException if it cannot be read
     * @throws ResourceException if it cannot be read
     */
    static SessionState read(SessionHeader header, SessionStore store, WillCodec codec) {
        return of(header, store.readParts(header.generation()), codec);
    }

    /** A session from its header and its parts, by the last of their keys. */
    static SessionState of(SessionHeader header, Map<String, byte[]> parts, WillCodec codec) {
        byte[] flightBytes = parts.get("flight");
        Flight flight = flightBytes == null ? Flight.NONE : SessionCodec.flight(flightBytes);
        List<Saved> subscriptions = new ArrayList<>();
        Set<Integer> received = new HashSet<>();
        parts.forEach((part, value) -> {
            if (part.startsWith(SUBSCRIPTION)) {
                int number = Integer.parseInt(part.substring(SUBSCRIPTION.length()));
                Saved saved = SessionCodec.subscription(number, value);
                subscriptions.add(saved.at(latest(saved.place(), flight.places().get(number))));
            } else if (part.startsWith(RECEIVED)) {
                received.add(Integer.parseInt(part.substring(RECEIVED.length())));
            }
        });
        subscriptions.sort(Comparator.comparingInt(Saved::number));
        byte[] willBytes = parts.get("will");
        @Nullable Will will = willBytes == null || willBytes.length == 0 ? null : codec.decoded(willBytes);
        return new SessionState(
                header.identity(),
                header.via(),
                header.generation(),
                header.expirySeconds(),
                List.copyOf(subscriptions),
                flight.orphans(),
                received,
                new AtomicReference<>(will));
    }

    /**
     * Where a subscription is: as far as it has come, or where it began. What was kept of one that had the same number
     * before lies before that.
     */
    private static Flight.Place latest(Flight.Place began, Flight.@Nullable Place come) {
        if (come == null) {
            return began;
        }
        Cursor from = began.position();
        Cursor at = come.position();
        boolean another = (from == null) != (at == null)
                || from != null && at != null && from.node() == at.node() && at.position() < from.position();
        return another ? began : come;
    }
}
