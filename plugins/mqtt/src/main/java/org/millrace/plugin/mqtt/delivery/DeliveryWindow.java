package org.millrace.plugin.mqtt.delivery;

/**
 * How much demand one subscription gives to the host: a number of messages, or fewer if they are large, so that what
 * waits for a client that does not read stays within a number of bytes. Demand that was given is not taken back, so the
 * present state, which comes as fast as it is asked for, is begun with a few messages while sizes are not known. Changes
 * as they happen get the whole number from the start, since events of QoS 0 that meet no demand are lost.
 *
 * <p>Used by the connection's event loop only.
 */
final class DeliveryWindow {
    private static final int FIRST = 16;

    private long most;
    private long bytes;
    private boolean catchingUp;
    private long outstanding;
    /** Messages that have come and are not over. */
    private long taken;
    /** Messages that are over and whose demand was not given again. */
    private long owed;
    /** Of the next message; 0 while none was seen. */
    private long expectedSize;

    /**
     * Opens the window; before, no demand is given.
     *
     * @param messages at most so many, at least 1
     * @param weight what they may weigh together; a single larger one is let through
     * @param present whether the present state comes first
     */
    void open(long messages, long weight, boolean present) {
        most = messages;
        bytes = weight;
        catchingUp = present;
        outstanding = 0;
        expectedSize = 0;
    }

    /** A message has come. Believes in large ones at once and in small ones by and by. */
    void took(int size) {
        taken++;
        expectedSize = expectedSize == 0 ? Math.max(1, size) : Math.max(size, (expectedSize * 7 + size) / 8);
    }

    /** From now on changes come as they happen. */
    void caughtUp() {
        catchingUp = false;
    }

    /** A message is over; true if it is the first since demand was last given. */
    boolean over() {
        taken--;
        return ++owed == 1;
    }

    /** How much demand to give now; counted as given. 0 for none. */
    long give() {
        if (most == 0) {
            return 0;
        }
        outstanding -= owed;
        owed = 0;
        long more = allowed() - outstanding;
        if (more <= 0) {
            return 0;
        }
        outstanding += more;
        return more;
    }

    /** Whether the messages that are not over leave little demand. */
    boolean isAlmostUsed() {
        long all = allowed();
        return most > 0 && taken > all - all / 4;
    }

    private long allowed() {
        if (expectedSize == 0) {
            return catchingUp ? Math.min(most, FIRST) : most;
        }
        return Math.clamp(bytes / expectedSize, 1, most);
    }
}
