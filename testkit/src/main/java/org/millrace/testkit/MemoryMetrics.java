package org.millrace.testkit;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import org.millrace.spi.plugin.Metrics;
import org.millrace.spi.plugin.Registration;

/** Counters and gauges a test can read back. */
final class MemoryMetrics implements Metrics {
    private final Map<String, LongAdder> counters = new ConcurrentHashMap<>();
    private final Map<String, LongSupplier> gauges = new ConcurrentHashMap<>();

    @Override
    public Counter counter(String name, String doc) {
        return counters.computeIfAbsent(name, n -> new LongAdder())::add;
    }

    @Override
    public Registration gauge(String name, String doc, LongSupplier value) {
        gauges.put(name, value);
        return () -> gauges.remove(name, value);
    }

    long value(String name) {
        LongAdder counter = counters.get(name);
        LongSupplier gauge = gauges.get(name);
        if (counter != null) {
            return counter.sum();
        }
        if (gauge != null) {
            return gauge.getAsLong();
        }
        throw new IllegalArgumentException(
                "no metric " + name + "; there are " + counters.keySet() + " and " + gauges.keySet());
    }
}
