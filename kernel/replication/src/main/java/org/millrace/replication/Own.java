package org.millrace.replication;

import org.millrace.spi.resource.Change;
import org.millrace.spi.resource.ChangeKind;
import org.millrace.spi.resource.Path;

/** Which changes of the journal go to other nodes. Pure. */
final class Own {
    private static final String DEFINITIONS = "$sys/tables/";

    private Own() {}

    /**
     * Whether a change is to be sent: this node has decided it, and it is about a client's record or a table's
     * definition. Expiries are not: each node lets the record expire by itself.
     */
    static boolean isSent(Change change, long node) {
        return change.version().node() == node && change.kind() != ChangeKind.EXPIRE && isShared(change.path());
    }

    /** Whether all nodes have a path in common. */
    static boolean isShared(Path path) {
        return !path.isSystem() || path.toString().startsWith(DEFINITIONS);
    }
}
