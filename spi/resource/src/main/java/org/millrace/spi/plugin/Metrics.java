package org.millrace.spi.plugin;

import java.util.function.LongSupplier;

/**
 * A plugin's metrics, in the host's Prometheus text. Implemented by the host; safe for use by any thread. Asking twice
 * for one name gives the same metric.
 *
 * @since 0.1
 */
@ImplementedByHost
public interface Metrics {
    /**
     * A number that only grows.
     *
     * @param name lower case words parted by underscores; the host adds the plugin's prefix and {@code _total}
     * @param doc one sentence
     * @return the counter
     */
    Counter counter(String name, String doc);

    /**
     * A number that is read when asked for.
     *
     * @param name lower case words parted by underscores, with the unit last
     * @param doc one sentence
     * @param value called by any thread; must not block
     * @return closing it removes the gauge
     */
    Registration gauge(String name, String doc, LongSupplier value);

    /** A number that only grows. */
    @ImplementedByHost
    interface Counter {
        /** Adds one. */
        default void increment() {
            add(1);
        }

        /**
         * Adds.
         *
         * @param n at least 0
         */
        void add(long n);
    }
}
