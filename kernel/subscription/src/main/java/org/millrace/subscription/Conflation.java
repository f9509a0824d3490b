package org.millrace.subscription;

import java.util.LinkedHashMap;
import java.util.Map;
import org.millrace.spi.resource.Change;
import org.millrace.spi.resource.Path;

/**
 * The newest change per path, oldest first, for a subscription that has no demand at the moment. An event and a record
 * of one path are kept apart: an event does not tell the record's state. Owned by whoever owns the subscription.
 */
final class Conflation {
    private final Map<Key, Change> newest = new LinkedHashMap<>();
    private final int maxPaths;
    private final int maxBytes;
    private long bytes;
    private int taken;

    private record Key(Path path, boolean record) {
        static Key of(Change change) {
            return new Key(change.path(), change.kind().altersRecord());
        }
    }

    Conflation(int maxPaths, int maxBytes) {
        this.maxPaths = maxPaths;
        this.maxBytes = maxBytes;
    }

    void put(Change change) {
        taken++;
        Key key = Key.of(change);
        Change older = newest.remove(key);
        bytes += weight(change) - (older == null ? 0 : weight(older));
        newest.put(key, change);
    }

    /** How many changes were put in, newest or not. */
    int taken() {
        return taken;
    }

    void remove(Change change) {
        if (newest.remove(Key.of(change), change)) {
            bytes -= weight(change);
        }
    }

    boolean isEmpty() {
        return newest.isEmpty();
    }

    /** Whether there is more in it than the limits allow. A single change is always allowed. */
    boolean isOverfull() {
        return newest.size() > maxPaths || (bytes > maxBytes && newest.size() > 1);
    }

    Change eldest() {
        return newest.values().iterator().next();
    }

    private static long weight(Change change) {
        return change.content().map(c -> (long) c.size()).orElse(0L);
    }
}
