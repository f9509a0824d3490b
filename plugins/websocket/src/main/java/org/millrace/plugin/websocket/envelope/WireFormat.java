package org.millrace.plugin.websocket.envelope;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.dataformat.cbor.CBORFactory;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.millrace.spi.content.MediaType;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.ResourceException;

/** The formats a client can choose by subprotocol. */
public enum WireFormat {
    /** Text messages. */
    JSON("millrace.json", MediaType.JSON, new JacksonReader(new JsonFactory(), "JSON"), new JsonEncoding()),
    /** Binary messages. */
    CBOR("millrace.cbor", MediaType.CBOR, new JacksonReader(new CBORFactory(), "CBOR"), new CborEncoding()),
    /** Binary messages. */
    MESSAGEPACK("millrace.msgpack", MediaType.MSGPACK, new MessagePackReader(), new MessagePackEncoding());

    private final String subprotocol;
    private final MediaType mediaType;
    private final EnvelopeReader reader;
    private final Encoding encoding;

    WireFormat(String subprotocol, MediaType mediaType, EnvelopeReader reader, Encoding encoding) {
        this.subprotocol = subprotocol;
        this.mediaType = mediaType;
        this.reader = reader;
        this.encoding = encoding;
    }

    /** The format of a subprotocol. */
    public static Optional<WireFormat> of(String subprotocol) {
        for (WireFormat format : values()) {
            if (format.subprotocol.equals(subprotocol)) {
                return Optional.of(format);
            }
        }
        return Optional.empty();
    }

    /** The subprotocol's name (RFC 6455 section 1.9). */
    public String subprotocol() {
        return subprotocol;
    }

    /** What the format is called where contents are. */
    public MediaType mediaType() {
        return mediaType;
    }

    /** Whether messages are text. */
    public boolean isText() {
        return this == JSON;
    }

    /**
     * Reads a message. One that is spoilt by half a surrogate pair alone can be read, but is not to be served.
     *
     * @param message not to be altered
     * @return its fields
     * @throws ResourceException {@link ErrorCode#INVALID} if it is no map in this format
     */
    public Envelope read(byte[] message) {
        try {
            return new Envelope(reader, reader.map(message), true);
        } catch (ResourceException e) {
            byte @Nullable [] readable = this == JSON ? HalfSurrogates.replaced(message) : null;
            if (readable == null) {
                throw e;
            }
            return new Envelope(reader, reader.map(readable), false);
        }
    }

    EnvelopeReader reader() {
        return reader;
    }

    /** How messages are written. */
    public Encoding encoding() {
        return encoding;
    }
}
