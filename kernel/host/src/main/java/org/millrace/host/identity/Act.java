package org.millrace.host.identity;

/** What a {@link Grant} allows. */
public enum Act {
    /** Reading records and querying tables. */
    READ,
    /** Putting, patching and deleting records. */
    WRITE,
    /** Sending events. */
    PUBLISH,
    /** Following changes, present state included. */
    SUBSCRIBE
}
