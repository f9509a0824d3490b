package org.millrace.spi.resource;

/**
 * What kind of act a {@link Change} records.
 *
 * @since 0.1
 */
public enum ChangeKind {
    /** The record was created or replaced. */
    PUT(true),
    /** The record was merged with a patch; the change carries the merged record and the patch. */
    PATCH(true),
    /** The record was removed. */
    DELETE(true),
    /** The record's time ran out. */
    EXPIRE(true),
    /** A message to subscribers that left the record alone. */
    EVENT(false);

    private final boolean altersRecord;

    ChangeKind(boolean altersRecord) {
        this.altersRecord = altersRecord;
    }

    /**
     * Whether changes of this kind alter the record.
     *
     * @return false for events
     */
    public boolean altersRecord() {
        return altersRecord;
    }

    /**
     * Whether the record is gone after a change of this kind.
     *
     * @return true for deletes and expiries
     */
    public boolean removesRecord() {
        return this == DELETE || this == EXPIRE;
    }
}
