package org.millrace.plugin.mqtt.mapping;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.mqtt.MqttProperties;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.millrace.plugin.mqtt.codec.MqttViolation;
import org.millrace.spi.content.Content;
import org.millrace.spi.content.MediaType;
import org.millrace.spi.resource.Change;
import org.millrace.spi.resource.Path;
import org.millrace.spi.resource.Properties;
import org.millrace.spi.resource.ResourceException;

/**
 * The properties of a message, from MQTT 5 into {@link Properties} and back. What a server must hand on unaltered
 * (sections 3.3.2.3.2 to 3.3.2.3.9) and the SPI has no word for is kept under {@code $mqtt.}: the payload format
 * indicator, a content type that is no plain media type, and users' names that begin with {@code $}.
 */
public final class MessageProperties {
    private static final String PAYLOAD_FORMAT = "$mqtt.payload-format";
    private static final String CONTENT_TYPE = "$mqtt.content-type";
    private static final String USER = "$mqtt.user.";
    private static final byte[] NONE = {};

    private MessageProperties() {}

    /**
     * What travels beside a publisher's content.
     *
     * @param in the properties of a PUBLISH or of a will
     * @param kept the media type the content was given
     * @return properties for the host
     * @throws MqttViolation if the response topic is no topic name
     */
    public static Properties read(MqttProperties in, MediaType kept) {
        if (in.isEmpty()) {
            return Properties.NONE;
        }
        List<Properties.Property> out = new ArrayList<>(4);
        Integer format = number(in, MqttProperties.PAYLOAD_FORMAT_INDICATOR);
        if (format != null) {
            out.add(new Properties.Text(PAYLOAD_FORMAT, format.toString()));
        }
        String contentType = text(in, MqttProperties.CONTENT_TYPE);
        if (contentType != null && (!contentType.equals(kept.name()) || kept.equals(MediaType.OCTET_STREAM))) {
            out.add(new Properties.Text(CONTENT_TYPE, contentType));
        }
        String responseTopic = text(in, MqttProperties.RESPONSE_TOPIC);
        if (responseTopic != null) {
            out.add(new Properties.Text(Properties.REPLY_TO, topicName(responseTopic)));
        }
        if (in.getProperty(MqttProperties.CORRELATION_DATA) instanceof MqttProperties.BinaryProperty correlation) {
            out.add(new Properties.Binary(Properties.CORRELATION, correlation.value()));
        }
        for (MqttProperties.MqttProperty<?> p : in.getProperties(MqttProperties.USER_PROPERTY)) {
            if (p instanceof MqttProperties.UserProperty user) {
                String name = user.value().key;
                out.add(new Properties.Text(name.startsWith("$") ? USER + name : name, user.value().value));
            }
        }
        return Properties.of(out);
    }

    private static String topicName(String responseTopic) {
        try {
            return Path.of(responseTopic).toString();
        } catch (ResourceException e) {
            throw MqttViolation.protocolError("the response topic is no topic name: " + e.getMessage()); // 3.3.2-14
        }
    }

    /**
     * The properties of a PUBLISH to a subscriber, as bytes without their length, and without those that differ from
     * subscriber to subscriber: message expiry, subscription identifiers, topic alias.
     *
     * @param change what is sent
     * @param content the content as it is sent, if there is one
     * @param transcoded whether that is another format than the publisher's
     * @return a new array, or a shared empty one
     */
    public static byte[] write(Change change, @Nullable Content content, boolean transcoded) {
        Properties properties = change.properties();
        String contentType = contentType(properties, content, transcoded);
        if (contentType == null && properties.isEmpty()) {
            return NONE;
        }
        ByteBuf out = Unpooled.buffer(64);
        for (Properties.Property property : properties.list()) {
            switch (property) {
                case Properties.Text text -> write(out, text, transcoded || content == null);
                case Properties.Binary binary -> {
                    if (binary.name().equals(Properties.CORRELATION)) {
                        out.writeByte(MqttProperties.CORRELATION_DATA);
                        out.writeShort(binary.value().length).writeBytes(binary.value());
                    }
                }
            }
        }
        if (contentType != null) {
            out.writeByte(MqttProperties.CONTENT_TYPE);
            string(out, contentType);
        }
        return ByteBufUtil.getBytes(out);
    }

    /**
     * A user property as bytes.
     *
     * @param name its name
     * @param value its value
     * @return a new array
     */
    public static byte[] user(String name, String value) {
        ByteBuf out = Unpooled.buffer(64);
        user(out, name, value);
        return ByteBufUtil.getBytes(out);
    }

    private static void write(ByteBuf out, Properties.Text text, boolean otherPayload) {
        String name = text.name();
        if (!name.startsWith("$")) {
            user(out, name, text.value());
        } else if (name.startsWith(USER)) {
            user(out, name.substring(USER.length()), text.value());
        } else if (name.equals(Properties.REPLY_TO)) {
            out.writeByte(MqttProperties.RESPONSE_TOPIC);
            string(out, text.value());
        } else if (name.equals(PAYLOAD_FORMAT) && !otherPayload) {
            out.writeByte(MqttProperties.PAYLOAD_FORMAT_INDICATOR).writeByte(Integer.parseInt(text.value()));
        }
    }

    private static @Nullable String contentType(Properties properties, @Nullable Content content, boolean transcoded) {
        if (content == null) {
            return null;
        }
        if (!transcoded) {
            String original = properties.text(CONTENT_TYPE).orElse(null);
            if (original != null) {
                return original;
            }
        }
        MediaType type = content.mediaType();
        return type.equals(MediaType.OCTET_STREAM) ? null : type.name();
    }

    private static void user(ByteBuf out, String name, String value) {
        out.writeByte(MqttProperties.USER_PROPERTY);
        string(out, name);
        string(out, value);
    }

    private static void string(ByteBuf out, String text) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        // Other protocols' properties may be longer than MQTT can say; a cut value is worse than a missing end.
        int length = Math.min(utf8.length, 65_535);
        out.writeShort(length).writeBytes(utf8, 0, length);
    }

    /**
     * A number among properties.
     *
     * @param in where
     * @param id which
     * @return its value, or null
     */
    public static @Nullable Integer number(MqttProperties in, int id) {
        return in.getProperty(id) instanceof MqttProperties.IntegerProperty p ? p.value() : null;
    }

    /**
     * A four-byte number among properties.
     *
     * @param in where
     * @param id which
     * @param otherwise the value if there is none
     * @return its value as an unsigned number
     */
    public static long unsigned(MqttProperties in, int id, long otherwise) {
        Integer value = number(in, id);
        return value == null ? otherwise : Integer.toUnsignedLong(value);
    }

    /**
     * A text among properties.
     *
     * @param in where
     * @param id which
     * @return its value, or null
     */
    public static @Nullable String text(MqttProperties in, int id) {
        return in.getProperty(id) instanceof MqttProperties.StringProperty p ? p.value() : null;
    }

    /**
     * The first user property of a name.
     *
     * @param in where
     * @param name which
     * @return its value, or null
     */
    public static @Nullable String user(MqttProperties in, String name) {
        for (MqttProperties.MqttProperty<?> p : in.getProperties(MqttProperties.USER_PROPERTY)) {
            if (p instanceof MqttProperties.UserProperty user
                    && user.value().key.equals(name)) {
                return user.value().value;
            }
        }
        return null;
    }
}
