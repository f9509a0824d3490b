package org.millrace.plugin.mqtt.session;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.millrace.plugin.mqtt.delivery.Exchange;
import org.millrace.plugin.mqtt.delivery.Exchange.Stage;
import org.millrace.plugin.mqtt.delivery.Flight;
import org.millrace.plugin.mqtt.delivery.Orphan;
import org.millrace.plugin.mqtt.session.SessionState.Saved;
import org.millrace.spi.resource.Cursor;
import org.millrace.spi.resource.Version;

/**
 * Makes of a session of another node one of this node. Its subscriptions go on at a place here before which the client
 * has missed nothing there: what it had not acknowledged comes again, and so may some of what it had, with packet
 * identifiers of this node. Exchanges of QoS 2 whose message the client has are ended (PUBREL). Where it is not known
 * where the session was, the present state is shown again. Stateless, for any thread.
 */
final class MovedSession {
    private final Function<Cursor, Optional<Cursor>> here;
    private final Cursor head;
    private final List<Orphan> orphans = new ArrayList<>();
    private boolean lost;

    private MovedSession(Function<Cursor, Optional<Cursor>> here, Cursor head) {
        this.here = here;
        this.head = head;
    }

    /**
     * A session here.
     *
     * @param state of this node from now on
     * @param lost whether changes may be missing, since it is not known where the session was
     */
    record Arrived(SessionState state, boolean lost) {}

    /**
     * Moves a session.
     *
     * @param state as the other node had it
     * @param generation its name here
     * @param here finds places of other nodes
     * @param head the newest place here
     */
    static Arrived of(SessionState state, String generation, Function<Cursor, Optional<Cursor>> here, Cursor head) {
        MovedSession moved = new MovedSession(here, head);
        List<Saved> subscriptions = new ArrayList<>();
        for (Saved saved : state.subscriptions()) {
            moved.finish(saved);
            if (saved.retirement() == null) {
                Flight.Place place = moved.place(saved.place());
                subscriptions.add(new Saved(saved.number(), saved.options(), place, List.of(), null));
            }
        }
        state.orphans().forEach(moved::carry);
        SessionState arrived = new SessionState(
                state.identity(),
                state.via(),
                generation,
                state.expirySeconds(),
                subscriptions,
                List.copyOf(moved.orphans),
                state.received(),
                new AtomicReference<>(null));
        return new Arrived(arrived, moved.lost);
    }

    private Flight.Place place(Flight.Place there) {
        Cursor position = there.position();
        if (position == null) {
            return Flight.Place.SHARED;
        }
        @Nullable Cursor place = here.apply(position).orElse(null);
        if (place == null) {
            lost = true;
            return new Flight.Place(head, true, List.of());
        }
        return new Flight.Place(place, there.presentDue(), List.of());
    }

    /** The client has the message of such an exchange, and waits for its end. */
    private void finish(Saved saved) {
        for (Exchange exchange : saved.place().exchanges()) {
            if (exchange.stage() == Stage.RELEASED) {
                orphans.add(new Orphan(exchange, false, saved.options().format(), List.of(), null, Version.NONE, head));
            }
        }
    }

    private void carry(Orphan orphan) {
        if (orphan.exchange().stage() == Stage.DONE) {
            return; // of a group there
        }
        Cursor place = here.apply(orphan.place()).orElse(head);
        orphans.add(new Orphan(
                orphan.exchange(),
                orphan.retain(),
                orphan.format(),
                orphan.subscriptionIds(),
                orphan.path(),
                orphan.version(),
                place));
    }
}
