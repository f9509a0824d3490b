package org.millrace.spi.content;

import java.nio.ByteBuffer;
import org.millrace.spi.plugin.ImplementedByHost;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.ResourceException;

/**
 * Bytes with a media type: what a record holds or an event carries. Made by {@link Contents}, implemented by the host.
 *
 * <p>A content is immutable and lives on the heap; nobody releases it. It may be used by any number of threads.
 *
 * @since 0.1
 */
@ImplementedByHost
public interface Content {
    /**
     * What the bytes are.
     *
     * @return the media type
     */
    MediaType mediaType();

    /**
     * How many bytes.
     *
     * @return at least 0
     */
    int size();

    /**
     * The bytes, exactly as the publisher sent them.
     *
     * @return a new read-only view from 0 to {@link #size()}; the bytes behind it never change
     */
    ByteBuffer bytes();

    /**
     * The bytes in a new array.
     *
     * @return a copy that belongs to the caller
     */
    byte[] toByteArray();

    /**
     * Whether this is structured (JSON, CBOR, MessagePack) and so can be had in another structured format, also in those
     * that plugins teach ({@link ContentFormat}).
     *
     * @return false for opaque bytes
     */
    boolean isStructured();

    /**
     * Whether {@link #as} can give this format.
     *
     * @param target a media type
     * @return true for the content's own type, for every structured format if this is structured, and for a plugin's
     *     format that can say this very content
     */
    boolean canBe(MediaType target);

    /**
     * This content in another format: itself if the formats are the same, otherwise transcoded on first use and then
     * shared by all who ask. The rules for what the formats cannot say alike are in the content documentation.
     *
     * @param target the wanted media type
     * @return equal content in that format
     * @throws ResourceException {@link ErrorCode#UNSUPPORTED} if {@link #canBe} is false
     */
    Content as(MediaType target);
}
