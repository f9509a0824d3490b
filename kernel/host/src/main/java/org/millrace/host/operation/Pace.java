package org.millrace.host.operation;

import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.millrace.host.control.Operation;

/** Tells an operator how far something has come, every two seconds and not more often. Used by one thread. */
final class Pace {
    private static final long PERIOD = TimeUnit.SECONDS.toNanos(2);

    private final Operation.Exchange exchange;
    private long next = System.nanoTime() + PERIOD;

    Pace(Operation.Exchange exchange) {
        this.exchange = exchange;
    }

    /** What is said if it is time. */
    @FunctionalInterface
    interface Line {
        String text();
    }

    void at(Line line) throws IOException {
        long now = System.nanoTime();
        if (now - next >= 0) {
            next = now + PERIOD;
            exchange.progress(line.text());
        }
    }

    static String mebibytes(long bytes) {
        return (bytes + (1 << 19) >> 20) + " MiB";
    }

    static String of(long done, long total) {
        return mebibytes(done) + " of " + mebibytes(total) + (total > 0 ? " (" + 100 * done / total + " %)" : "");
    }
}
