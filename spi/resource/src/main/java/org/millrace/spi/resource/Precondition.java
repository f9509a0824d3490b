package org.millrace.spi.resource;

import java.util.List;

/**
 * What must hold for a write to be accepted, checked against the newest state in the order of the journal. A write
 * whose precondition does not hold fails with {@link ErrorCode#PRECONDITION_FAILED} and changes nothing; in a
 * transaction it fails the whole.
 *
 * @since 0.1
 */
public sealed interface Precondition {
    /** Always holds. */
    Precondition NONE = new None();
    /** Holds if there is no record (HTTP {@code If-None-Match: *}). */
    Precondition ABSENT = new Absent();
    /** Holds if there is a record (HTTP {@code If-Match: *}). */
    Precondition PRESENT = new Present();

    /** Always holds; use {@link #NONE}. */
    record None() implements Precondition {}

    /** Holds if there is no record; use {@link #ABSENT}. */
    record Absent() implements Precondition {}

    /** Holds if there is a record; use {@link #PRESENT}. */
    record Present() implements Precondition {}

    /**
     * Holds if there is a record at one of these versions (HTTP {@code If-Match}).
     *
     * @param versions the versions, copied
     */
    record AnyOf(List<Version> versions) implements Precondition {
        /** Copies the list. */
        public AnyOf {
            versions = List.copyOf(versions);
        }
    }

    /**
     * Holds if there is no record, or one at none of these versions (HTTP {@code If-None-Match}).
     *
     * @param versions the versions, copied
     */
    record NoneOf(List<Version> versions) implements Precondition {
        /** Copies the list. */
        public NoneOf {
            versions = List.copyOf(versions);
        }
    }

    /**
     * Holds if the record is at this version.
     *
     * @param version the version the caller has seen
     * @return the precondition of an optimistic update
     */
    static Precondition at(Version version) {
        return new AnyOf(List.of(version));
    }
}
