package org.millrace.plugin.mqtt.delivery;

import java.util.SortedMap;
import org.millrace.spi.resource.Cursor;

/**
 * How far a group is in the change stream. Its size goes with what is under way, not with what happened.
 *
 * @param taken up to here changes were given to members, or did not match
 * @param open the places of those up to there that are not over, each with the session that alone may finish it, or an
 *     empty text if any member may have it
 */
public record GroupState(Cursor taken, SortedMap<Long, String> open) {
    /**
     * Where to begin to read again.
     *
     * @return behind it is all that somebody may still have to get
     */
    public Cursor place() {
        return open.isEmpty() ? taken : new Cursor(taken.node(), Math.min(taken.position(), open.firstKey() - 1));
    }
}
