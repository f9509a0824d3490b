package org.millrace.plugin.mqtt;

/** What a payload is whose publisher declares no content type. */
public enum ContentPolicy {
    /** JSON if it is one JSON value as a whole, opaque bytes otherwise. */
    AUTO,
    /** Opaque bytes. */
    OPAQUE
}
