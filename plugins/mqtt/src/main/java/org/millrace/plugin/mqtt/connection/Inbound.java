package org.millrace.plugin.mqtt.connection;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.handler.codec.mqtt.MqttProperties;
import io.netty.handler.codec.mqtt.MqttPublishMessage;
import io.netty.util.collection.IntObjectHashMap;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.millrace.plugin.mqtt.codec.ControlPackets;
import org.millrace.plugin.mqtt.codec.MqttViolation;
import org.millrace.plugin.mqtt.codec.PacketFramer;
import org.millrace.plugin.mqtt.codec.ReasonCode;
import org.millrace.plugin.mqtt.delivery.Flusher;
import org.millrace.plugin.mqtt.mapping.MessageProperties;
import org.millrace.plugin.mqtt.mapping.PublishMapping;
import org.millrace.plugin.mqtt.mapping.Refusal;
import org.millrace.plugin.mqtt.session.KeptSession;
import org.millrace.spi.plugin.Metrics;
import org.millrace.spi.resource.Commit;
import org.millrace.spi.resource.Effect;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.Path;
import org.millrace.spi.resource.ResourceException;
import org.millrace.spi.resource.Resources;
import org.millrace.spi.resource.Write;

/**
 * The receiving side of one connection: publishes become writes, and are acknowledged in the order they came once they
 * are as durable as asked ([MQTT-4.6.0-2]). Reading stops while the host is saturated or too many writes are under way.
 *
 * <p>MQTT 3.1.1 cannot refuse a message (section 3.3.5.2: acknowledge or close). One that may succeed later closes the
 * connection unacknowledged, so that the client keeps it; one that never can is acknowledged and dropped, for otherwise
 * the client would send it again for ever. Either is logged.
 *
 * <p>Used by the connection's event loop only.
 */
final class Inbound {
    /** Most clients never send QoS 2. */
    private static final Set<Integer> NOTHING = Set.of();

    private final Flusher flusher;
    private final Resources resources;
    private final PublishMapping mapping;
    private final Limits limits;
    private final Faults faults;
    private final Metrics.Counter refused;
    private final @Nullable KeptSession kept;
    private final Throttle throttle;

    private final ArrayDeque<Acknowledgement> acknowledgements = new ArrayDeque<>(0);
    private Set<Integer> received = NOTHING;
    private @Nullable IntObjectHashMap<Path> aliases;
    /** QoS 1 messages without PUBACK; those of QoS 2 are in {@link #received}. */
    private int unacknowledged;

    private boolean closed;
    private @Nullable CompletableFuture<Set<Integer>> idle;

    /**
     * What bounds a client's publishing.
     *
     * @param level 4 or 5
     * @param receiveMaximum unacknowledged messages allowed
     * @param topicAliasMaximum aliases allowed
     * @param wantsReasons whether reason strings may be sent
     * @param maxPacketSize the largest packet the client takes
     */
    record Limits(int level, int receiveMaximum, int topicAliasMaximum, boolean wantsReasons, int maxPacketSize) {}

    /** Told what the connection has to do about refused messages. */
    interface Faults {
        /** A message was refused and the client cannot be told; once a connection this is worth a line in the log. */
        void dropped(Path path, ResourceException reason);

        /** The connection has to end without acknowledging, so that the client keeps its message. */
        void giveUp(ResourceException reason);
    }

    private static final class Acknowledgement {
        private final int first;
        private final int packetId;
        private ReasonCode code = ReasonCode.SUCCESS;
        private @Nullable String reason;
        private boolean done;

        Acknowledgement(int first, int packetId) {
            this.first = first;
            this.packetId = packetId;
        }
    }

    Inbound(
            Flusher flusher,
            PacketFramer framer,
            Resources resources,
            PublishMapping mapping,
            Limits limits,
            Faults faults,
            Metrics.Counter refused,
            @Nullable KeptSession kept,
            @Nullable PublishPace pace) {
        this.flusher = flusher;
        this.resources = resources;
        this.mapping = mapping;
        this.limits = limits;
        this.faults = faults;
        this.refused = refused;
        this.kept = kept;
        this.throttle = new Throttle(flusher, framer, resources, limits.receiveMaximum(), pace);
    }

    /** Goes on with the QoS 2 exchanges of an earlier connection. */
    void resume(Set<Integer> earlier) {
        received = earlier;
    }

    /** Takes a PUBLISH; its payload is copied, the message stays the caller's. */
    void publish(MqttPublishMessage message) {
        int qos = message.fixedHeader().qosLevel().value();
        int packetId = message.variableHeader().packetId();
        MqttProperties properties = message.variableHeader().properties();
        Path path = path(message.variableHeader().topicName(), properties);
        if (qos == 2 && received.contains(packetId)) {
            // Sent again; the first one is acknowledged, or will be when it is durable. [MQTT-4.3.3-10]
            if (!isUnderWay(packetId)) {
                flusher.write(ControlPackets.acknowledgement(flusher.alloc(), ControlPackets.PUBREC, packetId));
            }
            return;
        }
        if (qos > 0 && limits.level() == 5 && unacknowledged + received.size() >= limits.receiveMaximum()) {
            throw new MqttViolation(
                    ReasonCode.RECEIVE_MAXIMUM_EXCEEDED,
                    "more than " + limits.receiveMaximum() + " messages are unacknowledged"); // section 3.3.4
        }
        byte[] payload = bytes(message.payload());
        CompletionStage<Commit> outcome;
        try {
            Write write =
                    mapping.write(path, payload, qos, message.fixedHeader().isRetain(), properties);
            // Of QoS 2 the packet identifier survives with the message, so that it is known when it is sent again.
            outcome =
                    qos == 2 && kept != null ? resources.write(write, kept.received(packetId)) : resources.write(write);
        } catch (ResourceException e) {
            outcome = CompletableFuture.failedStage(e);
        }
        throttle.began();
        if (qos == 0) {
            outcome.whenComplete((commit, failure) -> {
                if (failure != null) {
                    refuse(path, ResourceException.from(failure), null);
                }
                finished();
            });
        } else {
            Acknowledgement acknowledgement =
                    new Acknowledgement(qos == 1 ? ControlPackets.PUBACK : ControlPackets.PUBREC, packetId);
            if (qos == 2) {
                remember(packetId);
            } else {
                unacknowledged++;
            }
            acknowledgements.add(acknowledgement);
            outcome.whenComplete((commit, failure) -> {
                if (failure != null) {
                    refuse(path, ResourceException.from(failure), acknowledgement);
                } else {
                    accept(path, commit, acknowledgement);
                }
                finished();
            });
        }
        throttle.holdBack();
    }

    private static byte[] bytes(ByteBuf payload) {
        return ByteBufUtil.getBytes(payload, payload.readerIndex(), payload.readableBytes(), true);
    }

    private Path path(String topic, MqttProperties properties) {
        Integer alias = MessageProperties.number(properties, MqttProperties.TOPIC_ALIAS);
        if (alias != null && (alias == 0 || alias > limits.topicAliasMaximum())) {
            throw new MqttViolation( // [MQTT-3.3.2-8], [MQTT-3.3.2-9]
                    ReasonCode.TOPIC_ALIAS_INVALID,
                    "topic alias " + alias + " is not within 1 and " + limits.topicAliasMaximum());
        }
        if (topic.isEmpty()) {
            Path known = alias == null || aliases == null ? null : aliases.get(alias.intValue());
            if (known == null) {
                throw MqttViolation.protocolError(
                        alias == null
                                ? "PUBLISH has neither a topic name nor a topic alias"
                                : "topic alias " + alias + " was never given a topic name");
            }
            return known;
        }
        Path path;
        try {
            path = Path.of(topic);
        } catch (ResourceException e) {
            throw new MqttViolation(ReasonCode.TOPIC_NAME_INVALID, e.getMessage());
        }
        if (alias != null) {
            if (aliases == null) {
                aliases = new IntObjectHashMap<>(4);
            }
            aliases.put(alias.intValue(), path);
        }
        return path;
    }

    private boolean isUnderWay(int packetId) {
        for (Acknowledgement a : acknowledgements) {
            if (a.packetId == packetId && a.first == ControlPackets.PUBREC) {
                return true;
            }
        }
        return false;
    }

    private void remember(int packetId) {
        if (received == NOTHING) {
            received = new HashSet<>();
        }
        received.add(packetId);
    }

    private boolean forget(int packetId) {
        return !received.isEmpty() && received.remove(packetId);
    }

    private void accept(Path path, Commit commit, Acknowledgement acknowledgement) {
        if (limits.level() == 5 && commit.effect() == Effect.PUBLISHED && resources.subscriberCount(path) == 0) {
            acknowledgement.code = ReasonCode.NO_MATCHING_SUBSCRIBERS;
        }
        acknowledgement.done = true;
    }

    private void refuse(Path path, ResourceException reason, @Nullable Acknowledgement acknowledgement) {
        refused.increment();
        if (acknowledgement == null) {
            faults.dropped(path, reason);
            return;
        }
        if (limits.level() == 5) {
            if (reason.code() == ErrorCode.FORBIDDEN && path.isSystem()) {
                // The code says it all; and there are clients that publish to a $ topic to see what happens, and read
                // nothing longer.
                acknowledgement.code = ReasonCode.TOPIC_NAME_INVALID;
                faults.dropped(path, reason);
            } else {
                acknowledgement.code = Refusal.of(reason.code()).puback();
                acknowledgement.reason = limits.wantsReasons() ? reason.getMessage() : null;
            }
            if (acknowledgement.first == ControlPackets.PUBREC) {
                forget(acknowledgement.packetId); // a refused exchange is over, section 4.3.3
            }
        } else if (reason.code().isTemporary()) {
            forget(acknowledgement.packetId);
            faults.giveUp(reason);
            return;
        } else {
            faults.dropped(path, reason);
        }
        acknowledgement.done = true;
    }

    private void finished() {
        throttle.ended();
        if (!closed) {
            for (Acknowledgement head = acknowledgements.peek();
                    head != null && head.done;
                    head = acknowledgements.peek()) {
                acknowledgements.remove();
                write(head);
            }
            flusher.flushSoon();
            throttle.goOn();
        }
        if (throttle.isIdle() && idle != null) {
            idle.complete(received);
        }
    }

    private void write(Acknowledgement a) {
        if (a.first == ControlPackets.PUBACK) {
            unacknowledged--;
        }
        flusher.write(
                a.code == ReasonCode.SUCCESS
                        ? ControlPackets.acknowledgement(flusher.alloc(), a.first, a.packetId)
                        : ControlPackets.acknowledgement(
                                flusher.alloc(), a.first, a.packetId, a.code, a.reason, limits.maxPacketSize()));
    }

    /** PUBREL came: the packet identifier is free again. */
    void release(int packetId) {
        if (kept == null || !received.contains(packetId)) {
            complete(packetId, forget(packetId));
            return;
        }
        kept.released(packetId).whenComplete((done, failure) -> {
            if (closed) {
                return;
            }
            if (failure != null) {
                faults.giveUp(ResourceException.from(failure));
            } else {
                complete(packetId, forget(packetId));
                flusher.flushSoon();
            }
        });
    }

    private void complete(int packetId, boolean known) {
        flusher.write(
                known || limits.level() == 4
                        ? ControlPackets.acknowledgement(flusher.alloc(), ControlPackets.PUBCOMP, packetId)
                        : ControlPackets.acknowledgement(
                                flusher.alloc(),
                                ControlPackets.PUBCOMP,
                                packetId,
                                ReasonCode.PACKET_IDENTIFIER_NOT_FOUND,
                                null,
                                limits.maxPacketSize()));
    }

    /**
     * Stops acknowledging.
     *
     * @return completes when no write is under way, with the packet identifiers of QoS 2 exchanges that are not over
     */
    CompletionStage<Set<Integer>> close() {
        closed = true;
        throttle.close();
        CompletableFuture<Set<Integer>> result = new CompletableFuture<>();
        idle = result;
        if (throttle.isIdle()) {
            result.complete(received);
        }
        return result;
    }
}
