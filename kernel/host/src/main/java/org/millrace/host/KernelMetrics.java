package org.millrace.host;

import java.util.Map;
import java.util.function.LongSupplier;
import java.util.function.ToLongFunction;
import org.millrace.host.metrics.MetricRegistry;
import org.millrace.store.StoreStatus;

/** What the host counts of its own: how far the journal is, how full the store's queues are, and how far fan-out lags. */
final class KernelMetrics {
    private final Kernel kernel;
    private final MetricRegistry metrics;

    private KernelMetrics(Kernel kernel, MetricRegistry metrics) {
        this.kernel = kernel;
        this.metrics = metrics;
    }

    /** Adds the metrics, which last as long as the host. */
    static void add(Kernel kernel, MetricRegistry metrics) {
        KernelMetrics all = new KernelMetrics(kernel, metrics);
        all.gauge("journal_published_seq", "The newest change subscribers see.", kernel.journal()::publishedSeq);
        all.gauge("journal_first_seq", "The oldest change kept.", kernel.journal()::firstSeq);
        all.store("store_queued_requests", "Writes that wait for the writer.", StoreStatus::queuedRequests);
        all.store("store_queued_bytes", "What the waiting writes weigh.", StoreStatus::queuedBytes);
        all.store("store_overlay_records", "Changed records not yet in the store's file.", StoreStatus::overlayEntries);
        all.store("store_overlay_bytes", "What these records weigh.", StoreStatus::overlayBytes);
        all.gauge(
                "store_records",
                "Records in the store's file, the system's own included.",
                kernel.store()::recordsOnDisk);
        all.store("store_used_bytes", "How much of the store's map is used.", StoreStatus::diskUsedBytes);
        all.store("store_map_bytes", "The size of the store's map.", StoreStatus::diskMapBytes);
        all.store(
                "store_writable", "1 while writes are taken.", s -> s.refusal().isEmpty() ? 1 : 0);
        all.gauge(
                "subscriptions",
                "Open subscriptions.",
                () -> kernel.subscriptions().size());
        all.gauge(
                "subscriptions_lag_changes",
                "Published changes that were not yet handed to subscribers.",
                kernel.subscriptions()::lag);
    }

    private void store(String name, String doc, ToLongFunction<StoreStatus> value) {
        gauge(name, doc, () -> value.applyAsLong(kernel.store().status()));
    }

    private void gauge(String name, String doc, LongSupplier value) {
        var _ = metrics.gauge("millrace_" + name, doc, Map.of(), value);
    }
}
