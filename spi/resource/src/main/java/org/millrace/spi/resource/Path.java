package org.millrace.spi.resource;

import java.nio.charset.StandardCharsets;

/**
 * The name of a record: {@code table/id}, where the id may hold further slashes. The same text is an MQTT topic, an
 * HTTP path (percent-encoded, behind a leading slash) and an AMQP address.
 *
 * <p>Every legal MQTT topic name is a legal path (MQTT 5 section 4.7): levels may be empty or hold spaces, {@code /a}
 * differs from {@code a}, and a path of one level is the record with the empty id of that table. Paths starting with
 * {@code $} belong to the system.
 *
 * <p>Paths are ordered by their UTF-8 bytes, which is the order of a collection.
 *
 * @since 0.1
 */
public final class Path implements Comparable<Path> {
    /** The longest path in UTF-8 bytes (MQTT 5 section 1.5.4). A host may be configured to allow less. */
    public static final int MAX_BYTES = 65_535;

    private final String text;
    private final int tableEnd;

    private Path(String text) {
        this.text = text;
        int slash = text.indexOf('/');
        this.tableEnd = slash < 0 ? text.length() : slash;
    }

    /**
     * Reads a path.
     *
     * @param text {@code table/id}, without a protocol's own prefix or escaping
     * @return the path
     * @throws ResourceException {@link ErrorCode#INVALID} if empty or holding {@code +}, {@code #}, U+0000 or a lone
     *     surrogate; {@link ErrorCode#TOO_LARGE} beyond {@link #MAX_BYTES}
     */
    public static Path of(String text) {
        if (text.isEmpty()) {
            throw new ResourceException(ErrorCode.INVALID, "a path must not be empty");
        }
        TopicText.check("path", text);
        int wildcard = TopicText.indexOfWildcard(text);
        if (wildcard >= 0) {
            throw new ResourceException(
                    ErrorCode.INVALID,
                    "path '" + TopicText.shown(text) + "' holds '" + text.charAt(wildcard) + "' at position " + wildcard
                            + "; '+' and '#' are allowed in topic filters only");
        }
        return new Path(text);
    }

    /**
     * Joins a table and an id.
     *
     * @param table the first level; may be empty, holds no slash
     * @param id what follows the slash; may be empty
     * @return the path {@code table/id}
     * @throws ResourceException as {@link #of(String)}, and {@link ErrorCode#INVALID} if the table holds a slash
     */
    public static Path of(String table, String id) {
        if (table.indexOf('/') >= 0) {
            throw new ResourceException(
                    ErrorCode.INVALID, "table name '" + TopicText.shown(table) + "' must not hold '/'");
        }
        return of(table + '/' + id);
    }

    /**
     * The table: the first level.
     *
     * @return may be empty, for a path that starts with a slash
     */
    public String table() {
        return text.substring(0, tableEnd);
    }

    /**
     * The id: what follows the first slash.
     *
     * @return empty for a path of one level
     */
    public String id() {
        return tableEnd == text.length() ? "" : text.substring(tableEnd + 1);
    }

    /**
     * Whether this path belongs to the system (starts with {@code $}); filters that start with a wildcard do not match
     * it (MQTT 5 section 4.7.2).
     *
     * @return true for {@code $sys/...} and its like
     */
    public boolean isSystem() {
        return text.charAt(0) == '$';
    }

    /**
     * The path in UTF-8.
     *
     * @return a new array, at most {@link #MAX_BYTES} long
     */
    public byte[] utf8() {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public int compareTo(Path other) {
        return TopicText.compareUtf8(text, other.text);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Path path && path.text.equals(text);
    }

    @Override
    public int hashCode() {
        return text.hashCode();
    }

    /** The path's text, as {@link #of(String)} reads it. */
    @Override
    public String toString() {
        return text;
    }
}
