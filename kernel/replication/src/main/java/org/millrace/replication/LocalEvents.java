package org.millrace.replication;

import java.util.Optional;
import java.util.Set;
import org.millrace.spi.resource.Change;

/** This node's subscribers, as far as events that are kept nowhere are concerned. Safe for use by any thread. */
public interface LocalEvents {
    /**
     * The tables that subscribers want events of.
     *
     * @param most how many at most are of interest
     * @return empty if they want events of any table, or of more than so many
     */
    Optional<Set<String>> tables(int most);

    /**
     * Delivers an event of another node to those who listen at this moment.
     *
     * @param event with a cursor of this node, as one that is in no journal
     */
    void deliver(Change event);
}
