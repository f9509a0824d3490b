package org.millrace.plugin.mqtt.delivery;

import io.netty.util.collection.IntObjectHashMap;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.millrace.plugin.mqtt.codec.ControlPackets;
import org.millrace.plugin.mqtt.codec.ReasonCode;
import org.millrace.plugin.mqtt.delivery.Exchange.Stage;
import org.millrace.spi.plugin.Metrics;
import org.millrace.spi.resource.Change;
import org.millrace.spi.resource.ChangeKind;
import org.millrace.spi.resource.Cursor;
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
    private static final int MAX_PACKET_ID = 65_535;

    /**
     * What bounds a connection's sending.
     *
     * @param level 4 or 5
     * @param clientId for no-local
     * @param window how many QoS 1 and 2 messages may be unacknowledged
     * @param maxPacketSize the client's, in bytes
     * @param topicAliasMaximum how many topic aliases the client takes
     * @param latestBeyond when so many messages wait, those of QoS 0 wait as the newest of their topics only
     * @param maxWaitingBytes beyond this, waiting events of QoS 0 are dropped
     */
    public record Bounds(
            int level,
            String clientId,
            int window,
            int maxPacketSize,
            int topicAliasMaximum,
            int latestBeyond,
            long maxWaitingBytes) {}

    /** Told what the connection has to know. */
    public interface Listener {
        /**
         * The host has ended a subscription.
         *
         * @param subscription closed
         * @param reason why
         */
        void lost(MqttSubscription subscription, ResourceException reason);

        /**
         * The session's progress cannot be kept.
         *
         * @param reason why
         */
        void failed(ResourceException reason);

        /**
         * A subscription the client has ended has nothing left to do, and that is kept.
         *
         * @param subscription closed
         */
        void over(MqttSubscription subscription);
    }

    private final Flusher flusher;
    private final Bounds bounds;
    private final Metrics.Counter dropped;
    private final Listener listener;
    private final PublishWriter writer;
    private final @Nullable Progress progress;
    private final Keeping keeping;

    private final IntObjectHashMap<Outgoing> unacknowledged = new IntObjectHashMap<>(2);
    private final Overlaps overlaps = new Overlaps();
    private final Backlog waiting;
    private final ArrayList<MqttSubscription> owed = new ArrayList<>(0);
    private final Set<MqttSubscription> kept = new LinkedHashSet<>(2);
    private int lastPacketId;
    private long lastOrder;

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
            Listener listener,
            @Nullable Progress progress) {
        this.flusher = flusher;
        this.bounds = bounds;
        this.dropped = dropped;
        this.waiting = new Backlog(bounds.latestBeyond(), bounds.maxWaitingBytes());
        this.listener = listener;
        this.writer = new PublishWriter(flusher, bounds, clock, sent);
        this.progress = progress;
        this.keeping = new Keeping(flusher, progress, this::flight, this::kept, listener::failed);
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

    void offer(MqttSubscription owner, Change change, Reason reason) {
        if (owner.isClosed()) {
            return;
        }
        boolean own = change.source().equals(bounds.clientId());
        // A retained message that expires just ceases to be (MQTT 5 section 3.3.2.3.3); an empty message would be new.
        boolean unwanted = change.kind() == ChangeKind.EXPIRE && reason != Reason.LEAVE
                || own && owner.options().noLocal(); // [MQTT-3.8.3-3]
        Outgoing restored = owner.restored(change, reason);
        if (restored != null) {
            restored.reason = reason;
            sendAgain(owner, restored, change, own);
            return;
        }
        Overlaps.Terms terms =
                unwanted ? null : reason == Reason.CURRENT ? present(owner) : overlaps.terms(owner, change, own);
        if (terms == null) {
            owner.passed(change);
            settle(owner);
            return;
        }
        boolean retain = reason == Reason.CURRENT
                || terms.retainAsPublished() && change.kind().altersRecord(); // [MQTT-3.3.1-12], [MQTT-3.3.1-13]
        int qos = Math.min(terms.qos(), change.qos().ordinal());
        Outgoing message = new Outgoing(owner, change, reason, qos, retain, terms.ids());
        if (qos > 0) {
            owner.track(message);
        }
        sendOrWait(message, change);
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
        sendOrWait(message, change);
    }

    private void sendOrWait(Outgoing message, Change change) {
        if (waiting.isFirst(message) && hasRoom(message)) {
            send(message);
        } else {
            enqueue(message, change);
        }
    }

    private void enqueue(Outgoing message, Change change) {
        if (waiting.add(message, change) != Backlog.Outcome.WAITS) {
            dropped.increment();
            settled(message);
        }
    }

    private boolean hasRoom(Outgoing message) {
        return flusher.isWritable()
                && (message.qos == 0 || message.packetId > 0 || unacknowledged.size() < bounds.window());
    }

    private void send(Outgoing message) {
        Change change = message.change;
        if (change == null || message.stage == Stage.DONE) {
            return; // the client has acknowledged it while it waited to be sent again
        }
        if (message.packetId > 0) {
            writer.write(message, change, true);
            return;
        }
        if (!writer.maySend(message, change)) { // [MQTT-3.3.2-5], [MQTT-3.1.2-25]
            dropped.increment();
            settled(message);
            return;
        }
        if (message.qos == 0) {
            writer.write(message, change, false);
            settled(message);
            return;
        }
        message.packetId = nextPacketId();
        message.order = ++lastOrder;
        message.stage = Stage.SENT;
        unacknowledged.put(message.packetId, message);
        if (message.qos == 2 && message.owner != null) {
            message.owner.reserve(message);
        }
        if (message.qos == 2 && progress != null) {
            // Which packet stands for which change has to be known after a restart, before the client has the packet.
            keeping.publish(message);
        } else {
            writer.write(message, change, false);
        }
    }

    /** What was handed to {@link Keeping} is kept, and may be told to the client. */
    private void kept(Outgoing message) {
        Change change = message.change;
        if (message.stage == Stage.SENT && change != null) {
            if (message.owner != null) {
                message.owner.remembered(message);
            }
            writer.write(message, change, false);
        } else if (message.stage == Stage.RELEASED) {
            message.releaseKept = true;
            flusher.write(ControlPackets.acknowledgement(flusher.alloc(), ControlPackets.PUBREL, message.packetId));
        }
    }

    private int nextPacketId() {
        // The window is smaller than the number of identifiers, so one is free.
        do {
            lastPacketId = lastPacketId == MAX_PACKET_ID ? 1 : lastPacketId + 1;
        } while (unacknowledged.containsKey(lastPacketId));
        return lastPacketId;
    }

    /**
     * PUBACK came.
     *
     * @param packetId which message; an unknown one is ignored, as the client may have lost its own state
     */
    public void acknowledged(int packetId) {
        Outgoing message = unacknowledged.get(packetId);
        if (message != null && message.qos == 1) {
            finish(packetId, message);
        }
    }

    /**
     * PUBREC came.
     *
     * @param packetId which message
     * @param refused whether its reason code is a failure, which ends the exchange
     */
    public void received(int packetId, boolean refused) {
        Outgoing message = unacknowledged.get(packetId);
        if (refused) {
            if (message != null && message.qos == 2) {
                finish(packetId, message);
            }
            return;
        }
        if (message != null && message.qos == 2) {
            release(message);
        } else if (bounds.level() == 5) {
            flusher.write(ControlPackets.acknowledgement(
                    flusher.alloc(),
                    ControlPackets.PUBREL,
                    packetId,
                    ReasonCode.PACKET_IDENTIFIER_NOT_FOUND,
                    null,
                    bounds.maxPacketSize()));
        } else {
            flusher.write(ControlPackets.acknowledgement(flusher.alloc(), ControlPackets.PUBREL, packetId));
        }
    }

    private void release(Outgoing message) {
        boolean first = message.stage == Stage.SENT;
        message.change = null;
        message.stage = Stage.RELEASED;
        if (progress == null || message.releaseKept) {
            flusher.write(ControlPackets.acknowledgement(flusher.alloc(), ControlPackets.PUBREL, message.packetId));
        } else if (first) {
            // After PUBREL the client forgets the packet identifier: a restart must not send the message again.
            keeping.release(message);
        }
    }

    /**
     * PUBCOMP came.
     *
     * @param packetId which message; an unknown one is ignored
     */
    public void completed(int packetId) {
        Outgoing message = unacknowledged.get(packetId);
        if (message != null && message.qos == 2) {
            finish(packetId, message);
        }
    }

    private void finish(int packetId, Outgoing message) {
        unacknowledged.remove(packetId);
        settled(message);
        drain();
    }

    /** Sends what waits, as far as there is room. */
    public void drain() {
        while (true) {
            Outgoing head = waiting.peek();
            if (head == null || !hasRoom(head)) {
                break;
            }
            waiting.removeFirst();
            send(head);
        }
    }

    private void settled(Outgoing message) {
        MqttSubscription owner = message.owner;
        if (owner != null) {
            owner.finished(message);
            if (message.tracked) {
                keeping.soon();
            }
        } else {
            message.stage = Stage.DONE;
            keeping.soon();
        }
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
        if (!overlaps.retired().isEmpty()) {
            endRetired();
        }
        keeping.start();
        flusher.flush();
    }

    void lost(MqttSubscription subscription, ResourceException reason) {
        listener.lost(subscription, reason);
    }

    void caughtUp(MqttSubscription subscription) {
        subscription.takeMissing().forEach(this::giveUp);
        keeping.soon();
    }

    /**
     * A message that was sent and cannot be found again: it expired, or a newer state of its record is there. The
     * client is told to forget the packet identifier, or else it would take the next message of that for this one.
     */
    private void giveUp(Outgoing message) {
        if (message.stage != Stage.SENT) {
            return;
        }
        if (message.qos == 1) {
            finish(message.packetId, message);
        } else {
            release(message);
        }
        dropped.increment();
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
        for (Outgoing message : unacknowledged.values()) {
            if (message.owner == subscription) {
                subscription.reserve(message);
                sent.add(message);
            }
        }
        keeping.afterNext(() -> sent.forEach(subscription::remembered));
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
    private void endRetired() {
        for (MqttSubscription subscription : List.copyOf(overlaps.retired())) {
            Retirement retirement = subscription.retirement();
            if (retirement == null) {
                continue;
            }
            if (!subscription.isClosed() && subscription.position() >= retirement.upTo()) {
                subscription.close();
                subscription.takeMissing().forEach(this::giveUp);
            }
            if (subscription.isClosed() && overlaps.leastPlace() >= retirement.upTo()) {
                overlaps.remove(subscription);
                // What it has sent is kept as the session's own before it is forgotten itself.
                keeping.afterNext(() -> {
                    kept.remove(subscription);
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
        kept.remove(subscription);
        dropWaiting(subscription, change -> false);
        subscription.takeMissing().forEach(this::giveUp);
    }

    private void dropWaiting(MqttSubscription subscription, Predicate<Change> wanted) {
        waiting.removeIf(message -> {
            if (message.owner != subscription || message.packetId > 0) {
                return false;
            }
            Change change = message.change;
            if (change != null && message.hasPlace && wanted.test(change)) {
                return false;
            }
            message.givenBack = change != null && subscription.giveBack(change);
            settled(message);
            if (change != null && !message.givenBack) {
                dropped.increment();
            }
            return true;
        });
    }

    /** Forgets what an earlier connection had under way, for the client has been told that it has no session. */
    public void forgetAll() {
        overlaps.clear();
        kept.clear();
        unacknowledged.clear();
        keeping.forget();
    }

    /**
     * Makes a subscription one whose place is part of the session's progress.
     *
     * @param subscription with a number
     */
    public void keep(MqttSubscription subscription) {
        if (subscription.keepsPlace()) {
            kept.add(subscription);
        }
    }

    /** What is under way now. */
    private Flight flight() {
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
        List<Outgoing> orphans = new ArrayList<>(0);
        for (Outgoing message : unacknowledged.values()) {
            if (message.isOrphan() && !message.isGroups()) {
                orphans.add(message);
            }
        }
        orphans.sort(Comparator.comparingLong(m -> m.order));
        for (Outgoing message : waiting.messages()) {
            MqttSubscription owner = message.owner;
            boolean shownAgain = owner != null && owner.keepsPlace() && !owner.isCaughtUp();
            if (message.qos > 0 && message.packetId == 0 && message.isOrphan() && !message.isGroups() && !shownAgain) {
                orphans.add(message);
            }
        }
        return orphans.stream().map(Outgoing::orphan).toList();
    }

    /**
     * Gives up what is under way, to be carried on by another connection.
     *
     * @param subscriptions closes the subscriptions, so that what is given back to a shared one goes to others
     * @return what is under way
     */
    public Flight detach(Runnable subscriptions) {
        keeping.close();
        Map<Integer, Flight.Place> places = places();
        // Those that wait and whose place leads back to them are found again; closed, they would look like orphans.
        waiting.removeIf(message -> !message.isOrphan());
        List<Outgoing> inOrder = new ArrayList<>(0);
        for (Outgoing message : unacknowledged.values()) {
            if (!message.isOrphan()) {
                inOrder.add(message);
            }
        }
        inOrder.forEach(message -> unacknowledged.remove(message.packetId));
        subscriptions.run();
        overlaps.retired().forEach(MqttSubscription::close);
        // Other members may have what this one did not acknowledge, but not QoS 2 once it was sent (section 4.8.2).
        unacknowledged.values().removeIf(message -> message.qos == 1 && giveBack(message));
        waiting.removeIf(this::giveBack);
        return new Flight(places, orphans());
    }

    private boolean giveBack(Outgoing message) {
        return message.owner != null && message.change != null && message.owner.giveBack(message.change);
    }

    /**
     * Takes over what an earlier connection of the session had under way at a subscription, before that is started.
     *
     * @param subscription resumed
     * @param place where it resumes
     */
    public void resume(MqttSubscription subscription, Flight.Place place) {
        Cursor position = place.position();
        long node = position == null ? 0 : position.node();
        for (Exchange exchange : place.exchanges()) {
            Outgoing message = new Outgoing(subscription, exchange, node);
            subscription.restore(message);
            reserve(message);
        }
    }

    private void reserve(Outgoing message) {
        if (message.stage != Stage.DONE && message.packetId > 0) {
            message.order = ++lastOrder;
            lastPacketId = message.packetId;
            unacknowledged.put(message.packetId, message);
        }
    }

    /**
     * Carries on with what an earlier connection of the session left, once CONNACK is written (MQTT 5 section 4.4):
     * PUBRELs are sent again now, messages with their own packet identifiers as they are found again.
     *
     * @param orphans those that no subscription finds
     * @param search finds them
     */
    public void resume(List<Orphan> orphans, Search search) {
        List<Outgoing> sought = new ArrayList<>(orphans.size());
        for (Orphan orphan : orphans) {
            Outgoing message = new Outgoing(orphan);
            reserve(message);
            if (message.stage != Stage.RELEASED) {
                sought.add(message);
            }
        }
        List<Outgoing> all = new ArrayList<>(unacknowledged.values());
        all.sort(Comparator.comparingLong(m -> m.order));
        for (Outgoing message : all) {
            if (message.stage == Stage.RELEASED) {
                flusher.write(ControlPackets.acknowledgement(flusher.alloc(), ControlPackets.PUBREL, message.packetId));
            }
        }
        for (Outgoing message : sought) {
            search.find(message.orphan(), found -> {
                if (message.stage == Stage.DONE) {
                    return;
                }
                if (found == null) {
                    giveUp(message);
                } else {
                    message.found(found);
                    sendOrWait(message, found);
                }
                batchEnd();
            });
        }
    }

    /** Finds messages again. */
    @FunctionalInterface
    public interface Search {
        /**
         * Looks for one message.
         *
         * @param orphan which
         * @param then is given the change, or null if it is not there any more; on the connection's event loop
         */
        void find(Orphan orphan, Consumer<@Nullable Change> then);
    }
}
