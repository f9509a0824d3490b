package org.millrace.host.resources;

import java.security.SecureRandom;
import java.util.Arrays;
import java.util.function.LongSupplier;

/**
 * Makes ids that ascend with the time they were made: 48 bits of milliseconds and 80 random bits as 26 characters of
 * Crockford's Base32, the form known as ULID. Within a millisecond, and while the clock stands or goes back, an id is the
 * one before plus one. Safe for use by any thread.
 */
final class TimeOrderedIds {
    private static final char[] DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ".toCharArray();
    private static final int LENGTH = 26;
    private static final int TIME_LENGTH = 10;
    private static final int HIGH_BITS = 16;

    private final LongSupplier millis;
    private final SecureRandom random = new SecureRandom();
    private String newest = "";

    /**
     * Starts a sequence.
     *
     * @param millis the time; ids ascend across restarts if it does
     */
    TimeOrderedIds(LongSupplier millis) {
        this.millis = millis;
    }

    /** The next id. */
    synchronized String next() {
        String fresh = text(millis.getAsLong() << HIGH_BITS | random.nextInt(1 << HIGH_BITS), random.nextLong());
        boolean later = newest.isEmpty() || time(fresh).compareTo(time(newest)) > 0;
        newest = later ? fresh : after(newest);
        return newest;
    }

    /** The id that follows an id directly. */
    static String after(String id) {
        char[] text = id.toCharArray();
        int i = LENGTH - 1;
        while (i > 0 && text[i] == DIGITS[31]) {
            text[i--] = DIGITS[0];
        }
        text[i] = DIGITS[Arrays.binarySearch(DIGITS, text[i]) + 1];
        return new String(text);
    }

    private static String time(String id) {
        return id.substring(0, TIME_LENGTH);
    }

    private static String text(long high, long low) {
        char[] text = new char[LENGTH];
        long upper = high;
        long lower = low;
        for (int i = LENGTH - 1; i >= 0; i--) {
            text[i] = DIGITS[(int) (lower & 31)];
            lower = (lower >>> 5) | (upper << 59);
            upper >>>= 5;
        }
        return new String(text);
    }
}
