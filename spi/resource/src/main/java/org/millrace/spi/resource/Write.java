package org.millrace.spi.resource;

import org.millrace.spi.content.Content;

/**
 * One act on a path, as a client asks for it. Several writes given together to {@link Resources#transact} are atomic.
 *
 * @since 0.1
 */
public sealed interface Write {
    /**
     * The path acted on.
     *
     * @return the path
     */
    Path path();

    /**
     * What is asked beyond path and content.
     *
     * @return the options
     */
    WriteOptions options();

    /**
     * Sets the record's content, creating the record where there is none.
     *
     * @param path the record
     * @param content its new content
     * @param options what else is asked
     */
    record Put(Path path, Content content, WriteOptions options) implements Write {}

    /**
     * Merges a patch into the record (RFC 7396), creating it from nothing where there is none. The patch is structured
     * content of any format, or {@code application/json-patch+json} (RFC 6902); the result keeps the record's format.
     * A record that is opaque cannot be patched: {@link ErrorCode#CONFLICT}.
     *
     * @param path the record
     * @param patch what to merge
     * @param options what else is asked
     */
    record Patch(Path path, Content patch, WriteOptions options) implements Write {}

    /**
     * Removes the record. Where there is none, nothing changes and the effect is {@link Effect#UNCHANGED}.
     *
     * @param path the record
     * @param options what else is asked
     */
    record Delete(Path path, WriteOptions options) implements Write {}

    /**
     * Sends an event to the path's subscribers and leaves the record alone.
     *
     * @param path where to
     * @param content the message; may be empty
     * @param options what else is asked
     */
    record Publish(Path path, Content content, WriteOptions options) implements Write {}
}
