package org.millrace.plugin.mqtt.delivery;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.mqtt.MqttProperties;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.millrace.plugin.mqtt.codec.PropertyWriter;
import org.millrace.plugin.mqtt.mapping.Format;
import org.millrace.plugin.mqtt.mapping.MessageProperties;
import org.millrace.spi.content.Content;
import org.millrace.spi.resource.Change;
import org.millrace.spi.resource.Reason;
import org.millrace.spi.resource.SharedForm;

/**
 * Writes PUBLISH packets. Topic, properties and payload are made once per change, protocol level and format; the plain
 * QoS 0 packet is shared whole, so that a change costs one encoding however many subscribers it has. Shared bytes are
 * unpooled heap arrays which nobody releases.
 *
 * <p>Stateless, for any thread.
 */
public final class PublishFrames {
    /** Payloads beyond this are written from the shared array instead of being copied behind their header. */
    private static final int COPY_LIMIT = 16 * 1024;

    private static final int MAX_REMAINING_LENGTH = 268_435_455;

    /** At most as many as there have been formats: a client is refused one that nobody teaches. */
    private static final Map<Format, Forms> FORMS = new ConcurrentHashMap<>();

    /** What a live query's subscriber, which speaks MQTT 5, is told of a record that leaves the result. */
    private static final SharedForm<Body> LEFT = new SharedForm<>(
            "mqtt/left", change -> new Body(change.path().utf8(), MessageProperties.write(change, null, false), null));

    private static final byte[] ENTER = MessageProperties.user("reason", "enter");
    private static final byte[] UPDATE = MessageProperties.user("reason", "update");
    private static final byte[] LEAVE = MessageProperties.user("reason", "leave");
    private static final byte[] NOTHING = {};

    private PublishFrames() {}

    private static byte[] reason(Reason reason) {
        return switch (reason) {
            case CURRENT, LIVE -> NOTHING;
            case ENTER -> ENTER;
            case UPDATE -> UPDATE;
            case LEAVE -> LEAVE;
        };
    }

    /** The parts of a packet that are alike for all subscribers of one protocol level and format. */
    private record Body(
            byte[] topic, byte[] properties, @Nullable Content content) {
        int payloadSize() {
            return content == null ? 0 : content.size();
        }
    }

    /** What is shared by subscribers of one format, by protocol level. */
    private record Forms(
            SharedForm<Body> body4, SharedForm<Body> body5, SharedForm<byte[]> frame4, SharedForm<byte[]> frame5) {
        static Forms of(Format format) {
            return new Forms(
                    new SharedForm<>("mqtt/4/" + format + "/body", change -> PublishFrames.body(change, 4, format)),
                    new SharedForm<>("mqtt/5/" + format + "/body", change -> PublishFrames.body(change, 5, format)),
                    new SharedForm<>("mqtt/4/" + format + "/qos0", change -> PublishFrames.frame(change, 4, format)),
                    new SharedForm<>("mqtt/5/" + format + "/qos0", change -> PublishFrames.frame(change, 5, format)));
        }

        SharedForm<Body> body(int level) {
            return level == 5 ? body5 : body4;
        }

        SharedForm<byte[]> frame(int level) {
            return level == 5 ? frame5 : frame4;
        }
    }

    /**
     * What differs from subscriber to subscriber.
     *
     * @param qos 0 to 2
     * @param duplicate the DUP flag
     * @param retain the RETAIN flag
     * @param packetId ignored for QoS 0
     * @param subscriptionIds of the subscriptions it is sent for; may be empty
     * @param expirySeconds -1 for none
     * @param alias the topic alias, or {@link TopicAlias#NONE}
     * @param reason why it is shown; of a live query that is told by a user property, and what leaves has no payload
     */
    @SuppressWarnings("ArrayRecordComponent") // made for one packet, never compared but by identity
    public record Delivery(
            int qos,
            boolean duplicate,
            boolean retain,
            int packetId,
            int[] subscriptionIds,
            long expirySeconds,
            TopicAlias alias,
            Reason reason) {
        /** QoS 0, live, with nothing of its own; compared by identity. */
        public static final Delivery PLAIN =
                new Delivery(0, false, false, 0, new int[0], -1, TopicAlias.NONE, Reason.LIVE);
    }

    /**
     * The size of a packet.
     *
     * @param change what is sent
     * @param level 4 or 5
     * @param format the subscriber's
     * @param delivery what is its own
     * @return bytes with the fixed header; {@link Integer#MAX_VALUE} if MQTT cannot carry it
     */
    public static int size(Change change, int level, Format format, Delivery delivery) {
        long remaining = remaining(body(change, level, format, delivery.reason()), level, delivery);
        return remaining > MAX_REMAINING_LENGTH
                ? Integer.MAX_VALUE
                : 1 + PropertyWriter.variableSize((int) remaining) + (int) remaining;
    }

    /**
     * Makes a packet.
     *
     * @param alloc for what is the subscriber's own
     * @param change what is sent; {@link #size} is less than {@link Integer#MAX_VALUE}
     * @param level 4 or 5
     * @param format the subscriber's
     * @param delivery what is its own
     * @return a buffer that belongs to the caller
     */
    public static ByteBuf encode(ByteBufAllocator alloc, Change change, int level, Format format, Delivery delivery) {
        if (delivery == Delivery.PLAIN) {
            return Unpooled.wrappedBuffer(change.shared(forms(format).frame(level)));
        }
        Body body = body(change, level, format, delivery.reason());
        int remaining = (int) remaining(body, level, delivery);
        Content content = body.content();
        boolean copied = body.payloadSize() <= COPY_LIMIT;
        int header = 1 + PropertyWriter.variableSize(remaining) + remaining - body.payloadSize();
        ByteBuf out = alloc.ioBuffer(copied ? header + body.payloadSize() : header);
        head(out, body, level, remaining, delivery);
        if (content == null) {
            return out;
        }
        return copied
                ? out.writeBytes(content.bytes())
                : alloc.compositeBuffer(2).addComponents(true, out, Unpooled.wrappedBuffer(content.bytes()));
    }

    private static byte[] frame(Change change, int level, Format format) {
        Body body = change.shared(forms(format).body(level));
        int remaining = (int) remaining(body, level, Delivery.PLAIN);
        byte[] frame = new byte[1 + PropertyWriter.variableSize(remaining) + remaining];
        ByteBuf out = Unpooled.wrappedBuffer(frame).writerIndex(0);
        head(out, body, level, remaining, Delivery.PLAIN);
        if (body.content() != null) {
            ByteBuffer payload = body.content().bytes();
            payload.get(frame, frame.length - body.payloadSize(), body.payloadSize());
        }
        return frame;
    }

    private static Body body(Change change, int level, Format format, Reason reason) {
        return reason == Reason.LEAVE
                ? change.shared(LEFT)
                : change.shared(forms(format).body(level));
    }

    private static Body body(Change change, int level, Format format) {
        Content stored = change.content().orElse(null);
        Content content = stored == null ? null : format.apply(stored);
        byte[] properties = level == 5 ? MessageProperties.write(change, content, content != stored) : new byte[0];
        return new Body(change.path().utf8(), properties, content);
    }

    private static void head(ByteBuf out, Body body, int level, int remaining, Delivery d) {
        out.writeByte(0x30 | (d.duplicate() ? 8 : 0) | d.qos() << 1 | (d.retain() ? 1 : 0));
        PropertyWriter.variable(out, remaining);
        if (d.alias().replacesTopic()) {
            out.writeShort(0);
        } else {
            out.writeShort(body.topic().length).writeBytes(body.topic());
        }
        if (d.qos() > 0) {
            out.writeShort(d.packetId());
        }
        if (level == 5) {
            PropertyWriter.variable(out, propertiesSize(body, d));
            for (int id : d.subscriptionIds()) {
                out.writeByte(MqttProperties.SUBSCRIPTION_IDENTIFIER);
                PropertyWriter.variable(out, id);
            }
            if (d.alias() != TopicAlias.NONE) {
                out.writeByte(MqttProperties.TOPIC_ALIAS).writeShort(d.alias().number());
            }
            if (d.expirySeconds() >= 0) {
                out.writeByte(MqttProperties.PUBLICATION_EXPIRY_INTERVAL).writeInt((int) d.expirySeconds());
            }
            out.writeBytes(reason(d.reason()));
            out.writeBytes(body.properties());
        }
    }

    private static int propertiesSize(Body body, Delivery d) {
        int size = body.properties().length
                + reason(d.reason()).length
                + (d.alias() == TopicAlias.NONE ? 0 : 3)
                + (d.expirySeconds() >= 0 ? 5 : 0);
        for (int id : d.subscriptionIds()) {
            size += 1 + PropertyWriter.variableSize(id);
        }
        return size;
    }

    private static long remaining(Body body, int level, Delivery d) {
        int topic = d.alias().replacesTopic() ? 0 : body.topic().length;
        long size = 2L + topic + body.payloadSize() + (d.qos() > 0 ? 2 : 0);
        if (level == 5) {
            int properties = propertiesSize(body, d);
            size += PropertyWriter.variableSize(properties) + properties;
        }
        return size;
    }

    private static Forms forms(Format format) {
        Forms known = FORMS.get(format);
        return known != null ? known : FORMS.computeIfAbsent(format, Forms::of);
    }
}
