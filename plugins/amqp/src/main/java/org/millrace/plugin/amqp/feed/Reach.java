package org.millrace.plugin.amqp.feed;

/**
 * How far a durable group may offer changes. What it may offer is written down ahead, some way at a time, so that after a
 * crash all that may have been delivered before is known, and marked when it comes again. Used by the group's home.
 */
final class Reach {
    /** So far ahead it is written down at a time, in changes of the whole journal. */
    private static final long AHEAD = 65_536;

    private long asked;
    private long granted;
    private int takenBack;

    Reach(long granted) {
        this.asked = granted;
        this.granted = granted;
    }

    boolean covers(long position) {
        return position <= granted;
    }

    /** Whether it should be moved on, since a place has used up half of it. */
    boolean isShortOf(long position) {
        return asked - position < AHEAD / 2;
    }

    /** Asks for room behind a place; nothing is granted before that is on disk. */
    void askFor(long position) {
        asked = Math.max(asked, position + AHEAD);
    }

    /** What is to be written down. */
    long asked() {
        return asked;
    }

    /** Tells grants apart: one that was written down before something was taken back is void. */
    int times() {
        return takenBack;
    }

    /** What was asked for is on disk. */
    void grant(long written, int times) {
        if (times == takenBack) {
            granted = Math.max(granted, written);
        }
    }

    /** Takes back what is not needed: nothing is offered any more for now. */
    void takeBack(long lastOffered) {
        takenBack++;
        asked = lastOffered;
        granted = lastOffered;
    }
}
