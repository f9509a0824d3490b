package org.millrace.plugin.mqtt.delivery;

import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.millrace.plugin.mqtt.codec.ControlPackets;
import org.millrace.plugin.mqtt.delivery.Exchange.Stage;
import org.millrace.spi.plugin.Metrics;
import org.millrace.spi.resource.Change;
import org.millrace.spi.resource.ChangeKind;
import org.millrace.spi.resource.Reason;
import org.millrace.spi.resource.ResourceException;
import org.millrace.spi.resource.TopicFilter;

/**
 * The sending side of one connection. Messages leave in the order they came; at most the window's number of QoS 1 and 2
 * messages is unacknowledged, and nothing is written while the socket is congested. What cannot leave waits here, never
 * more than the demand the subscriptions were given, and events of QoS 0 beyond a number of bytes are dropped.
 *
 * <p>Used by the connection's event loop only.
 */
public final class Outbound {
    private final Flusher flusher;
    private final Bounds bounds;
    private final DeliveryListener listener;
    private final Sender sender;
    private final @Nullable Progress progress;
    private final Keeping keeping;

    private final Exchanges exchanges = new Exchanges();
    private final Overlaps overlaps = new Overlaps();
    private final Backlog waiting;
    private final ArrayList<MqttSubscription> owed = new ArrayList<>(0);
    private final Handover handover;
    private final Endings endings;
    private final Acknowledgements acknowledgements;
    private boolean detached;

    /**
     * Makes the sending side of a connection.
     *
     * @param flusher writes
     * @param bounds what bounds it
     * @param clock for message expiry
     * @param sent counts PUBLISH packets
     * @param dropped counts messages that were not sent: expired, too large, or QoS 0 to a slow client
     * @param listener told what the connection has to know
     * @param progress where the session's progress is kept; null if the session ends with the connection
     */
    public Outbound(
            Flusher flusher,
            Bounds bounds,
            Clock clock,
            Metrics.Counter sent,
            Metrics.Counter dropped,
            DeliveryListener listener,
            @Nullable Progress progress) {
        this.flusher = flusher;
        this.bounds = bounds;
        this.waiting = new Backlog(bounds.latestBeyond(), bounds.maxWaitingBytes());
        this.listener = listener;
        this.progress = progress;
        this.handover = new Handover(exchanges, waiting);
        this.keeping = new Keeping(flusher, progress, handover::flight, this::kept, listener::failed);
        this.sender = new Sender(
                flusher,
                bounds,
                new PublishWriter(flusher, bounds, clock, sent),
                dropped,
                exchanges,
                waiting,
                progress == null ? null : keeping,
                this::settled);
        this.acknowledgements =
                new Acknowledgements(flusher, bounds, exchanges, keeping, progress != null, this::finish);
        this.endings = new Endings(this, exchanges, waiting, overlaps, handover, keeping, listener);
    }

    /**
     * How many unacknowledged messages are allowed.
     *
     * @return at least 1
     */
    public int window() {
        return bounds.window();
    }

    /**
     * Makes a subscription one of those a change can match together.
     *
     * @param subscription not a shared one
     * @param filter its filter
     */
    public void add(MqttSubscription subscription, TopicFilter filter) {
        overlaps.add(subscription, filter);
    }

    /**
     * Changes what holds for messages from now on. Whether the client's own are left out changes for all its subscriptions
     * at the same place among the changes, or else one that lags behind another would skip what the other has left to it,
     * or repeat what it has delivered.
     *
     * @param subscription one of the client's
     * @param options of a repeated SUBSCRIBE; the filter stays
     */
    public void change(MqttSubscription subscription, SubscriptionOptions options) {
        subscription.options(options, Math.max(subscription.position(), overlaps.furthest()));
    }

    void offer(MqttSubscription owner, Change change, Reason reason) {
        if (owner.isClosed()) {
            return;
        }
        boolean own = change.source().equals(bounds.clientId());
        // A retained message that expires just ceases to be (MQTT 5 section 3.3.2.3.3); an empty message would be new.
        boolean unwanted = change.kind() == ChangeKind.EXPIRE && reason != Reason.LEAVE
                || own && owner.leavesOutOwn(change); // [MQTT-3.8.3-3]
        Outgoing restored = owner.line().restored(change, reason);
        if (restored != null) {
            restored.reason = reason;
            sendAgain(owner, restored, change, own);
            return;
        }
        Overlaps.Terms terms =
                unwanted ? null : reason == Reason.CURRENT ? present(owner) : overlaps.terms(owner, change, own);
        if (terms == null) {
            owner.share().passed(change);
            settle(owner);
            return;
        }
        boolean retain = reason == Reason.CURRENT
                || terms.retainAsPublished() && change.kind().altersRecord(); // [MQTT-3.3.1-12], [MQTT-3.3.1-13]
        int qos = Math.min(terms.qos(), change.qos().ordinal());
        Outgoing message = new Outgoing(owner, change, reason, qos, retain, terms);
        if (qos > 0) {
            owner.line().track(message);
        }
        sender.sendOrWait(message, change);
    }

    /** A client that has ended a subscription is shown no more of the present state by it. */
    private static Overlaps.@Nullable Terms present(MqttSubscription owner) {
        return owner.retirement() == null ? Overlaps.Terms.of(owner.options()) : null;
    }

    /** A change that was sent on an earlier connection comes by again. */
    private void sendAgain(MqttSubscription owner, Outgoing message, Change change, boolean own) {
        if (message.stage != Stage.SENT) {
            settle(owner);
            return;
        }
        Overlaps.Terms terms = overlaps.terms(owner, change, own);
        if (terms == null) {
            terms = Overlaps.Terms.of(owner.options());
        }
        message.found(change);
        message.holdsDemand = true;
        message.retain = terms.retainAsPublished() && change.kind().altersRecord();
        message.subscriptionIds = terms.ids();
        sender.sendOrWait(message, change);
    }

    /** What was handed to {@link Keeping} is kept. */
    private void kept(Outgoing message) {
        sender.kept(message);
    }

    /**
     * Takes what the client answers to messages.
     *
     * @return this connection's
     */
    public Acknowledgements acknowledgements() {
        return acknowledgements;
    }

    /** The exchange of a message is over. */
    private void finish(Outgoing message) {
        exchanges.end(message);
        settled(message);
        sender.drain();
    }

    /** Sends what waits, as far as there is room. */
    public void drain() {
        sender.drain();
    }

    void settled(Outgoing message) {
        MqttSubscription owner = message.owner;
        if (owner != null) {
            owner.finished(message);
            if (progress != null) {
                handover.over(message);
            }
            if (message.tracked) {
                keeping.soon();
            }
        } else {
            message.stage = Stage.DONE;
            keeping.soon();
        }
    }

    /** Counts a message that is not sent. */
    void countDropped() {
        sender.countDropped();
    }

    void settle(MqttSubscription owner) {
        if (owner.owe()) {
            owed.add(owner);
        }
    }

    /** What may wait for a client that does not read, in bytes. */
    long maxWaitingBytes() {
        return bounds.maxWaitingBytes();
    }

    /** Gives units of demand back to the host and flushes: at the end of a read or of a batch of deliveries. */
    public void batchEnd() {
        for (int i = 0; i < owed.size(); i++) {
            owed.get(i).requestOwed();
        }
        owed.clear();
        endings.endRetired();
        keeping.start();
        flusher.flush();
    }

    void lost(MqttSubscription subscription, ResourceException reason) {
        listener.lost(subscription, reason);
    }

    void caughtUp(MqttSubscription subscription) {
        subscription.line().takeMissing().forEach(this::giveUp);
        keeping.soon();
    }

    /**
     * A message that was sent and cannot be found again: it expired, or a newer state of its record is there. The
     * client is told to forget the packet identifier, or else it would take the next message of that for this one.
     */
    void giveUp(Outgoing message) {
        if (message.stage != Stage.SENT) {
            return;
        }
        if (message.qos == 1) {
            finish(message);
        } else {
            acknowledgements.release(message);
        }
        sender.countDropped();
    }

    /**
     * Runs an act once the progress of now is kept.
     *
     * @param act at once if nothing is ever kept; never if the connection ends before
     */
    public void afterNextKept(Runnable act) {
        keeping.afterNext(act);
    }

    /**
     * How subscriptions end.
     *
     * @return this connection's
     */
    public Endings endings() {
        return endings;
    }

    /** Forgets what an earlier connection had under way, for the client has been told that it has no session. */
    public void forgetAll() {
        overlaps.clear();
        handover.forgetAll();
        exchanges.clear();
        keeping.forget();
    }

    /**
     * Makes a subscription one whose place is part of the session's progress.
     *
     * @param subscription with a number
     */
    public void keep(MqttSubscription subscription) {
        handover.keep(subscription);
    }

    /**
     * Gives up what is under way, to be carried on by another connection.
     *
     * @param subscriptions closes the subscriptions, so that what is given back to a shared one goes to others
     * @return what is under way
     */
    public Flight detach(Runnable subscriptions) {
        detached = true;
        keeping.close();
        return handover.detach(() -> {
            subscriptions.run();
            overlaps.retired().forEach(MqttSubscription::close);
        });
    }

    /**
     * Takes over what an earlier connection of the session had under way at a subscription, before that is started.
     *
     * @param subscription resumed
     * @param place where it resumes
     */
    public void resume(MqttSubscription subscription, Flight.Place place) {
        handover.resume(subscription, place);
    }

    /**
     * Carries on with what an earlier connection of the session left, once CONNACK is written (MQTT 5 section 4.4):
     * PUBRELs are sent again now, messages with their own packet identifiers as they are found again.
     *
     * @param orphans those that no subscription finds
     * @param search finds them
     */
    public void resume(List<Orphan> orphans, Search search) {
        List<Outgoing> sought = handover.resume(orphans);
        for (Outgoing message : exchanges.inOrder()) {
            if (message.stage == Stage.RELEASED) {
                flusher.write(ControlPackets.acknowledgement(flusher.alloc(), ControlPackets.PUBREL, message.packetId));
            }
        }
        for (Outgoing message : sought) {
            search.find(message.orphan(), found -> {
                if (message.stage == Stage.DONE || detached) {
                    return;
                }
                if (found == null) {
                    giveUp(message);
                } else {
                    message.found(found);
                    sender.sendOrWait(message, found);
                }
                batchEnd();
            });
        }
    }
}
