package org.millrace.store;

import java.util.List;
import org.millrace.spi.resource.Change;
import org.millrace.spi.resource.ResourceException;
import org.millrace.spi.resource.Write;

/**
 * Changes that other nodes have decided, to be taken over with their own versions, together with what this node has to
 * remember of it. All of it becomes one group of the journal: after a crash either everything of it is there or nothing.
 *
 * <p>No precondition, schema or grant is looked at again: the node that took the write has done that. Each change is held
 * against what this node has of the record by its {@link ConflictRule}; one that brings nothing new is left out, and one
 * that was made without knowing what is here is put together with that.
 *
 * @param changes in the order of their origin; their cursors are of no account here; copied
 * @param along this node's own writes that belong to it, without preconditions; copied
 * @param outcome is told once what came of it
 */
public record ForeignRequest(List<Change> changes, List<Write> along, Outcome outcome) implements Submission {
    /** Copies the lists. */
    public ForeignRequest {
        changes = List.copyOf(changes);
        along = List.copyOf(along);
    }

    /** What came of a request. Exactly one method is called, once, as {@link WriteRequest.Outcome} describes. */
    public interface Outcome {
        /**
         * The changes are taken over and on disk.
         *
         * @param taken what became of those that prevailed, with the places they have in this node's journal
         * @param superseded how many lost against what was there
         */
        void applied(List<Change> taken, int superseded);

        /**
         * Nothing was taken over, or it is not known whether it survives a restart.
         *
         * @param reason INVALID if a version is too far ahead of this node's clock; anything else may pass
         */
        void refused(ResourceException reason);
    }
}
