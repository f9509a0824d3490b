package org.millrace.host.metrics;

import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import org.millrace.host.scope.Registrations;
import org.millrace.spi.plugin.Metrics;
import org.millrace.spi.plugin.Registration;

/** One plugin's metrics, named {@code millrace_<plugin id>_...} with hyphens as underscores. */
public final class PluginMetrics implements Metrics, AutoCloseable {
    private final MetricRegistry registry;
    private final String prefix;
    private final Registrations gauges;
    private final Set<String> counters = ConcurrentHashMap.newKeySet();

    /**
     * Opens a plugin's share.
     *
     * @param registry the host's
     * @param pluginId the plugin
     */
    public PluginMetrics(MetricRegistry registry, String pluginId) {
        this.registry = registry;
        this.prefix = "millrace_" + pluginId.replace('-', '_') + '_';
        this.gauges = new Registrations(pluginId);
    }

    @Override
    public Counter counter(String name, String doc) {
        gauges.requireOpen();
        Counter counter = registry.counter(prefix + name, doc, Map.of());
        counters.add(prefix + name);
        return counter;
    }

    @Override
    public Registration gauge(String name, String doc, LongSupplier value) {
        return gauges.register(() -> registry.gauge(prefix + name, doc, Map.of(), value));
    }

    /** Removes the plugin's metrics. Further calls do nothing. */
    @Override
    public void close() {
        gauges.close();
        counters.forEach(name -> registry.removeCounter(name, Map.of()));
        counters.clear();
    }
}
