package org.millrace.replication;

import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * How a node is doing among the others, at one moment.
 *
 * @param state what it is at
 * @param detail why, for people; empty if all is well
 * @param cluster the cluster's name
 * @param node what this node is called
 * @param nodeId its id
 * @param unsent places of the journal that are not yet known to be in the stream
 * @param sent messages the stream has taken since the connection was made
 * @param applied changes of others taken over since this host started
 * @param superseded changes of others that lost against a later version since then
 * @param merged those that were put together with what was here, both having been made without knowing of the other
 * @param unread messages in the stream that this node has not read yet
 * @param passedEvents events kept nowhere that other nodes have sent here since this host started
 * @param lostEvents those of this node that were wanted elsewhere and could not be sent at once
 * @param repaired records and removals taken over since then because a comparison with another node found differences
 * @param summedAt as of which moment the records were last added up, in milliseconds since the epoch; 0 for never
 * @param hash what all records amounted to then: the same on all nodes that hold the same
 * @param tableHashes the same table by table
 * @param origins the other nodes
 * @param alerts what the operator should look at
 */
public record ClusterStatus(
        State state,
        String detail,
        String cluster,
        String node,
        long nodeId,
        long unsent,
        long sent,
        long applied,
        long superseded,
        long merged,
        long unread,
        long passedEvents,
        long lostEvents,
        long repaired,
        long summedAt,
        long hash,
        SortedMap<String, Long> tableHashes,
        List<Origin> origins,
        List<String> alerts) {
    /** What a node is at. */
    public enum State {
        /** It tries to reach NATS; the host serves meanwhile. */
        CONNECTING,
        /** It sends and receives. */
        RUNNING,
        /** Something is wrong that going on would make worse; it takes a restart. */
        STOPPED
    }

    /**
     * Another node.
     *
     * @param nodeId its id
     * @param name what it is called; empty if it has not been heard since this host started
     * @param present whether it was heard in the last seconds
     * @param applied its last change applied here, as a place in its journal
     * @param behindChanges how many places of its journal lie between that and its last own change
     * @param behindMillis how old the last change applied is, if there are later ones; 0 if there are none
     * @param waiting why its changes are held: {@code none}, {@code missing} or {@code clock}
     */
    public record Origin(
            long nodeId,
            String name,
            boolean present,
            long applied,
            long behindChanges,
            long behindMillis,
            String waiting) {}

    /** Copies the lists and the map. */
    public ClusterStatus {
        tableHashes = new TreeMap<>(tableHashes);
        origins = List.copyOf(origins);
        alerts = List.copyOf(alerts);
    }
}
