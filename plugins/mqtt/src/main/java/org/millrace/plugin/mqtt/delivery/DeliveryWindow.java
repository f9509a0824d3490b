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

    private final long most;
    private final long bytes;
    private boolean catchingUp;
    private long outstanding;
    /** Of the next message; 0 while none was seen. */
    private long expectedSize;

    /**
     * Makes a window with no demand given.
     *
     * @param most messages, at least 1
     * @param bytes what they may weigh together; a single larger one is let through
     * @param catchingUp whether the present state comes first
     */
    DeliveryWindow(long most, long bytes, boolean catchingUp) {
        this.most = most;
        this.bytes = bytes;
        this.catchingUp = catchingUp;
    }

    /** Believes in large messages at once and in small ones by and by. */
    void saw(int size) {
        expectedSize = expectedSize == 0 ? Math.max(1, size) : Math.max(size, (expectedSize * 7 + size) / 8);
    }

    /** From now on changes come as they happen. */
    void caughtUp() {
        catchingUp = false;
    }

    /** So many messages are over. */
    void over(long n) {
        outstanding -= n;
    }

    /** How much demand to give now; counted as given. 0 for none. */
    long take() {
        long more = allowed() - outstanding;
        if (more <= 0) {
            return 0;
        }
        outstanding += more;
        return more;
    }

    /** Whether so many messages under way leave little demand. */
    boolean isAlmostUsedBy(long messages) {
        long all = allowed();
        return messages > all - all / 4;
    }

    private long allowed() {
        if (expectedSize == 0) {
            return catchingUp ? Math.min(most, FIRST) : most;
        }
        return Math.clamp(bytes / expectedSize, 1, most);
    }
}
