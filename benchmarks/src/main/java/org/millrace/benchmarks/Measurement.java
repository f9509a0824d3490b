package org.millrace.benchmarks;

import org.HdrHistogram.Histogram;

/** What a loop saw: answers, their latencies, and the time it took. Written by the loop's thread, read afterwards. */
final class Measurement {
    private static final long HIGHEST_NANOS = 60_000_000_000L;

    private final Histogram latencies = new Histogram(HIGHEST_NANOS, 3);
    private long nanos;

    /** Counts an answer to something sent at that time. */
    void answered(long sentAtNanos) {
        latencies.recordValue(Math.clamp(System.nanoTime() - sentAtNanos, 1, HIGHEST_NANOS));
    }

    void finish(long elapsedNanos) {
        nanos = elapsedNanos;
    }

    long answers() {
        return latencies.getTotalCount();
    }

    double perSecond() {
        return answers() * 1e9 / nanos;
    }

    double millisAt(double percentile) {
        return latencies.getValueAtPercentile(percentile) / 1e6;
    }
}
