package org.millrace.plugin.mqtt.session;

import org.jspecify.annotations.Nullable;
import org.millrace.spi.resource.Cursor;

/** Finds the earliest of many places in the journal that are not too far behind. Not safe for use by several threads. */
final class JournalPlaces {
    private final Cursor head;
    private final long maxLag;
    private @Nullable Cursor found;
    private int givenUp;
    private boolean complete = true;

    /**
     * Makes one that knows no place.
     *
     * @param head where the journal ends
     * @param maxLag how many changes a place may be behind that
     */
    JournalPlaces(Cursor head, long maxLag) {
        this.head = head;
        this.maxLag = maxLag;
    }

    void add(Cursor place) {
        if (isTooFar(place)) {
            givenUp++;
        } else if (found == null || place.position() < found.position()) {
            found = place;
        }
    }

    boolean isTooFar(Cursor place) {
        return place.node() != head.node() || head.position() - place.position() > maxLag;
    }

    void addGivenUp(int more) {
        givenUp += more;
    }

    /** There are places that are not known yet. */
    void incomplete() {
        complete = false;
    }

    boolean isComplete() {
        return complete;
    }

    /** The earliest, or the head if there is none before it. */
    Cursor earliest() {
        return found == null || found.position() > head.position() ? head : found;
    }

    /** The earliest; null if there is none. */
    @Nullable
    Cursor found() {
        return found;
    }

    int givenUp() {
        return givenUp;
    }
}
