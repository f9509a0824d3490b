package org.millrace.plugin.mqtt.delivery;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.millrace.spi.resource.Cursor;

/**
 * How far a session is in the change stream: what has to outlive its connection, and the server, so that nothing is lost
 * and nothing of QoS 2 repeated. Its size goes with what is under way, not with what happened.
 *
 * @param places by the number of the subscription
 * @param orphans exchanges of no place, in the order they were sent
 */
public record Flight(Map<Integer, Place> places, List<Orphan> orphans) {
    /** Nothing under way. */
    public static final Flight NONE = new Flight(Map.of(), List.of());

    /**
     * How far one subscription is.
     *
     * @param position up to here all is done; null for one shared with other clients, which has no place of its own
     * @param presentDue whether the present state was not shown completely, and has to be shown again
     * @param exchanges what was sent from behind the position, in order
     */
    public record Place(@Nullable Cursor position, boolean presentDue, List<Exchange> exchanges) {
        /** Of a subscription shared with other clients. */
        public static final Place SHARED = new Place(null, false, List.of());
    }

    /**
     * The earliest change somebody may have to be shown again.
     *
     * @return the lowest position; null if there is none
     */
    public @Nullable Cursor earliest() {
        Cursor earliest = null;
        for (Place place : places.values()) {
            earliest = earlier(earliest, place.position());
        }
        for (Orphan orphan : orphans) {
            if (orphan.isInJournal()) {
                earliest = earlier(earliest, orphan.before());
            }
        }
        return earliest;
    }

    private static @Nullable Cursor earlier(@Nullable Cursor a, @Nullable Cursor b) {
        if (a == null || b == null) {
            return a == null ? b : a;
        }
        return a.position() <= b.position() ? a : b;
    }

    /**
     * Whether the two sides are in the middle of an exchange of QoS 2.
     *
     * @return true if the client may have been sent one whose PUBCOMP has not come
     */
    public boolean isUnderWayAtQos2() {
        return places.values().stream()
                        .flatMap(place -> place.exchanges().stream())
                        .anyMatch(Exchange::isUnderWayAtQos2)
                || orphans.stream().map(Orphan::exchange).anyMatch(Exchange::isUnderWayAtQos2);
    }
}
