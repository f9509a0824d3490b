package org.millrace.host.transport;

import io.netty.channel.Channel;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import org.millrace.host.metrics.MetricRegistry;
import org.millrace.spi.plugin.Registration;

/** How many connections of a listener are open, were accepted and were refused. Safe for use by any thread. */
final class ConnectionCount {
    private final int limit;
    private final AtomicInteger open = new AtomicInteger();
    private final LongAdder accepted = new LongAdder();
    private final LongAdder refused = new LongAdder();

    ConnectionCount(int limit) {
        this.limit = limit;
    }

    /** Counts a connection until it closes, or says that there are enough. */
    boolean tryAdd(Channel connection) {
        if (open.incrementAndGet() > limit) {
            open.decrementAndGet();
            refused.increment();
            return false;
        }
        accepted.increment();
        connection.closeFuture().addListener(closed -> open.decrementAndGet());
        return true;
    }

    /** Counts a connection that was refused for another reason. */
    void refuse() {
        refused.increment();
    }

    int limit() {
        return limit;
    }

    int open() {
        return open.get();
    }

    long accepted() {
        return accepted.sum();
    }

    long refused() {
        return refused.sum();
    }

    /** Shows the figures of a listener as metrics. */
    List<Registration> gauges(String listener, MetricRegistry metrics) {
        Map<String, String> labels = Map.of("listener", listener);
        return List.of(
                metrics.gauge("millrace_listener_connections", "Open connections.", labels, this::open),
                metrics.gauge(
                        "millrace_listener_accepted_connections",
                        "Connections accepted since the listener was opened.",
                        labels,
                        this::accepted),
                metrics.gauge(
                        "millrace_listener_refused_connections",
                        "Connections closed at once because the limit was reached.",
                        labels,
                        this::refused));
    }
}
