package org.millrace.plugin.http.exchange;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is answered. Made by one thread, filled, sent once. The usual fields have a place of their own, so that the
 * common answer needs no map.
 */
public final class Answer {
    private static final ByteBuffer EMPTY = ByteBuffer.allocate(0).asReadOnlyBuffer();

    private final int status;
    private @Nullable String contentType;
    private @Nullable String etag;
    private @Nullable String location;
    private long lastModified = -1;
    private boolean negotiated;
    private ByteBuffer body = EMPTY;
    private List<String> fields = List.of();

    /**
     * Starts an answer.
     *
     * @param status from 200 to 599
     */
    public Answer(int status) {
        this.status = status;
    }

    /**
     * Sets the body.
     *
     * @param type its media type
     * @param bytes from position to limit; must not be altered afterwards
     * @return this answer
     */
    public Answer body(String type, ByteBuffer bytes) {
        this.contentType = type;
        this.body = bytes;
        return this;
    }

    /**
     * Sets the type of a body that follows as a stream.
     *
     * @param type its media type
     * @return this answer
     */
    public Answer contentType(String type) {
        this.contentType = type;
        return this;
    }

    /**
     * Sets the entity tag.
     *
     * @param value without quotes
     * @return this answer
     */
    public Answer etag(String value) {
        this.etag = value;
        return this;
    }

    /**
     * Sets where the new record is.
     *
     * @param value a URL's path
     * @return this answer
     */
    public Answer location(String value) {
        this.location = value;
        return this;
    }

    /**
     * Sets when the record was last altered.
     *
     * @param epochMillis milliseconds since the epoch
     * @return this answer
     */
    public Answer lastModified(long epochMillis) {
        this.lastModified = epochMillis;
        return this;
    }

    /**
     * Says that the answer depends on {@code Accept} and must be revalidated by caches.
     *
     * @return this answer
     */
    public Answer negotiated() {
        this.negotiated = true;
        return this;
    }

    /**
     * Adds any other field.
     *
     * @param name its name
     * @param value its value, without control characters
     * @return this answer
     */
    public Answer field(String name, String value) {
        if (fields.isEmpty()) {
            fields = new ArrayList<>(4);
        }
        fields.add(name);
        fields.add(value);
        return this;
    }

    /**
     * The status.
     *
     * @return from 200 to 599
     */
    public int status() {
        return status;
    }

    /**
     * The body's type.
     *
     * @return null without a body
     */
    public @Nullable String contentType() {
        return contentType;
    }

    /**
     * The entity tag, without quotes.
     *
     * @return null for none
     */
    public @Nullable String etag() {
        return etag;
    }

    /**
     * Where the new record is.
     *
     * @return null for none
     */
    public @Nullable String location() {
        return location;
    }

    /**
     * When the record was last altered.
     *
     * @return milliseconds since the epoch, -1 for unknown
     */
    public long lastModified() {
        return lastModified;
    }

    /**
     * Whether the answer depends on {@code Accept}.
     *
     * @return true if so
     */
    public boolean isNegotiated() {
        return negotiated;
    }

    /**
     * The body.
     *
     * @return from position to limit; empty for none
     */
    public ByteBuffer body() {
        return body;
    }

    /**
     * Further fields.
     *
     * @return name, value, name, value ...
     */
    public List<String> fields() {
        return fields;
    }
}
