package org.millrace.plugin.mqtt.system;

import java.util.concurrent.atomic.LongAdder;
import org.millrace.spi.plugin.Metrics;

/** A counter of the host's metrics that can be read back. Safe for use by any thread. */
public final class Tally implements Metrics.Counter {
    private final Metrics.Counter metric;
    private final LongAdder sum = new LongAdder();

    /**
     * Starts at zero.
     *
     * @param metric counts the same
     */
    public Tally(Metrics.Counter metric) {
        this.metric = metric;
    }

    @Override
    public void add(long n) {
        sum.add(n);
        metric.add(n);
    }

    long sum() {
        return sum.sum();
    }
}
