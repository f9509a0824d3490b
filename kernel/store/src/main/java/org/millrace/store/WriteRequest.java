package org.millrace.store;

import java.util.List;
import org.millrace.spi.resource.Commit;
import org.millrace.spi.resource.Durability;
import org.millrace.spi.resource.ResourceException;
import org.millrace.spi.resource.Write;

/**
 * One or more writes to be done as a whole or not at all; a later one sees what an earlier one did.
 *
 * @param writes what to do, in this order; copied
 * @param source the client that asks, as its changes will name it; empty for none
 * @param durability what the changes must have survived before they are acknowledged: {@link Durability#FSYNC} or
 *     {@link Durability#OS}. A table's own setting is the host's to look up: {@link Durability#TABLE} is taken as
 *     {@code FSYNC}
 * @param outcome is told once what came of it
 */
public record WriteRequest(List<Write> writes, String source, Durability durability, Outcome outcome)
        implements Submission {
    /**
     * Copies the list.
     *
     * @throws IllegalArgumentException for {@link Durability#MEMORY}: such events are not journaled
     */
    public WriteRequest {
        writes = List.copyOf(writes);
        if (durability == Durability.MEMORY) {
            throw new IllegalArgumentException("events of durability MEMORY do not go to the store");
        }
    }

    /** What came of a request. Exactly one method is called, once. */
    public interface Outcome {
        /**
         * All writes are done and as durable as asked. Called on the writer thread after the changes have been made
         * visible and published: it must only hand over.
         *
         * @param commits one per write, in order
         */
        void committed(List<Commit> commits);

        /**
         * None of the writes is done, or, after {@code UNAVAILABLE}, it is not known whether they survive a restart.
         * Called on the writer thread, or on the submitting one if the store no longer takes writes: it must only hand
         * over.
         *
         * @param reason why, for the client
         */
        void refused(ResourceException reason);
    }

    boolean needsSync() {
        return durability != Durability.OS;
    }
}
