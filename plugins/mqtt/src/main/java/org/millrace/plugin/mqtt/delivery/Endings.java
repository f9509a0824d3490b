package org.millrace.plugin.mqtt.delivery;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.millrace.spi.resource.Change;
import org.millrace.spi.resource.Reason;
import org.millrace.spi.resource.TopicFilter;

/**
 * How subscriptions end: at once, or, where others of the client have left changes to them, when they have delivered
 * those. Used by the connection's event loop only.
 */
public final class Endings {
    private final Outbound outbound;
    private final Exchanges exchanges;
    private final Backlog waiting;
    private final Overlaps overlaps;
    private final Handover handover;
    private final Keeping keeping;
    private final DeliveryListener listener;

    Endings(
            Outbound outbound,
            Exchanges exchanges,
            Backlog waiting,
            Overlaps overlaps,
            Handover handover,
            Keeping keeping,
            DeliveryListener listener) {
        this.outbound = outbound;
        this.exchanges = exchanges;
        this.waiting = waiting;
        this.overlaps = overlaps;
        this.handover = handover;
        this.keeping = keeping;
        this.listener = listener;
    }

    /**
     * The client has ended a subscription. What was sent stays in its exchange ([MQTT-3.10.4-2], [MQTT-3.10.4-3]); what
     * others have left to it goes on.
     *
     * @param subscription is closed, unless it has a retirement then
     * @param filter its filter; null if it is a shared one
     * @param lastNumber the number of the client's newest subscription
     * @return what is left to do; null if nothing is
     */
    public @Nullable Retirement end(MqttSubscription subscription, @Nullable TopicFilter filter, int lastNumber) {
        overlaps.remove(subscription);
        if (filter == null || !overlaps.meets(filter)) {
            finishAlone(subscription);
            subscription.close();
            forget(subscription);
            return null;
        }
        Retirement retirement = new Retirement(Math.max(subscription.position(), overlaps.furthest()), lastNumber);
        retire(subscription, filter, retirement, subscription.node());
        dropWaiting(subscription, change -> overlaps.isWanted(change.path(), lastNumber));
        return retirement;
    }

    /** What was sent of a shared subscription that the client ends stays in its exchange, and is nobody else's. */
    private void finishAlone(MqttSubscription subscription) {
        if (!subscription.isShared()) {
            return;
        }
        List<Outgoing> sent = new ArrayList<>(0);
        for (Outgoing message : exchanges.all()) {
            if (message.owner == subscription) {
                subscription.share().reserve(message);
                sent.add(message);
            }
        }
        keeping.afterNext(() -> sent.forEach(subscription.share()::remembered));
    }

    /**
     * Goes on with a subscription that was ended on an earlier connection.
     *
     * @param subscription closed if it has delivered all that it has to
     * @param filter its filter
     * @param retirement what it has to do
     * @param node whose journal the retirement means
     */
    public void retire(MqttSubscription subscription, TopicFilter filter, Retirement retirement, long node) {
        subscription.retire(retirement, node);
        overlaps.retire(subscription, filter);
    }

    /** Ends those that have come as far as they have to, and forgets those that nobody else will come to. */
    void endRetired() {
        if (overlaps.retired().isEmpty()) {
            return;
        }
        for (MqttSubscription subscription : List.copyOf(overlaps.retired())) {
            Retirement retirement = subscription.retirement();
            if (retirement == null) {
                continue;
            }
            if (!subscription.isClosed() && subscription.position() >= retirement.upTo()) {
                subscription.close();
                subscription.line().takeMissing().forEach(outbound::giveUp);
            }
            if (subscription.isClosed() && overlaps.leastPlace() >= retirement.upTo()) {
                overlaps.remove(subscription);
                // What it has sent is kept as the session's own before it is forgotten itself.
                keeping.afterNext(() -> {
                    handover.forget(subscription);
                    listener.over(subscription);
                });
            }
        }
    }

    /**
     * Drops all that has to do with a subscription but for what was sent.
     *
     * @param subscription closed
     */
    public void forget(MqttSubscription subscription) {
        overlaps.remove(subscription);
        handover.forget(subscription);
        dropWaiting(subscription, change -> false);
        subscription.line().takeMissing().forEach(outbound::giveUp);
    }

    private void dropWaiting(MqttSubscription subscription, Predicate<Change> wanted) {
        List<Outgoing> unsent = new ArrayList<>(0);
        for (Outgoing message : waiting.messages()) {
            if (message.owner == subscription && message.packetId == 0 && !isWanted(message, wanted)) {
                unsent.add(message);
            }
        }
        if (unsent.isEmpty()) {
            return;
        }
        subscription.share().giveBack(unsent);
        Set<Outgoing> dropped = new HashSet<>(unsent);
        waiting.removeIf(dropped::contains);
        for (Outgoing message : unsent) {
            outbound.settled(message);
            if (message.change != null && !message.givenBack) {
                outbound.countDropped();
            }
        }
    }

    private static boolean isWanted(Outgoing message, Predicate<Change> wanted) {
        Change change = message.change;
        return change != null && message.reason != Reason.CURRENT && wanted.test(change);
    }
}
