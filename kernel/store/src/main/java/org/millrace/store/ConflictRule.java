package org.millrace.store;

import org.jspecify.annotations.Nullable;
import org.millrace.spi.resource.Version;

/**
 * Decides between what a node has of a record and a change of another node. To make all nodes end alike whatever the
 * order in which changes arrive, it must be a total order of versions. Called on the writer thread; pure.
 */
@FunctionalInterface
public interface ConflictRule {
    /**
     * The later version prevails: by hybrid logical clock, then by node id. What has the same version is the same change.
     */
    ConflictRule LAST_WRITER_WINS = (arriving, present) -> present == null || arriving.compareTo(present) > 0;

    /**
     * Whether an arriving change replaces what is there.
     *
     * @param arriving the change's version
     * @param present the version of the record, or of its removal if that is still remembered; null if nothing is known
     * @return false to leave the change out
     */
    boolean prevails(Version arriving, @Nullable Version present);
}
