package org.millrace.replication;

import java.util.List;
import org.millrace.spi.resource.Change;

/**
 * Consecutive changes that one node decided: everything of its own behind {@code previous}, up to the last one here.
 * Immutable.
 *
 * @param origin the node that decided them
 * @param previous the place in its journal behind which these are all of its own changes; what others decided has places
 *     there too, so the first change need not be the next number
 * @param changes not empty, in order; their cursors are their places in the origin's journal
 */
record ClusterMessage(long origin, long previous, List<Change> changes) {
    ClusterMessage {
        changes = List.copyOf(changes);
        if (changes.isEmpty()) {
            throw new IllegalArgumentException("a message without changes");
        }
        long last = previous;
        for (Change change : changes) {
            if (change.cursor().position() <= last) {
                throw new IllegalArgumentException("change " + change.cursor().position() + " of node "
                        + Long.toHexString(origin) + " follows " + last);
            }
            last = change.cursor().position();
        }
    }

    /** The place of the last change. */
    long last() {
        return changes.getLast().cursor().position();
    }

    /** The greatest clock of its versions. */
    long clock() {
        long greatest = 0;
        for (Change change : changes) {
            long clock = change.version().clock();
            greatest = Long.compareUnsigned(clock, greatest) > 0 ? clock : greatest;
        }
        return greatest;
    }

    /** The same without what lies at or before a place, which must be before the last. */
    ClusterMessage after(long place) {
        if (place <= previous) {
            return this;
        }
        return new ClusterMessage(
                origin,
                place,
                changes.stream()
                        .filter(change -> change.cursor().position() > place)
                        .toList());
    }

    /** What the stream knows it by: messages of one id hold the same changes, however often they are cut anew. */
    String id() {
        return Long.toHexString(origin) + ':' + previous + ':' + last();
    }
}
