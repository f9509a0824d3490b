package org.millrace.plugin.mqtt.mapping;

import io.netty.handler.codec.mqtt.MqttProperties;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import org.millrace.plugin.mqtt.ContentPolicy;
import org.millrace.spi.content.Content;
import org.millrace.spi.content.Contents;
import org.millrace.spi.content.MediaType;
import org.millrace.spi.resource.Durability;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.Path;
import org.millrace.spi.resource.Precondition;
import org.millrace.spi.resource.Qos;
import org.millrace.spi.resource.ResourceException;
import org.millrace.spi.resource.Write;
import org.millrace.spi.resource.WriteOptions;

/**
 * Turns a PUBLISH or a will into a write: retained is a put, retained and empty a delete, anything else an event; with
 * the user property {@code op: patch} it is a patch. Immutable, for any thread.
 */
public final class PublishMapping {
    /** The user property that asks for another act than the retain flag says. */
    public static final String OPERATION = "op";

    private static final Qos[] QOS = Qos.values();

    private final Contents contents;
    private final ContentPolicy policy;
    private final Clock clock;

    /**
     * Makes a mapping.
     *
     * @param contents makes and checks contents
     * @param policy what payloads of no declared type are
     * @param clock the time that expiry intervals count from
     */
    public PublishMapping(Contents contents, ContentPolicy policy, Clock clock) {
        this.contents = contents;
        this.policy = policy;
        this.clock = clock;
    }

    /**
     * Reads what a subscriber wants contents in.
     *
     * @param accept its user property
     * @return the format
     * @throws ResourceException {@link ErrorCode#UNSUPPORTED} if it is none that contents can be had in
     */
    public Format format(String accept) {
        return Format.of(accept, contents);
    }

    /**
     * Maps one message.
     *
     * @param path the topic
     * @param payload belongs to the content from now on
     * @param qos 0 to 2
     * @param retain the retain flag
     * @param properties the message's; none in 3.1.1
     * @return the write
     * @throws ResourceException {@link ErrorCode#INVALID} for a payload that is not what it declares, or an unknown
     *     {@code op}; {@link ErrorCode#TOO_LARGE}
     * @throws org.millrace.plugin.mqtt.codec.MqttViolation if the response topic is no topic name
     */
    public Write write(Path path, byte[] payload, int qos, boolean retain, MqttProperties properties) {
        checkPayloadFormat(payload, properties);
        String operation = MessageProperties.user(properties, OPERATION);
        if (operation != null && !operation.equals("patch")) {
            throw new ResourceException(
                    ErrorCode.INVALID, "user property 'op' is '" + operation + "'; the only value known is 'patch'");
        }
        if (retain && payload.length == 0 && operation == null) {
            return new Write.Delete(path, options(qos, MediaType.OCTET_STREAM, properties, Durability.TABLE));
        }
        Content content = content(payload, properties);
        if (operation != null) {
            return new Write.Patch(path, content, options(qos, content.mediaType(), properties, Durability.TABLE));
        }
        if (retain) {
            return new Write.Put(path, content, options(qos, content.mediaType(), properties, Durability.TABLE));
        }
        Durability durability = qos == 0 ? Durability.MEMORY : Durability.TABLE;
        return new Write.Publish(path, content, options(qos, content.mediaType(), properties, durability));
    }

    private Content content(byte[] payload, MqttProperties properties) {
        String declared = MessageProperties.text(properties, MqttProperties.CONTENT_TYPE);
        if (declared == null) {
            return switch (policy) {
                case AUTO -> contents.detect(payload);
                case OPAQUE -> contents.of(MediaType.OCTET_STREAM, payload);
            };
        }
        return contents.of(mediaType(declared), payload);
    }

    /** MQTT leaves the content type to the applications (section 3.3.2.3.9): what is no media type is opaque. */
    private static MediaType mediaType(String declared) {
        try {
            return MediaType.parse(declared);
        } catch (ResourceException noMediaType) {
            return MediaType.OCTET_STREAM;
        }
    }

    private WriteOptions options(int qos, MediaType kept, MqttProperties properties, Durability durability) {
        if (properties.isEmpty() && durability == Durability.TABLE) {
            return PLAIN[qos];
        }
        if (properties.isEmpty()) {
            return TRANSIENT;
        }
        long expiry = MessageProperties.unsigned(properties, MqttProperties.PUBLICATION_EXPIRY_INTERVAL, -1);
        Instant expiresAt = expiry < 0 ? WriteOptions.NEVER : clock.instant().plusSeconds(expiry);
        return new WriteOptions(
                Precondition.NONE, MessageProperties.read(properties, kept), expiresAt, QOS[qos], durability);
    }

    private static final WriteOptions[] PLAIN = {
        WriteOptions.DEFAULT.withQos(Qos.AT_MOST_ONCE),
        WriteOptions.DEFAULT.withQos(Qos.AT_LEAST_ONCE),
        WriteOptions.DEFAULT.withQos(Qos.EXACTLY_ONCE)
    };
    private static final WriteOptions TRANSIENT = PLAIN[0].withDurability(Durability.MEMORY);

    private static void checkPayloadFormat(byte[] payload, MqttProperties properties) {
        Integer indicator = MessageProperties.number(properties, MqttProperties.PAYLOAD_FORMAT_INDICATOR);
        if (indicator == null || indicator == 0) {
            return;
        }
        try {
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(payload));
        } catch (CharacterCodingException e) {
            throw new ResourceException(
                    ErrorCode.INVALID, "the payload is not UTF-8, which the payload format indicator says it is");
        }
    }
}
