package org.millrace.plugin.amqp.mapping;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.qpid.proton.amqp.messaging.AmqpSequence;
import org.apache.qpid.proton.amqp.messaging.AmqpValue;
import org.apache.qpid.proton.amqp.messaging.ApplicationProperties;
import org.apache.qpid.proton.amqp.messaging.Data;
import org.apache.qpid.proton.amqp.messaging.DeliveryAnnotations;
import org.apache.qpid.proton.amqp.messaging.Footer;
import org.apache.qpid.proton.amqp.messaging.Header;
import org.apache.qpid.proton.amqp.messaging.MessageAnnotations;
import org.apache.qpid.proton.amqp.messaging.Properties;
import org.apache.qpid.proton.amqp.messaging.Section;
import org.apache.qpid.proton.codec.DecodeException;
import org.apache.qpid.proton.codec.DecoderImpl;
import org.apache.qpid.proton.codec.ReadableBuffer;
import org.jspecify.annotations.Nullable;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.ResourceException;

/**
 * A message taken apart into its sections (AMQP 1.0 section 3.2), which are kept as they came beside what they mean.
 * Used by the connection's event loop.
 */
public final class IncomingMessage {
    private final byte[] bytes;
    private @Nullable Header header;
    private @Nullable MessageAnnotations annotations;
    private @Nullable Properties properties;
    private @Nullable ApplicationProperties application;
    private final List<Section> body = new ArrayList<>(1);
    private final int[] annotationsAt = new int[2];
    private final int[] bareAt = new int[2];
    private final int[] bodyAt = new int[2];
    private final int[] footerAt = new int[2];

    private IncomingMessage(byte[] bytes) {
        this.bytes = bytes;
    }

    /**
     * Takes a message apart.
     *
     * @param decoder the connection's
     * @param bytes the whole message; belongs to this object from now on
     * @return its sections
     * @throws ResourceException {@link ErrorCode#INVALID} if it is none
     */
    public static IncomingMessage decode(DecoderImpl decoder, byte[] bytes) {
        IncomingMessage message = new IncomingMessage(bytes);
        ReadableBuffer in = ReadableBuffer.ByteBufferReader.wrap(bytes);
        decoder.setBuffer(in);
        try {
            int stage = 0;
            while (in.hasRemaining()) {
                int start = in.position();
                stage = message.add(decoder.readObject(), start, in.position(), stage);
            }
        } catch (RuntimeException e) { // the codec has many for bytes that are no message
            throw new ResourceException(
                    ErrorCode.INVALID, "the message cannot be decoded: " + shown(String.valueOf(e.getMessage())));
        } finally {
            decoder.setBuffer(null);
        }
        return message;
    }

    private static String shown(String reason) {
        return reason.length() > 200 ? reason.substring(0, 200) + "..." : reason;
    }

    private int add(Object object, int start, int end, int stage) {
        if (!(object instanceof Section section)) {
            throw new DecodeException("at byte " + start + " is no section of a message");
        }
        int place = place(section);
        if (place < stage || (place == stage && place != BODY)) {
            throw new DecodeException("the section at byte " + start + " is not in order");
        }
        switch (section) {
            case Header value -> header = value;
            case DeliveryAnnotations _ -> {}
            case MessageAnnotations value -> {
                annotations = value;
                extend(annotationsAt, start, end);
            }
            case Properties value -> {
                properties = value;
                extend(bareAt, start, end);
            }
            case ApplicationProperties value -> {
                application = value;
                extend(bareAt, start, end);
            }
            case Footer _ -> extend(footerAt, start, end);
            default -> {
                if (!body.isEmpty()
                        && (section instanceof AmqpValue || body.getFirst().getType() != section.getType())) {
                    throw new DecodeException("the section at byte " + start + " is one body too many");
                }
                body.add(section);
                extend(bodyAt, start, end);
            }
        }
        return place;
    }

    private static final int BODY = 6;

    private static int place(Section section) {
        return switch (section) {
            case Header _ -> 1;
            case DeliveryAnnotations _ -> 2;
            case MessageAnnotations _ -> 3;
            case Properties _ -> 4;
            case ApplicationProperties _ -> 5;
            case Data _, AmqpSequence _, AmqpValue _ -> BODY;
            case Footer _ -> 7;
            default -> throw new DecodeException(section.getClass().getSimpleName() + " is no section of a message");
        };
    }

    private static void extend(int[] range, int start, int end) {
        if (range[1] == 0) {
            range[0] = start;
        }
        range[1] = end;
    }

    @Nullable
    Header header() {
        return header;
    }

    @Nullable
    MessageAnnotations annotations() {
        return annotations;
    }

    /**
     * The immutable properties.
     *
     * @return null if the message has none
     */
    public @Nullable Properties properties() {
        return properties;
    }

    /**
     * The application's properties.
     *
     * @return null if the message has none
     */
    public @Nullable ApplicationProperties application() {
        return application;
    }

    List<Section> body() {
        return body;
    }

    /** Message annotations as they came; empty if there are none. */
    byte[] rawAnnotations() {
        return Arrays.copyOfRange(bytes, annotationsAt[0], annotationsAt[1]);
    }

    /** Properties and application properties as they came. */
    byte[] rawProperties() {
        return Arrays.copyOfRange(bytes, bareAt[0], bareAt[1]);
    }

    byte[] rawBody() {
        return Arrays.copyOfRange(bytes, bodyAt[0], bodyAt[1]);
    }

    byte[] rawFooter() {
        return Arrays.copyOfRange(bytes, footerAt[0], footerAt[1]);
    }

    /**
     * The size of the whole message.
     *
     * @return bytes
     */
    public int size() {
        return bytes.length;
    }

    /**
     * Whether the sender wants the message to survive the server.
     *
     * @return the header's field; false if there is none
     */
    public boolean isDurable() {
        Header h = header;
        return h != null && Boolean.TRUE.equals(h.getDurable());
    }

    /**
     * Where the message says it goes.
     *
     * @return null if it does not say
     */
    public @Nullable String to() {
        Properties p = properties;
        return p == null ? null : p.getTo();
    }
}
