package org.millrace.plugin.amqp.mapping;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.qpid.proton.amqp.Binary;
import org.apache.qpid.proton.amqp.Symbol;
import org.apache.qpid.proton.amqp.messaging.AmqpSequence;
import org.apache.qpid.proton.amqp.messaging.AmqpValue;
import org.apache.qpid.proton.amqp.messaging.ApplicationProperties;
import org.apache.qpid.proton.amqp.messaging.Data;
import org.apache.qpid.proton.amqp.messaging.Header;
import org.apache.qpid.proton.amqp.messaging.MessageAnnotations;
import org.apache.qpid.proton.amqp.messaging.Section;
import org.jspecify.annotations.Nullable;
import org.millrace.plugin.amqp.ContentPolicy;
import org.millrace.spi.content.Content;
import org.millrace.spi.content.Contents;
import org.millrace.spi.content.MediaType;
import org.millrace.spi.resource.Durability;
import org.millrace.spi.resource.Precondition;
import org.millrace.spi.resource.Properties;
import org.millrace.spi.resource.Qos;
import org.millrace.spi.resource.ResourceException;
import org.millrace.spi.resource.WriteOptions;

/** Turns messages into contents and options of writes. Immutable, for any thread. */
public final class MessageMapping {
    /** Properties that other protocols see under these names, among those of the application. */
    static final String MESSAGE_ID = "message-id";

    static final String SUBJECT = "subject";
    static final String GROUP_ID = "group-id";

    private static final byte[] EMPTY = {};

    private final Contents contents;
    private final ContentPolicy policy;
    private final Clock clock;

    /**
     * Makes a mapping.
     *
     * @param contents makes and checks contents
     * @param policy what bodies of no declared type are
     * @param clock the time that ttl counts from
     */
    public MessageMapping(Contents contents, ContentPolicy policy, Clock clock) {
        this.contents = contents;
        this.policy = policy;
        this.clock = clock;
    }

    /**
     * What a message asks to be done.
     *
     * @param operation the act
     * @param content what it brings; empty bytes for a delete
     * @param options what travels with it
     */
    public record Asked(Operation operation, Content content, WriteOptions options) {}

    /**
     * Maps a message.
     *
     * @param message the message
     * @param otherwise the operation where the message names none
     * @param durability what an acknowledgement promises
     * @param settled whether the sender expects none
     * @return what it asks for
     * @throws ResourceException for an unknown operation, or a body that is not what it declares
     */
    public Asked map(IncomingMessage message, Operation otherwise, Durability durability, boolean settled) {
        Operation operation = Operation.of(message.annotations(), otherwise);
        List<Properties.Property> kept = new ArrayList<>(4);
        boolean whole = operation != Operation.PATCH && operation != Operation.DELETE;
        if (whole) {
            keepParts(message, kept);
        }
        Content content = operation == Operation.DELETE
                ? contents.of(MediaType.OCTET_STREAM, EMPTY)
                : content(message, whole ? kept : new ArrayList<>());
        shared(message, kept);
        WriteOptions options = new WriteOptions(
                Precondition.NONE,
                Properties.of(kept),
                expiry(message),
                settled ? Qos.AT_MOST_ONCE : Qos.EXACTLY_ONCE,
                operation == Operation.PUBLISH ? durability : Durability.TABLE);
        return new Asked(operation, content, options);
    }

    private Instant expiry(IncomingMessage message) {
        Header header = message.header();
        if (header != null && header.getTtl() != null) {
            return clock.instant().plusMillis(header.getTtl().longValue());
        }
        var properties = message.properties();
        return properties == null || properties.getAbsoluteExpiryTime() == null
                ? WriteOptions.NEVER
                : properties.getAbsoluteExpiryTime().toInstant();
    }

    private static void keepParts(IncomingMessage message, List<Properties.Property> kept) {
        Header header = message.header();
        String text = "";
        if (header != null) {
            String priority =
                    header.getPriority() == null ? "" : header.getPriority().toString();
            String count = header.getDeliveryCount() == null
                    ? "0"
                    : header.getDeliveryCount().toString();
            String flags = (Boolean.TRUE.equals(header.getDurable()) ? KeptParts.DURABLE : "")
                    + (Boolean.TRUE.equals(header.getFirstAcquirer()) ? KeptParts.FIRST_ACQUIRER : "");
            text = flags + "," + priority + "," + count;
        }
        kept.add(new Properties.Text(KeptParts.HEADER, text));
        keep(kept, KeptParts.ANNOTATIONS, annotations(message));
        keep(kept, KeptParts.PROPERTIES, message.rawProperties());
        keep(kept, KeptParts.FOOTER, message.rawFooter());
    }

    private static byte[] annotations(IncomingMessage message) {
        MessageAnnotations annotations = message.annotations();
        Map<Symbol, Object> map = annotations == null ? null : annotations.getValue();
        return map == null || map.isEmpty() ? EMPTY : message.rawAnnotations();
    }

    private static void keep(List<Properties.Property> kept, String name, byte[] value) {
        if (value.length > 0) {
            kept.add(new Properties.Binary(name, value));
        }
    }

    private Content content(IncomingMessage message, List<Properties.Property> kept) {
        List<Section> body = message.body();
        if (body.isEmpty()) {
            kept.add(new Properties.Text(KeptParts.BODY_FORM, KeptParts.ABSENT));
            return contents.of(MediaType.OCTET_STREAM, EMPTY);
        }
        return switch (body.getFirst()) {
            case Data data when body.size() == 1 -> typed(message, bytes(data.getValue()), false);
            case Data _ -> typed(message, joined(body, kept), false);
            case AmqpValue value
            when value.getValue() instanceof String string -> {
                kept.add(new Properties.Text(KeptParts.BODY_FORM, KeptParts.STRING));
                yield typed(message, string.getBytes(StandardCharsets.UTF_8), true);
            }
            case AmqpValue value
            when value.getValue() instanceof Binary binary -> {
                kept.add(new Properties.Text(KeptParts.BODY_FORM, KeptParts.BINARY));
                yield typed(message, bytes(binary), false);
            }
            case AmqpValue value -> {
                kept.add(new Properties.Binary(KeptParts.BODY, message.rawBody()));
                yield contents.of(MediaType.JSON, ValueText.json(value.getValue()));
            }
            default -> {
                kept.add(new Properties.Binary(KeptParts.BODY, message.rawBody()));
                List<Object> all = new ArrayList<>();
                for (Section section : body) {
                    List<?> items = ((AmqpSequence) section).getValue();
                    if (items != null) {
                        all.addAll(items);
                    }
                }
                yield contents.of(MediaType.JSON, ValueText.json(all));
            }
        };
    }

    private static byte[] joined(List<Section> body, List<Properties.Property> kept) {
        StringBuilder form = new StringBuilder(KeptParts.DATA);
        int total = 0;
        for (Section section : body) {
            int length = bytes(((Data) section).getValue()).length;
            form.append(length).append(' ');
            total += length;
        }
        ByteBuffer all = ByteBuffer.allocate(total);
        for (Section section : body) {
            all.put(bytes(((Data) section).getValue()));
        }
        kept.add(new Properties.Text(KeptParts.BODY_FORM, form.toString()));
        return all.array();
    }

    /** The bytes of a binary; its own array where that holds nothing else. */
    static byte[] bytes(@Nullable Binary binary) {
        if (binary == null) {
            return EMPTY;
        }
        byte[] array = binary.getArray();
        return binary.getArrayOffset() == 0 && binary.getLength() == array.length
                ? array
                : java.util.Arrays.copyOfRange(
                        array, binary.getArrayOffset(), binary.getArrayOffset() + binary.getLength());
    }

    private Content typed(IncomingMessage message, byte[] bytes, boolean text) {
        var properties = message.properties();
        if (properties != null && properties.getContentEncoding() != null) {
            return contents.of(MediaType.OCTET_STREAM, bytes); // compressed: what is in it cannot be seen
        }
        if (properties != null && properties.getContentType() != null) {
            return contents.of(mediaType(properties.getContentType().toString()), bytes);
        }
        if (policy == ContentPolicy.OPAQUE) {
            return contents.of(text ? MediaType.TEXT : MediaType.OCTET_STREAM, bytes);
        }
        Content detected = contents.detect(bytes);
        return text && detected.mediaType().equals(MediaType.OCTET_STREAM)
                ? contents.of(MediaType.TEXT, bytes)
                : detected;
    }

    private static MediaType mediaType(String declared) {
        try {
            return MediaType.parse(declared);
        } catch (ResourceException noMediaType) {
            return MediaType.OCTET_STREAM;
        }
    }

    /** What other protocols have a place for. */
    private static void shared(IncomingMessage message, List<Properties.Property> kept) {
        var properties = message.properties();
        if (properties != null) {
            String replyTo = replyPath(properties.getReplyTo());
            if (replyTo != null) {
                kept.add(new Properties.Text(Properties.REPLY_TO, replyTo));
            }
            byte[] correlation = correlation(properties.getCorrelationId());
            if (correlation != null) {
                kept.add(new Properties.Binary(Properties.CORRELATION, correlation));
            }
        }
        ApplicationProperties application = message.application();
        Map<String, Object> map = application == null ? null : application.getValue();
        if (properties != null) {
            named(MESSAGE_ID, ValueText.simple(properties.getMessageId()), map, kept);
            named(SUBJECT, properties.getSubject(), map, kept);
            named(GROUP_ID, properties.getGroupId(), map, kept);
        }
        if (map != null) {
            map.forEach((name, value) -> {
                String text = ValueText.simple(value);
                if (text != null && !name.startsWith("$")) {
                    kept.add(new Properties.Text(name, text));
                }
            });
        }
    }

    private static void named(
            String name,
            @Nullable String value,
            @Nullable Map<String, Object> application,
            List<Properties.Property> kept) {
        if (value != null && (application == null || !application.containsKey(name))) {
            kept.add(new Properties.Text(name, value));
        }
    }

    private static @Nullable String replyPath(@Nullable String replyTo) {
        if (replyTo == null) {
            return null;
        }
        try {
            return Address.parse(replyTo).path().toString();
        } catch (ResourceException noPath) {
            return null;
        }
    }

    static byte @Nullable [] correlation(@Nullable Object id) {
        return switch (id) {
            case null -> null;
            case Binary binary -> bytes(binary);
            case UUID uuid ->
                ByteBuffer.allocate(16)
                        .putLong(uuid.getMostSignificantBits())
                        .putLong(uuid.getLeastSignificantBits())
                        .array();
            default -> id.toString().getBytes(StandardCharsets.UTF_8);
        };
    }
}
