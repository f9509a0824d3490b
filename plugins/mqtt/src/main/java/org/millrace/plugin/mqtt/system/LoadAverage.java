package org.millrace.plugin.mqtt.system;

import java.util.Locale;

/**
 * How fast a count grows, per minute, as moving averages over 1, 5 and 15 minutes: each sample weighs less the older it
 * is. Used by one thread.
 */
final class LoadAverage {
    private static final int[] MINUTES = {1, 5, 15};

    private final String topic;
    private final double[] averages = new double[MINUTES.length];
    private long last;

    /** Starts at zero. */
    LoadAverage(String topic) {
        this.topic = topic;
    }

    /** Takes the count some seconds after the sample before. */
    void sample(long count, double seconds) {
        double perMinute = (count - last) * 60 / seconds;
        last = count;
        for (int i = 0; i < MINUTES.length; i++) {
            double kept = Math.exp(-seconds / (60.0 * MINUTES[i]));
            averages[i] = perMinute + kept * (averages[i] - perMinute);
        }
    }

    void show(Readings to) {
        for (int i = 0; i < MINUTES.length; i++) {
            to.show("load/" + topic + "/" + MINUTES[i] + "min", String.format(Locale.ROOT, "%.2f", averages[i]));
        }
    }
}
