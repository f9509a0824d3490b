package org.millrace.plugin.mqtt.delivery;

import java.util.LinkedHashMap;
import java.util.Map;
import org.millrace.spi.resource.Change;
import org.millrace.spi.resource.ChangeKind;
import org.millrace.spi.resource.Version;

/**
 * Which events that are journaled nowhere the client was sent although more of its subscriptions may still show them. Each
 * subscription shows such an event once, or never if it has no demand when that happens; so an event is remembered until
 * all have shown it, or so many newer ones are remembered that no copy can be on its way. Used by the connection's event
 * loop only.
 */
final class Passing {
    /** More than the host keeps for a subscription that is being caught up, which shows them last. */
    private static final int MOST = 4_096;

    /** How many subscriptions may still show an event, oldest event first. */
    private final Map<Version, Integer> left = new LinkedHashMap<>(0);

    /** Whether a change is such an event. */
    static boolean is(Change change) {
        return change.kind() == ChangeKind.EVENT && !change.isJournaled();
    }

    /** Whether an event was not sent yet; it is then taken for sent. */
    boolean isFirst(Change event, int showing) {
        Integer before = left.get(event.version());
        if (before == null) {
            if (showing > 1) {
                remember(event.version(), showing - 1);
            }
            return true;
        }
        if (before == 1) {
            left.remove(event.version());
        } else {
            left.put(event.version(), before - 1);
        }
        return false;
    }

    private void remember(Version event, int showing) {
        if (left.size() == MOST) {
            left.remove(left.keySet().iterator().next());
        }
        left.put(event, showing);
    }

    void clear() {
        left.clear();
    }
}
