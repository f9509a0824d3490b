package org.millrace.store;

import java.time.Instant;
import org.millrace.spi.resource.WriteOptions;

/** Times of expiry as the store keeps them: whole milliseconds, so that memory, journal and disk say the same. */
final class Expiry {
    /** Stands for {@link WriteOptions#NEVER}. */
    static final long NEVER = Long.MAX_VALUE;

    private Expiry() {}

    /** Milliseconds since the epoch; {@link #NEVER} for what lies beyond their range. */
    static long millis(Instant instant) {
        if (instant == WriteOptions.NEVER) {
            return NEVER;
        }
        try {
            return instant.toEpochMilli();
        } catch (ArithmeticException e) {
            return instant.isBefore(Instant.EPOCH) ? Long.MIN_VALUE : NEVER;
        }
    }

    static Instant instant(long millis) {
        return millis == NEVER ? WriteOptions.NEVER : Instant.ofEpochMilli(millis);
    }

    /** The instant as it is kept; the very {@link WriteOptions#NEVER} for never. */
    static Instant kept(Instant instant) {
        return instant(millis(instant));
    }
}
