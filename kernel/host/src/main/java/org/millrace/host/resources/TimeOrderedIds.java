package org.millrace.host.resources;

import java.security.SecureRandom;
import java.util.function.LongSupplier;

/**
 * Makes ids that ascend with the time they were made: 48 bits of milliseconds and 80 random bits as 26 characters of
 * Crockford's Base32, the form known as ULID. Within a millisecond, and while the clock stands or goes back, an id is the
 * one before plus one. Safe for use by any thread.
 */
final class TimeOrderedIds {
    private static final char[] DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ".toCharArray();
    private static final int LENGTH = 26;
    private static final int HIGH_BITS = 16;

    private final LongSupplier millis;
    private final SecureRandom random = new SecureRandom();
    private long time = -1;
    private long high;
    private long low;

    /**
     * Starts a sequence.
     *
     * @param millis the time; ids ascend across restarts if it does
     */
    TimeOrderedIds(LongSupplier millis) {
        this.millis = millis;
    }

    /** The next id. */
    String next() {
        long t;
        long h;
        long l;
        synchronized (this) {
            long now = millis.getAsLong();
            if (now > time) {
                time = now;
                high = random.nextInt(1 << HIGH_BITS);
                low = random.nextLong();
            } else if (++low == 0 && ++high >> HIGH_BITS != 0) {
                high = 0;
                time++;
            }
            t = time;
            h = high;
            l = low;
        }
        return text(t, h, l);
    }

    private static String text(long time, long high, long low) {
        char[] text = new char[LENGTH];
        long upper = time << HIGH_BITS | high;
        long lower = low;
        for (int i = LENGTH - 1; i >= 0; i--) {
            text[i] = DIGITS[(int) (lower & 31)];
            lower = lower >>> 5 | upper << 59;
            upper >>>= 5;
        }
        return new String(text);
    }
}
