package org.millrace.replication;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Keeps account of what is under way to the stream: what was handed out, what is acknowledged without a gap, and where to
 * go on reading after a failure. Pure: no I/O; used by one thread.
 */
final class Outbox {
    private final int window;
    private final Deque<Sent> underWay = new ArrayDeque<>();
    private long attempt;
    private Place acknowledged;
    private Place handedOut;

    /**
     * A place in this node's journal.
     *
     * @param last the last change of this node's own up to there
     * @param read up to where the journal was read; behind {@code last} there are only changes of others
     */
    record Place(long last, long read) {
        Place {
            if (read < last) {
                throw new IllegalArgumentException("change " + last + " lies behind " + read);
            }
        }
    }

    /** A message under way; identifies one attempt to send it. */
    static final class Sent {
        private final long attempt;
        private final Place place;
        private boolean stored;

        Sent(long attempt, Place place) {
            this.attempt = attempt;
            this.place = place;
        }

        /** Where the journal is behind this message. */
        Place place() {
            return place;
        }
    }

    /**
     * Starts from what is known to be in the stream.
     *
     * @param from from where on changes are to be sent
     * @param window how many messages may be under way
     */
    Outbox(Place from, int window) {
        this.acknowledged = from;
        this.handedOut = from;
        this.window = window;
    }

    /** Whether another message may be sent. */
    boolean hasRoom() {
        return underWay.size() < window;
    }

    /** Where the next message begins. */
    Place next() {
        return handedOut;
    }

    /** Notes that everything up to a place is under way, with a message whose last change is {@code place.last()}. */
    Sent sent(Place place) {
        if (!hasRoom() || place.last() <= handedOut.last()) {
            throw new IllegalStateException("a message up to " + place + " cannot follow " + handedOut);
        }
        Sent sent = new Sent(attempt, place);
        underWay.add(sent);
        handedOut = place;
        return sent;
    }

    /** Notes that the journal was read further and has none of this node's own changes there. */
    void skipped(long read) {
        handedOut = new Place(handedOut.last(), read);
        if (underWay.isEmpty()) {
            acknowledged = handedOut;
        }
    }

    /** Notes that the stream has a message; of an earlier attempt it says nothing new. */
    void stored(Sent sent) {
        if (sent.attempt != attempt) {
            return;
        }
        sent.stored = true;
        while (!underWay.isEmpty() && underWay.getFirst().stored) {
            acknowledged = underWay.removeFirst().place;
        }
        if (underWay.isEmpty()) {
            acknowledged = handedOut;
        }
    }

    /** Notes that it is not known whether the stream has a message: everything not acknowledged is sent again. */
    void failed(Sent sent) {
        if (sent.attempt == attempt) {
            again(acknowledged);
        }
    }

    /** Begins anew from a place, also if it lies further back. */
    void again(Place from) {
        attempt++;
        underWay.clear();
        acknowledged = from;
        handedOut = from;
    }

    /** Up to where everything is in the stream. */
    Place acknowledged() {
        return acknowledged;
    }

    /** How many messages are under way. */
    int underWay() {
        return underWay.size();
    }
}
