package org.millrace.host.transport;

import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import org.millrace.host.metrics.MetricRegistry;
import org.millrace.spi.plugin.Registration;

/** How many datagrams a listener took, sent and dropped. Safe for use by any thread. */
final class DatagramCount {
    final LongAdder received = new LongAdder();
    final LongAdder sent = new LongAdder();
    final LongAdder tooLarge = new LongAdder();
    final LongAdder unsent = new LongAdder();
    final LongAdder failed = new LongAdder();

    /** Shows the figures of a listener as metrics. */
    List<Registration> gauges(String listener, MetricRegistry metrics) {
        Map<String, String> labels = Map.of("listener", listener);
        return List.of(
                metrics.gauge(
                        "millrace_listener_received_datagrams",
                        "Datagrams received since the listener was opened.",
                        labels,
                        received::sum),
                metrics.gauge(
                        "millrace_listener_sent_datagrams",
                        "Datagrams sent since the listener was opened.",
                        labels,
                        sent::sum),
                dropped(listener, "too-large", tooLarge, metrics),
                dropped(listener, "unsent", unsent, metrics),
                dropped(listener, "failed", failed, metrics));
    }

    private static Registration dropped(String listener, String why, LongAdder count, MetricRegistry metrics) {
        return metrics.gauge(
                "millrace_listener_dropped_datagrams",
                "Datagrams dropped: too large to be taken, beyond what may wait to be sent, or failed in the plugin.",
                Map.of("listener", listener, "reason", why),
                count::sum);
    }
}
