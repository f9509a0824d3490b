package org.millrace.plugin.mqtt.delivery;

import io.netty.util.collection.IntObjectHashMap;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.millrace.plugin.mqtt.codec.ControlPackets;
import org.millrace.plugin.mqtt.codec.ReasonCode;
import org.millrace.spi.plugin.Metrics;
import org.millrace.spi.resource.Change;
import org.millrace.spi.resource.ChangeKind;
import org.millrace.spi.resource.Reason;
import org.millrace.spi.resource.ResourceException;
import org.millrace.spi.resource.TopicFilter;
import org.millrace.spi.resource.WriteOptions;

/**
 * The sending side of one connection. Messages leave in the order they came; at most the window's number of QoS 1 and 2
 * messages is unacknowledged, and nothing is written while the socket is congested. What cannot leave waits here, never
 * more than the demand the subscriptions were given, and events of QoS 0 beyond a number of bytes are dropped.
 *
 * <p>Used by the connection's event loop only.
 */
public final class Outbound {
    private static final int MAX_PACKET_ID = 65_535;
    /** Smaller contents are within MQTT's 256 MiB whatever topic and properties they have. */
    private static final int SURELY_FITS = 200 * 1024 * 1024;

    /**
     * What bounds a connection's sending.
     *
     * @param level 4 or 5
     * @param clientId for no-local
     * @param window how many QoS 1 and 2 messages may be unacknowledged
     * @param maxPacketSize the client's, in bytes
     * @param topicAliasMaximum how many topic aliases the client takes
     * @param maxWaitingBytes beyond this, waiting events of QoS 0 are dropped
     */
    public record Bounds(
            int level, String clientId, int window, int maxPacketSize, int topicAliasMaximum, long maxWaitingBytes) {}

    private final Flusher flusher;
    private final Bounds bounds;
    private final Clock clock;
    private final Metrics.Counter sent;
    private final Metrics.Counter dropped;
    private final BiConsumer<MqttSubscription, ResourceException> lost;

    private final IntObjectHashMap<Outgoing> unacknowledged = new IntObjectHashMap<>(2);
    private final Overlaps overlaps = new Overlaps();
    private final TopicAliases aliases;
    private final ArrayDeque<Outgoing> waiting = new ArrayDeque<>(0);
    private final ArrayList<MqttSubscription> owed = new ArrayList<>(0);
    private long waitingBytes;
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
     * @param lost told of subscriptions the host has ended
     */
    public Outbound(
            Flusher flusher,
            Bounds bounds,
            Clock clock,
            Metrics.Counter sent,
            Metrics.Counter dropped,
            BiConsumer<MqttSubscription, ResourceException> lost) {
        this.flusher = flusher;
        this.bounds = bounds;
        this.aliases = new TopicAliases(bounds.topicAliasMaximum());
        this.clock = clock;
        this.sent = sent;
        this.dropped = dropped;
        this.lost = lost;
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
        boolean unwanted =
                change.kind() == ChangeKind.EXPIRE || own && owner.options().noLocal(); // [MQTT-3.8.3-3]
        Overlaps.Terms terms = unwanted
                ? null
                : reason == Reason.CURRENT ? Overlaps.Terms.of(owner.options()) : overlaps.terms(owner, change, own);
        if (terms == null) {
            settle(owner);
            return;
        }
        boolean retain = reason == Reason.CURRENT
                || terms.retainAsPublished() && change.kind().altersRecord(); // [MQTT-3.3.1-12], [MQTT-3.3.1-13]
        int qos = Math.min(terms.qos(), change.qos().ordinal());
        Outgoing message = new Outgoing(owner, change, qos, retain, terms.ids());
        if (waiting.isEmpty() && hasRoom(qos)) {
            send(message);
        } else {
            enqueue(message, change);
        }
    }

    private void enqueue(Outgoing message, Change change) {
        int size = size(change);
        if (message.qos == 0 && change.kind() == ChangeKind.EVENT && waitingBytes + size > bounds.maxWaitingBytes()) {
            dropped.increment();
            settled(message);
            return;
        }
        waitingBytes += size;
        waiting.add(message);
    }

    private static int size(@Nullable Change change) {
        return change == null ? 0 : change.content().map(c -> c.size()).orElse(0);
    }

    private boolean hasRoom(int qos) {
        return flusher.isWritable() && (qos == 0 || unacknowledged.size() < bounds.window());
    }

    private void send(Outgoing message) {
        Change change = message.change;
        if (change == null) {
            return;
        }
        long expiry = secondsLeft(change);
        PublishFrames.Delivery delivery = delivery(message, change, expiry, false);
        boolean fits = bounds.maxPacketSize() == Integer.MAX_VALUE && size(change) < SURELY_FITS
                || PublishFrames.size(change, bounds.level(), message.format, delivery) <= bounds.maxPacketSize();
        if (expiry == 0 || !fits) { // [MQTT-3.3.2-5], [MQTT-3.1.2-25]
            dropped.increment();
            settled(message);
            return;
        }
        if (message.qos > 0) {
            message.packetId = nextPacketId();
            message.order = ++lastOrder;
            unacknowledged.put(message.packetId, message);
            delivery = delivery(message, change, expiry, false);
        }
        flusher.write(PublishFrames.encode(flusher.alloc(), change, bounds.level(), message.format, delivery));
        aliases.sent(change.path(), delivery.alias());
        sent.increment();
        if (message.qos == 0) {
            settled(message);
        }
    }

    private PublishFrames.Delivery delivery(Outgoing message, Change change, long expiry, boolean duplicate) {
        long seconds = bounds.level() == 5 ? expiry : -1;
        TopicAlias alias = aliases.of(change.path());
        boolean plain = message.qos == 0
                && !message.retain
                && message.subscriptionIds.length == 0
                && seconds < 0
                && alias == TopicAlias.NONE;
        return plain
                ? PublishFrames.Delivery.PLAIN
                : new PublishFrames.Delivery(
                        message.qos,
                        duplicate,
                        message.retain,
                        message.packetId,
                        message.subscriptionIds,
                        seconds,
                        alias);
    }

    /** Seconds until a change expires, at least 1 while it has not; 0 if it has, -1 if it never does. */
    private long secondsLeft(Change change) {
        Instant expiresAt = change.expiresAt();
        if (expiresAt.equals(WriteOptions.NEVER)) {
            return -1;
        }
        Duration left = Duration.between(clock.instant(), expiresAt);
        return left.isNegative() || left.isZero() ? 0 : Math.min(Math.max(1, left.toSeconds()), 0xFFFF_FFFFL);
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
            message.change = null;
            flusher.write(ControlPackets.acknowledgement(flusher.alloc(), ControlPackets.PUBREL, packetId));
        } else if (bounds.level() == 5) {
            flusher.write(ControlPackets.acknowledgement(
                    flusher.alloc(), ControlPackets.PUBREL, packetId, ReasonCode.PACKET_IDENTIFIER_NOT_FOUND, null, bounds.maxPacketSize()));
        } else {
            flusher.write(ControlPackets.acknowledgement(flusher.alloc(), ControlPackets.PUBREL, packetId));
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
            if (head == null || !hasRoom(head.qos)) {
                break;
            }
            waiting.remove();
            waitingBytes -= size(head.change);
            send(head);
        }
    }

    private void settled(Outgoing message) {
        MqttSubscription owner = message.owner;
        if (owner != null) {
            settle(owner);
        }
    }

    void settle(MqttSubscription owner) {
        if (owner.owe()) {
            owed.add(owner);
        }
    }

    /** Gives units of demand back to the host and flushes: at the end of a read or of a batch of deliveries. */
    public void batchEnd() {
        for (int i = 0; i < owed.size(); i++) {
            owed.get(i).requestOwed();
        }
        owed.clear();
        flusher.flush();
    }

    void lost(MqttSubscription subscription, ResourceException reason) {
        lost.accept(subscription, reason);
    }

    /**
     * Drops what waits for a subscription the client has ended; what was sent stays in its exchange
     * ([MQTT-3.10.4-2], [MQTT-3.10.4-3]).
     *
     * @param subscription closed
     */
    public void forget(MqttSubscription subscription) {
        overlaps.remove(subscription);
        waiting.removeIf(message -> {
            if (message.owner != subscription) {
                return false;
            }
            waitingBytes -= size(message.change);
            if (message.change != null && !subscription.giveBack(message.change)) {
                dropped.increment();
            }
            return true;
        });
    }

    /**
     * Gives up what is under way, to be carried on by another connection.
     *
     * <p>The subscriptions are closed already, so that what is given back to a shared one goes to others.
     *
     * @return unacknowledged messages in the order they were sent, then those that wait and are not QoS 0
     */
    public List<Outgoing> detach() {
        List<Outgoing> left = new ArrayList<>(unacknowledged.values());
        left.sort(Comparator.comparingLong(m -> m.order));
        unacknowledged.clear();
        for (Outgoing message : waiting) {
            if (message.qos > 0) {
                left.add(message);
            }
        }
        waiting.clear();
        // Other members may have what this one did not acknowledge, but not QoS 2 once it was sent (section 4.8.2).
        left.removeIf(message -> message.owner != null
                && message.change != null
                && (message.qos == 1 || message.packetId == 0)
                && message.owner.giveBack(message.change));
        for (Outgoing message : left) {
            message.owner = null;
        }
        return left;
    }

    /**
     * Carries on with what an earlier connection of the session left: sends unacknowledged messages and PUBRELs again
     * with their own packet identifiers (MQTT 5 section 4.4), then what waited.
     *
     * @param left as {@link #detach} gave it
     */
    public void resume(List<Outgoing> left) {
        for (Outgoing message : left) {
            if (message.packetId == 0) {
                waitingBytes += size(message.change);
                waiting.add(message);
                continue;
            }
            message.order = ++lastOrder;
            lastPacketId = message.packetId;
            unacknowledged.put(message.packetId, message);
            Change change = message.change;
            if (change == null) {
                flusher.write(ControlPackets.acknowledgement(flusher.alloc(), ControlPackets.PUBREL, message.packetId));
            } else {
                long expiry = Math.max(secondsLeft(change), change.expiresAt().equals(WriteOptions.NEVER) ? -1 : 1);
                flusher.write(PublishFrames.encode(
                        flusher.alloc(),
                        change,
                        bounds.level(),
                        message.format,
                        delivery(message, change, expiry, true)));
                aliases.sent(change.path(), aliases.of(change.path()));
                sent.increment();
            }
        }
        drain();
    }
}
