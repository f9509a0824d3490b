package org.millrace.spi.resource;

/**
 * The acknowledgement of a write: it is accepted, ordered, and as durable as asked.
 *
 * @param path what was written; for a post, the path that was made
 * @param effect what it did
 * @param version the record's new version; the event's for a publish
 * @param cursor the place of the change in the stream
 * @since 0.1
 */
public record Commit(Path path, Effect effect, Version version, Cursor cursor) {}
