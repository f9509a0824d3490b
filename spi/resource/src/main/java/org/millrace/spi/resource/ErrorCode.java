package org.millrace.spi.resource;

/**
 * The one error taxonomy of Millrace. Each protocol plugin translates it once into its own terms (HTTP status, MQTT
 * reason code, AMQP condition).
 *
 * @since 0.1
 */
public enum ErrorCode {
    /** The request itself is malformed: a bad path, filter, query, or content that is not what it declares. */
    INVALID("invalid", false),
    /** The request is well formed, but asks for a media type or an act the host does not offer. */
    UNSUPPORTED("unsupported", false),
    /** A content, path or batch exceeds a configured limit. */
    TOO_LARGE("too-large", false),
    /** The credentials are missing or wrong. */
    UNAUTHENTICATED("unauthenticated", false),
    /** The identity is known but lacks the grant. */
    FORBIDDEN("forbidden", false),
    /** No record, table or resource has this name. */
    NOT_FOUND("not-found", false),
    /** The act contradicts the present state, for example an id that is taken. */
    CONFLICT("conflict", false),
    /** A {@link Precondition} did not hold. */
    PRECONDITION_FAILED("precondition-failed", false),
    /** Retention has overtaken the {@link Cursor}; changes between it and the oldest kept one are lost to it. */
    EXPIRED_CURSOR("expired-cursor", false),
    /** A bounded queue or a rate limit is full. The same request may succeed a little later. */
    BUSY("busy", true),
    /** The disk or a quota is full. Reads go on; writes resume when space returns. */
    QUOTA_EXCEEDED("quota-exceeded", true),
    /** The host is stopping, has stopped writing after a disk error, or a needed part is away. */
    UNAVAILABLE("unavailable", true),
    /** A defect in the host or a plugin. The log has the cause. */
    INTERNAL("internal", false);

    private final String id;
    private final boolean temporary;

    ErrorCode(String id, boolean temporary) {
        this.id = id;
        this.temporary = temporary;
    }

    /**
     * The stable name used on the wire and in documents, for example {@code precondition-failed}.
     *
     * @return lower case letters and hyphens
     */
    public String id() {
        return id;
    }

    /**
     * Whether the same request may succeed later without being changed.
     *
     * @return true for conditions that pass
     */
    public boolean isTemporary() {
        return temporary;
    }
}
