package org.millrace.spi.content;

import org.millrace.spi.plugin.ExtensionPoint;
import org.millrace.spi.plugin.Incubating;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.ResourceException;

/**
 * A format that a plugin teaches the host: structured content may come in it and be had in it, over every protocol. What
 * comes in is stored as the {@link #model} it decodes to, not as the bytes that came, so that records, indexes and queries
 * do not depend on the plugin being there.
 *
 * <p>Called on clients' event loops, by several threads at once: it must not block, and its work must be bounded by the
 * size of what it is given. It is never given more than {@link Contents#maxSize()}.
 *
 * @since 0.1
 */
@Incubating
public interface ContentFormat {
    /**
     * Where a plugin offers a format. The host uses the first one offered for a media type; what it knows itself (JSON,
     * CBOR, MessagePack, their structured suffixes and patches, {@link MediaType#TEXT}, {@link MediaType#OCTET_STREAM})
     * cannot be offered anew, which the log tells.
     */
    ExtensionPoint<ContentFormat> POINT = new ExtensionPoint<>("content-format", ContentFormat.class);

    /**
     * What clients call the format.
     *
     * @return always the same
     */
    MediaType mediaType();

    /**
     * The format that {@link #decode} gives and {@link #encode} takes. Choose {@link MediaType#CBOR} if yours has binary
     * strings or integers beyond 64 bits, which JSON cannot say.
     *
     * @return {@link MediaType#JSON} (unless overridden), {@link MediaType#CBOR} or {@link MediaType#MSGPACK}
     */
    default MediaType model() {
        return MediaType.JSON;
    }

    /**
     * Reads what a client sent.
     *
     * @param bytes not to be kept or altered
     * @return one value in the {@link #model}; the array is the host's from now on
     * @throws IllegalArgumentException if the bytes are not in this format; the client is told the message, with
     *     {@link ErrorCode#INVALID}
     * @throws ResourceException for any other code; every other exception is a defect of the plugin,
     *     {@link ErrorCode#INTERNAL}
     */
    byte[] decode(byte[] bytes);

    /**
     * Writes a content for a client.
     *
     * @param model one well-formed value in the {@link #model}; not to be kept or altered
     * @return the bytes in this format; the array is the host's from now on
     * @throws IllegalArgumentException if the format cannot say this value; the client is told the message, with
     *     {@link ErrorCode#UNSUPPORTED}
     */
    byte[] encode(byte[] model);
}
