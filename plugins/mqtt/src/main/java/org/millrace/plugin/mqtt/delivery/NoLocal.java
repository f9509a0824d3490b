package org.millrace.plugin.mqtt.delivery;

import java.util.ArrayList;
import java.util.List;
import org.millrace.spi.resource.Change;

/**
 * Whether the client's own messages are left out of a subscription ([MQTT-3.8.3-3]), and up to which change it was the
 * other way round: a repeated SUBSCRIBE changes no-local for what comes behind it, also if the subscription lags or goes on
 * over another connection. Used by the connection's event loop only.
 */
public final class NoLocal {
    /** How often no-local may be changed while there is something behind that the change is not for. */
    private static final int MOST_EARLIER = 16;

    private List<Earlier> earlier;
    private boolean now;

    /**
     * What no-local was for changes up to a place.
     *
     * @param place the last change it was for
     * @param noLocal whether own messages were left out
     */
    public record Earlier(long place, boolean noLocal) {}

    NoLocal(boolean now, List<Earlier> earlier) {
        this.now = now;
        this.earlier = earlier;
    }

    /** Changes it for what comes behind a place; what the subscription has passed is forgotten. */
    void change(boolean value, long from, long passed) {
        boolean known = !earlier.isEmpty() && earlier.getLast().place() >= from;
        if (value != now && !known) {
            List<Earlier> kept = new ArrayList<>(earlier.size() + 1);
            kept.addAll(earlier);
            kept.removeIf(before -> before.place() < passed);
            if (kept.size() == MOST_EARLIER) {
                kept.removeFirst();
            }
            kept.add(new Earlier(from, now));
            earlier = kept;
        }
        now = value;
    }

    /** Whether a change that the client itself has caused is left out. */
    boolean leavesOut(Change own) {
        if (own.isJournaled()) {
            for (Earlier before : earlier) {
                if (own.cursor().position() <= before.place()) {
                    return before.noLocal();
                }
            }
        }
        return now;
    }

    /** What it was before, by ascending place. */
    List<Earlier> earlier() {
        return List.copyOf(earlier);
    }
}
