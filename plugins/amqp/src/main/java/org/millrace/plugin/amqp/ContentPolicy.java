package org.millrace.plugin.amqp;

/** What a message is whose sender declares no content type. */
public enum ContentPolicy {
    /** JSON if it is one JSON value as a whole, opaque bytes otherwise. */
    AUTO,
    /** Opaque bytes. */
    OPAQUE
}
