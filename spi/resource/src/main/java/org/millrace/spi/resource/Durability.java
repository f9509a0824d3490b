package org.millrace.spi.resource;

/**
 * What a change has survived when its {@link Commit} arrives.
 *
 * @since 0.1
 */
public enum Durability {
    /** The table's own setting; {@link #FSYNC} where it has none. */
    TABLE,
    /** On disk: survives a power cut. */
    FSYNC,
    /** Handed to the operating system and synced at most 100 ms later: survives the death of the process. */
    OS,
    /**
     * In memory only, never journaled. For events alone; a write that alters a record is at least {@link #OS}. A
     * subscriber without demand at that moment does not see the event.
     */
    MEMORY
}
