package org.millrace.spi.content;

import org.millrace.spi.plugin.ImplementedByHost;
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
     * The largest content accepted, so that a plugin can refuse a body before reading it.
     *
     * @return bytes
     */
    int maxSize();
}
