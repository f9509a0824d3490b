package org.millrace.store;

import org.jspecify.annotations.Nullable;

/**
 * Decides what becomes of what a node has of a record and a change of another node. To make all nodes end alike whatever
 * the order in which changes arrive, it must not depend on that order. Called on the writer thread; pure.
 */
@FunctionalInterface
public interface ConflictRule {
    /**
     * The later version prevails, whole: by hybrid logical clock, then by node id. What has the same version is the same
     * change. Used where fields cannot be told apart.
     */
    ConflictRule LAST_WRITER_WINS = (arriving, present) -> present == null
                    || arriving.fields().latest().compareTo(present.fields().latest()) > 0
            ? arriving
            : present;

    /**
     * What both make together.
     *
     * @param arriving what the change makes of the record by itself
     * @param present what is there, or its removal if that is still remembered; null if nothing is known
     * @return the present state itself to leave the change out, the arriving one itself to take it as it is, or another
     */
    RecordState resolve(RecordState arriving, @Nullable RecordState present);
}
