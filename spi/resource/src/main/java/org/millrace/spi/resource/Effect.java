package org.millrace.spi.resource;

/**
 * What a committed write did.
 *
 * @since 0.1
 */
public enum Effect {
    /** There is a record where there was none. */
    CREATED,
    /** The record has a new content. */
    REPLACED,
    /** The record is gone. */
    DELETED,
    /** An event went to the subscribers. */
    PUBLISHED,
    /** There was nothing to delete. */
    UNCHANGED
}
