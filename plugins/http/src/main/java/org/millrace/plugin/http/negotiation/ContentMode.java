package org.millrace.plugin.http.negotiation;

/** What a body without a declared type is taken for. */
public enum ContentMode {
    /**
     * One JSON value is JSON, everything else is opaque. The type that curl and HTML forms declare when nobody chose one,
     * {@code application/x-www-form-urlencoded}, counts as none.
     */
    AUTO,
    /** Opaque bytes; every declared type is taken at its word. */
    DECLARED
}
