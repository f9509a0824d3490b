package org.millrace.store;

import java.time.Duration;
import org.millrace.store.kv.Kv;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reports reads of the records on disk that go on for too long: while one does, no page freed since can be used again,
 * and the file grows with every commit. Such a read cannot be ended from outside; the report says where it is. Used by
 * the applier's thread.
 */
final class ReaderWatch {
    private static final Logger LOG = LoggerFactory.getLogger(ReaderWatch.class);
    private static final long PERIOD_NANOS = 1_000_000_000L;

    private final Kv kv;
    private final Duration age;
    private final long periodNanos;
    private long nextNanos = System.nanoTime();

    ReaderWatch(Kv kv, Duration age) {
        this.kv = kv;
        this.age = age;
        this.periodNanos = Math.min(PERIOD_NANOS, age.toNanos() / 4);
    }

    /** Looks, if it is time to. */
    void tick() {
        long now = System.nanoTime();
        if (now - nextNanos < 0) {
            return;
        }
        nextNanos = now + periodNanos;
        for (Kv.OldReader old : kv.oldReaders(age)) {
            LOG.warn(
                    "{} has been reading the records on disk for more than {} s; until it ends, freed space is not used"
                            + " again and the file grows. If this goes on, restart the host and report it: {}",
                    old.reader(),
                    old.seconds(),
                    old.doing());
        }
    }
}
