package org.millrace.plugin.amqp.mapping;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.millrace.spi.content.Content;
import org.millrace.spi.content.MediaType;
import org.millrace.spi.resource.Change;
import org.millrace.spi.resource.ChangeKind;
import org.millrace.spi.resource.Properties;
import org.millrace.spi.resource.Qos;
import org.millrace.spi.resource.SharedForm;
import org.millrace.spi.resource.WriteOptions;

/**
 * A change as an AMQP message. All but the header is the same for every receiver and made once. Immutable, for any
 * thread.
 */
public final class OutgoingMessage {
    private static final SharedForm<OutgoingMessage> FORM =
            new SharedForm<>("amqp message", change -> new OutgoingMessage(change, null));

    private static final int HEADER = 0x70;
    private static final int ANNOTATIONS = 0x72;
    private static final int PROPERTIES = 0x73;
    private static final int APPLICATION = 0x74;
    private static final int DATA = 0x75;
    private static final int VALUE = 0x77;

    // Keys of annotations, encoded.
    private static final byte[] SEQUENCE_NUMBER = AmqpWriter.encodedSymbol("x-opt-sequence-number");
    private static final byte[] OFFSET = AmqpWriter.encodedSymbol("x-opt-offset");
    private static final byte[] ENQUEUED_TIME = AmqpWriter.encodedSymbol("x-opt-enqueued-time");
    private static final byte[] PATH = AmqpWriter.encodedSymbol("x-opt-millrace-path");
    private static final byte[] OP = AmqpWriter.encodedSymbol("x-opt-millrace-op");
    private static final byte[] VERSION = AmqpWriter.encodedSymbol("x-opt-millrace-version");

    private final byte[] rest;
    private final boolean durable;
    private final boolean firstAcquirer;
    private final int priority;
    private final long deliveryCount;
    private final Instant expiresAt;

    private OutgoingMessage(Change change, @Nullable MediaType asked) {
        Properties properties = change.properties();
        String header = properties.text(KeptParts.HEADER).orElse(null);
        if (header == null || header.isEmpty()) {
            durable = header == null && change.qos() != Qos.AT_MOST_ONCE;
            firstAcquirer = false;
            priority = -1;
            deliveryCount = 0;
        } else {
            int flags = header.indexOf(',');
            int end = header.indexOf(',', flags + 1);
            durable = header.indexOf(KeptParts.DURABLE, 0, flags) >= 0;
            firstAcquirer = header.indexOf(KeptParts.FIRST_ACQUIRER, 0, flags) >= 0;
            priority = end == flags + 1 ? -1 : Integer.parseInt(header, flags + 1, end, 10);
            deliveryCount = Long.parseLong(header, end + 1, header.length(), 10);
        }
        expiresAt = change.expiresAt();
        rest = encode(change, header != null, asked);
    }

    /**
     * The message of a change in the sender's format.
     *
     * @param change the change
     * @return shared by all receivers
     */
    public static OutgoingMessage of(Change change) {
        return change.shared(FORM);
    }

    /**
     * The message of a change in another format, as far as it can be had.
     *
     * @param change the change
     * @param asked the wanted format
     * @return the message
     */
    public static OutgoingMessage of(Change change, MediaType asked) {
        Content content = change.content().orElse(null);
        return content == null || content.mediaType().equals(asked) || !content.canBe(asked)
                ? of(change)
                : new OutgoingMessage(change, asked);
    }

    /**
     * All but the header.
     *
     * @return not to be altered
     */
    public byte[] rest() {
        return rest;
    }

    /**
     * The header's section of one delivery (AMQP 1.0 section 3.2.1).
     *
     * @param failures how often the message was delivered before and came back
     * @param now the time, from which what is left of the time to live is counted
     * @return empty if the header would say nothing
     */
    public byte[] header(long failures, Instant now) {
        long count = deliveryCount + failures;
        boolean expires = !expiresAt.equals(WriteOptions.NEVER);
        boolean first = firstAcquirer && failures == 0;
        if (!durable && !first && priority < 0 && count == 0 && !expires) {
            return new byte[0];
        }
        AmqpWriter out = new AmqpWriter(32).section(HEADER);
        int list = out.begin(AmqpWriter.LIST);
        out.bool(durable);
        if (priority >= 0) {
            out.ubyte(priority);
        } else {
            out.nothing();
        }
        if (expires) {
            long left = Math.clamp(expiresAt.toEpochMilli() - now.toEpochMilli(), 0L, 0xffff_ffffL);
            out.uint(left);
        } else {
            out.nothing();
        }
        if (count > 0) {
            out.bool(first).uint(count);
            out.end(list, 5);
        } else if (first) {
            out.bool(true);
            out.end(list, 4);
        } else {
            out.end(list, 3);
        }
        return out.toByteArray();
    }

    private static byte[] encode(Change change, boolean overAmqp, @Nullable MediaType asked) {
        Content content = change.content().orElse(null);
        AmqpWriter out = new AmqpWriter((content == null ? 0 : content.size()) + 320);
        annotations(out, change);
        Properties properties = change.properties();
        byte[] kept = properties.binary(KeptParts.PROPERTIES).orElse(null);
        if (overAmqp && asked != null) {
            KeptProperties.copy(out, kept, asked.name());
        } else if (overAmqp) {
            if (kept != null) {
                out.raw(kept);
            }
        } else {
            properties(out, change, content, asked);
            application(out, properties.user());
        }
        body(out, properties, content == null || asked == null ? content : content.as(asked), asked == null);
        if (asked == null) {
            properties.binary(KeptParts.FOOTER).ifPresent(out::raw);
        }
        return out.toByteArray();
    }

    private static void annotations(AmqpWriter out, Change change) {
        out.section(ANNOTATIONS);
        int map = out.begin(AmqpWriter.MAP);
        int count = KeptAnnotations.copy(
                out, change.properties().binary(KeptParts.ANNOTATIONS).orElse(null));
        out.raw(SEQUENCE_NUMBER).number(change.cursor().position());
        out.raw(OFFSET).string(change.cursor().toString());
        out.raw(ENQUEUED_TIME).timestamp(change.version().epochMillis());
        out.raw(PATH).string(change.path().toString());
        out.raw(OP).string(operation(change.kind()));
        count += 10;
        if (change.kind().altersRecord()) {
            out.raw(VERSION).string(change.version().toString());
            count += 2;
        }
        out.end(map, count);
    }

    private static String operation(ChangeKind kind) {
        return kind == ChangeKind.EVENT ? "publish" : kind.name().toLowerCase(Locale.ROOT);
    }

    private static void properties(
            AmqpWriter out, Change change, @Nullable Content content, @Nullable MediaType asked) {
        Properties properties = change.properties();
        out.section(PROPERTIES);
        int list = out.begin(AmqpWriter.LIST);
        text(out, properties.text(MessageMapping.MESSAGE_ID));
        out.nothing().string(change.path().toString()); // user-id, to
        text(out, properties.text(MessageMapping.SUBJECT));
        text(out, properties.text(Properties.REPLY_TO));
        byte[] correlation = properties.binary(Properties.CORRELATION).orElse(null);
        if (correlation == null) {
            out.nothing();
        } else if (isText(correlation)) {
            out.utf8(correlation);
        } else {
            out.binary(correlation);
        }
        int count = 6;
        MediaType type = asked != null ? asked : content == null ? MediaType.OCTET_STREAM : content.mediaType();
        Optional<String> group = properties.text(MessageMapping.GROUP_ID);
        if (!type.equals(MediaType.OCTET_STREAM)) {
            out.symbol(type.name());
            count = 7;
        }
        if (group.isPresent()) {
            for (; count < 10; count++) { // content-type, content-encoding, absolute-expiry-time, creation-time
                out.nothing();
            }
            text(out, group);
            count = 11;
        }
        out.end(list, count);
    }

    private static void text(AmqpWriter out, Optional<String> value) {
        if (value.isPresent()) {
            out.string(value.get());
        } else {
            out.nothing();
        }
    }

    private static boolean isText(byte[] bytes) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .chars()
                    .noneMatch(Character::isISOControl);
        } catch (CharacterCodingException noText) {
            return false;
        }
    }

    private static void application(AmqpWriter out, List<Properties.Text> user) {
        if (user.isEmpty()) {
            return;
        }
        out.section(APPLICATION);
        int map = out.begin(AmqpWriter.MAP);
        int count = 0;
        for (int i = 0; i < user.size(); i++) {
            if (isLast(user, i)) { // names may repeat elsewhere; in a map the last one stands
                out.string(user.get(i).name()).string(user.get(i).value());
                count += 2;
            }
        }
        out.end(map, count);
    }

    private static boolean isLast(List<Properties.Text> user, int at) {
        for (int i = at + 1; i < user.size(); i++) {
            if (user.get(i).name().equals(user.get(at).name())) {
                return false;
            }
        }
        return true;
    }

    private static void body(AmqpWriter out, Properties properties, @Nullable Content content, boolean asItCame) {
        byte[] bytes = content == null ? new byte[0] : content.toByteArray();
        byte[] kept = asItCame ? properties.binary(KeptParts.BODY).orElse(null) : null;
        if (kept != null) {
            out.raw(kept);
            return;
        }
        String form = asItCame ? properties.text(KeptParts.BODY_FORM).orElse("") : "";
        switch (form) {
            case KeptParts.ABSENT -> {}
            case KeptParts.STRING -> out.section(VALUE).utf8(bytes);
            case KeptParts.BINARY -> out.section(VALUE).binary(bytes);
            default -> {
                if (form.startsWith(KeptParts.DATA)) {
                    int at = 0;
                    for (String length :
                            form.substring(KeptParts.DATA.length()).strip().split(" ", -1)) {
                        int count = Integer.parseInt(length);
                        out.section(DATA).binary(bytes, at, count);
                        at += count;
                    }
                } else {
                    out.section(DATA).binary(bytes);
                }
            }
        }
    }
}
