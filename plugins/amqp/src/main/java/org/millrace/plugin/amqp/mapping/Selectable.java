package org.millrace.plugin.amqp.mapping;

import java.util.HashMap;
import java.util.Map;
import org.apache.qpid.proton.amqp.Binary;
import org.apache.qpid.proton.amqp.Symbol;
import org.apache.qpid.proton.amqp.messaging.ApplicationProperties;
import org.apache.qpid.proton.amqp.messaging.MessageAnnotations;
import org.apache.qpid.proton.codec.AMQPDefinedTypes;
import org.apache.qpid.proton.codec.DecoderImpl;
import org.apache.qpid.proton.codec.EncoderImpl;
import org.apache.qpid.proton.codec.ReadableBuffer;
import org.jspecify.annotations.Nullable;
import org.millrace.spi.resource.Change;
import org.millrace.spi.resource.Properties;
import org.millrace.spi.resource.Qos;
import org.millrace.spi.resource.SharedForm;

/**
 * What a selector sees of a change: the application's properties, and the header's and properties' fields under their
 * JMS names and as {@code amqp.<field>}. Made once a change. Immutable, for any thread.
 */
public final class Selectable {
    private static final SharedForm<Selectable> FORM = new SharedForm<>("amqp selectable", Selectable::new);
    private static final int DEFAULT_PRIORITY = 4;

    private final Map<String, Object> values = new HashMap<>();

    private Selectable(Change change) {
        Properties properties = change.properties();
        if (!KeptParts.cameOverAmqp(properties)) {
            for (Properties.Text text : properties.user()) {
                values.put(text.name(), text.value());
            }
        }
        String header = properties.text(KeptParts.HEADER).orElse("");
        String[] parts = header.split(",", -1);
        boolean durable = header.isEmpty()
                ? !KeptParts.cameOverAmqp(properties) && change.qos() != Qos.AT_MOST_ONCE
                : parts[0].contains(KeptParts.DURABLE);
        values.put("JMSDeliveryMode", durable ? "PERSISTENT" : "NON_PERSISTENT");
        values.put(
                "JMSPriority", parts.length < 2 || parts[1].isEmpty() ? DEFAULT_PRIORITY : Integer.valueOf(parts[1]));
        values.put("JMSTimestamp", change.version().epochMillis());
        properties.binary(KeptParts.ANNOTATIONS).ifPresent(this::decode);
        properties.binary(KeptParts.PROPERTIES).ifPresent(this::decode);
    }

    private void decode(byte[] sections) {
        DecoderImpl decoder = new DecoderImpl();
        AMQPDefinedTypes.registerAllTypes(decoder, new EncoderImpl(decoder));
        ReadableBuffer in = ReadableBuffer.ByteBufferReader.wrap(sections);
        decoder.setBuffer(in);
        while (in.hasRemaining()) {
            switch (decoder.readObject()) {
                case MessageAnnotations annotations -> annotations(annotations);
                case ApplicationProperties application
                when application.getValue() != null -> application.getValue().forEach(this::put);
                case org.apache.qpid.proton.amqp.messaging.Properties bare -> bare(bare);
                case null, default -> {}
            }
        }
    }

    private void put(String name, @Nullable Object value) {
        if (value != null) {
            values.put(name, value instanceof Symbol || value instanceof Character ? value.toString() : value);
        }
    }

    private void annotations(MessageAnnotations annotations) {
        if (annotations.getValue() != null) {
            annotations.getValue().forEach((name, value) -> put("amqp.annotation." + name, value));
        }
    }

    private void bare(org.apache.qpid.proton.amqp.messaging.Properties bare) {
        put("JMSMessageID", id(bare.getMessageId()));
        put("JMSCorrelationID", id(bare.getCorrelationId()));
        put("JMSType", bare.getSubject());
        put("amqp.subject", bare.getSubject());
        put("JMSXGroupID", bare.getGroupId());
        put("JMSXUserID", bare.getUserId() == null ? null : bare.getUserId().toString());
        if (bare.getGroupSequence() != null) {
            put("JMSXGroupSeq", bare.getGroupSequence().longValue());
        }
        if (bare.getCreationTime() != null) {
            put("JMSTimestamp", bare.getCreationTime().getTime());
        }
    }

    private static @Nullable String id(@Nullable Object id) {
        return id == null ? null : id instanceof Binary binary ? binary.toString() : String.valueOf(id);
    }

    /**
     * What a selector sees of a change.
     *
     * @param change the change
     * @return shared by all selectors
     */
    public static Selectable of(Change change) {
        return change.shared(FORM);
    }

    /**
     * A property.
     *
     * @param name its name
     * @return its value; null if there is none
     */
    public @Nullable Object get(String name) {
        return values.get(name);
    }
}
