package org.millrace.spi.resource;

/**
 * Where a subscription starts.
 *
 * @since 0.1
 */
public sealed interface Start {
    /** The matching records' present state first, then changes, with neither hole nor repetition between. */
    Start CURRENT = new Current();
    /** Changes from now on. */
    Start NOW = new Now();

    /** Present state first; use {@link #CURRENT}. */
    record Current() implements Start {}

    /** Changes from now on; use {@link #NOW}. */
    record Now() implements Start {}

    /**
     * All changes after a place.
     *
     * @param cursor what the subscriber saw last
     */
    record After(Cursor cursor) implements Start {}
}
