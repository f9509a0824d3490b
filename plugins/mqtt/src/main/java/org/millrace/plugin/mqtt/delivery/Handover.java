package org.millrace.plugin.mqtt.delivery;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.millrace.spi.resource.Cursor;

/**
 * What one connection of a session leaves to the next: says at any time what is under way, gives it up when the
 * connection ends, and takes up what an earlier one has left. Used by the connection's event loop only.
 */
final class Handover {
    private final Exchanges exchanges;
    private final Backlog waiting;
    /** The subscriptions whose places are part of the session's progress. */
    private final Set<MqttSubscription> kept = new LinkedHashSet<>(2);
    /**
     * Messages of shared subscriptions that are over. As long as a restart would find them reserved to this session in
     * the group, it must find here that the session has had them, or else it would have them handed out again.
     */
    private final ArrayDeque<Over> over = new ArrayDeque<>(0);

    private record Over(Orphan remains, BooleanSupplier forgotten) {}

    Handover(Exchanges exchanges, Backlog waiting) {
        this.exchanges = exchanges;
        this.waiting = waiting;
    }

    void keep(MqttSubscription subscription) {
        if (subscription.keepsPlace()) {
            kept.add(subscription);
        }
    }

    void forget(MqttSubscription subscription) {
        kept.remove(subscription);
    }

    void forgetAll() {
        kept.clear();
    }

    /** The exchange of a message is over. */
    void over(Outgoing message) {
        MqttSubscription owner = message.owner;
        if (message.bound && message.hasPlace && owner != null && owner.isShared()) {
            over.add(new Over(message.remains(), owner.share().forgotten()));
        }
    }

    /** What is under way now. */
    Flight flight() {
        return new Flight(places(), orphans());
    }

    private Map<Integer, Flight.Place> places() {
        Map<Integer, Flight.Place> places = new LinkedHashMap<>();
        for (MqttSubscription subscription : kept) {
            places.put(subscription.number(), subscription.place());
        }
        return places;
    }

    private List<Orphan> orphans() {
        List<Orphan> orphans = new ArrayList<>(0);
        for (Outgoing message : exchanges.inOrder()) {
            if (message.isOrphan() && !message.isGroups()) {
                orphans.add(message.orphan());
            }
        }
        for (Outgoing message : waiting.messages()) {
            MqttSubscription owner = message.owner;
            boolean shownAgain = owner != null && owner.keepsPlace() && !owner.isCaughtUp();
            if (message.qos > 0 && message.packetId == 0 && message.isOrphan() && !message.isGroups() && !shownAgain) {
                orphans.add(message.orphan());
            }
        }
        over.removeIf(message -> message.forgotten().getAsBoolean());
        over.forEach(message -> orphans.add(message.remains()));
        return orphans;
    }

    /** Gives up what is under way; closes the subscriptions meanwhile, so that what is given back goes to others. */
    Flight detach(Runnable subscriptions) {
        Map<Integer, Flight.Place> places = places();
        // Those that wait and whose place leads back to them are found again; closed, they would look like orphans.
        waiting.removeIf(message -> !message.isOrphan());
        exchanges.all().removeIf(message -> !message.isOrphan());
        subscriptions.run();
        giveBack();
        return new Flight(places, orphans());
    }

    /** Other members may have what this one did not acknowledge, in the order it came. */
    private void giveBack() {
        Map<MqttSubscription, List<Outgoing>> theirs = new LinkedHashMap<>(0);
        exchanges.inOrder().forEach(message -> addIfForOthers(message, theirs));
        waiting.messages().forEach(message -> addIfForOthers(message, theirs));
        theirs.forEach((owner, messages) -> owner.share().giveBack(messages));
        exchanges.all().removeIf(message -> message.givenBack);
        waiting.removeIf(message -> message.givenBack);
    }

    private static void addIfForOthers(Outgoing message, Map<MqttSubscription, List<Outgoing>> theirs) {
        MqttSubscription owner = message.owner;
        if (owner != null && message.isForOthers()) {
            theirs.computeIfAbsent(owner, o -> new ArrayList<>()).add(message);
        }
    }

    /** Takes over what an earlier connection had under way at a subscription. */
    void resume(MqttSubscription subscription, Flight.Place place) {
        Cursor position = place.position();
        long node = position == null ? 0 : position.node();
        for (Exchange exchange : place.exchanges()) {
            Outgoing message = new Outgoing(subscription, exchange, node);
            subscription.line().restore(message);
            exchanges.resume(message);
        }
    }

    /** Takes over what belongs to no subscription; gives those that have to be found again. */
    List<Outgoing> resume(List<Orphan> orphans) {
        List<Outgoing> sought = new ArrayList<>(orphans.size());
        for (Orphan orphan : orphans) {
            Outgoing message = new Outgoing(orphan);
            exchanges.resume(message);
            if (message.stage.needsMessage()) {
                sought.add(message);
            }
        }
        return sought;
    }
}
