package org.millrace.spi.content;

import java.util.List;
import org.millrace.spi.plugin.ImplementedByHost;
import org.millrace.spi.plugin.Incubating;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.ResourceException;

/**
 * Makes {@link Content}. Implemented by the host; safe for use by any thread; never blocks.
 *
 * @since 0.1
 */
@ImplementedByHost
public interface Contents {
    /**
     * A content of a declared type. Structured bytes are checked in one pass. Bytes in a format that a plugin teaches
     * ({@link ContentFormat}) become content of that format's model.
     *
     * @param declared what the sender says the bytes are
     * @param bytes belong to the content from now on; nobody may alter them
     * @return the content
     * @throws ResourceException {@link ErrorCode#INVALID} if the bytes are not what is declared (the message gives the
     *     position), {@link ErrorCode#TOO_LARGE} beyond the configured size
     */
    Content of(MediaType declared, byte[] bytes);

    /**
     * A content of which the sender did not say what it is: bytes that are one JSON value as a whole become JSON,
     * everything else is {@link MediaType#OCTET_STREAM}.
     *
     * @param bytes belong to the content from now on; nobody may alter them
     * @return the content
     * @throws ResourceException {@link ErrorCode#TOO_LARGE} beyond the configured size
     */
    Content detect(byte[] bytes);

    /**
     * The formats in which structured content can be had now: JSON, CBOR and MessagePack, then those that plugins teach
     * ({@link ContentFormat}), by name. A plugin's may be gone a moment later, and may be unable to say one content or
     * another: ask {@link Content#canBe} of each.
     *
     * @return an immutable list
     */
    @Incubating
    List<MediaType> formats();

    /**
     * The largest content accepted, so that a plugin can refuse a body before reading it.
     *
     * @return bytes
     */
    int maxSize();
}
