/**
 * What the host and its plugins count.
 *
 * <p>A {@link org.millrace.host.metrics.MetricRegistry} holds counters and gauges and writes them as Prometheus text;
 * {@link org.millrace.host.metrics.PluginMetrics} is one plugin's share of it, under the plugin's prefix. Counting
 * costs an uncontended add; everything else happens when somebody reads.
 */
@NullMarked
package org.millrace.host.metrics;

import org.jspecify.annotations.NullMarked;
