package org.millrace.plugin.amqp.mapping;

import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.apache.qpid.proton.amqp.Binary;
import org.apache.qpid.proton.amqp.UnsignedLong;
import org.jspecify.annotations.Nullable;
import org.millrace.spi.content.MediaType;
import org.millrace.spi.resource.Path;
import org.millrace.spi.resource.Properties;

/** The properties of an answer: what relates it to its request, and how the request went. */
public final class ReplyProperties {
    private ReplyProperties() {}

    /**
     * The properties of an answer.
     *
     * @param request what is answered
     * @param to where the answer goes
     * @param type what the answer holds
     * @param status a number as HTTP's
     * @param description for people
     * @param version the record's version; empty if there is none
     * @return properties as an AMQP sender would have set them
     */
    public static Properties of(
            IncomingMessage request, Path to, MediaType type, int status, String description, String version) {
        var asked = request.properties();
        Object correlation = asked == null
                ? null
                : asked.getCorrelationId() != null ? asked.getCorrelationId() : asked.getMessageId();
        AmqpWriter out = new AmqpWriter(160).section(0x73);
        int list = out.begin(AmqpWriter.LIST);
        out.nothing().nothing().string(to.toString()).nothing().nothing();
        correlation(out, correlation);
        out.symbol(type.name());
        out.end(list, 7);
        out.section(0x74);
        int map = out.begin(AmqpWriter.MAP);
        out.string("statusCode").integer(status);
        out.string("statusDescription").string(description);
        if (!version.isEmpty()) {
            out.string("version").string(version);
        }
        out.end(map, version.isEmpty() ? 4 : 6);
        List<Properties.Property> all = new ArrayList<>();
        all.add(new Properties.Text(KeptParts.HEADER, ""));
        all.add(new Properties.Binary(KeptParts.PROPERTIES, out.toByteArray()));
        all.add(new Properties.Text("statusCode", Integer.toString(status)));
        all.add(new Properties.Text("statusDescription", description));
        byte[] bytes = MessageMapping.correlation(correlation);
        if (bytes != null) {
            all.add(new Properties.Binary(Properties.CORRELATION, bytes));
        }
        return Properties.of(all);
    }

    /** An id keeps its type, by which clients tell "1" from 1. */
    private static void correlation(AmqpWriter out, @Nullable Object id) {
        switch (id) {
            case null -> out.nothing();
            case Binary binary -> out.binary(MessageMapping.bytes(binary));
            case UUID uuid -> out.uuid(uuid.getMostSignificantBits(), uuid.getLeastSignificantBits());
            case UnsignedLong number -> out.ulong(number.longValue());
            default -> out.string(id.toString());
        }
    }
}
