package org.millrace.host;

import io.netty.util.NetUtil;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Supplier;
import org.millrace.content.Value;
import org.millrace.host.metrics.MetricRegistry;
import org.millrace.host.plugin.PluginReport;
import org.millrace.host.plugin.PluginState;
import org.millrace.host.resources.CursorPins;
import org.millrace.host.resources.SystemResources;
import org.millrace.journal.RingUsage;
import org.millrace.spi.content.Content;
import org.millrace.spi.content.MediaType;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.ResourceException;
import org.millrace.spi.transport.Listener;
import org.millrace.store.StoreStatus;

/** What a host says of itself below {@code $sys/}. Safe for use by any thread. */
final class SystemReport {
    /** Where plugins are told of. */
    static final String PLUGINS = "$sys/plugins/";

    private final Kernel kernel;
    private final MetricRegistry metrics;
    private final Clock clock;
    private final Instant started;
    private final Supplier<List<PluginReport>> plugins;
    private final Supplier<Map<String, List<String>>> unusedOffers;
    private final CursorPins cursors;
    private final Function<String, List<Listener>> listeners;

    SystemReport(
            Kernel kernel,
            CursorPins cursors,
            MetricRegistry metrics,
            Clock clock,
            Supplier<List<PluginReport>> plugins,
            Supplier<Map<String, List<String>>> unusedOffers,
            Function<String, List<Listener>> listeners) {
        this.listeners = listeners;
        this.cursors = cursors;
        this.kernel = kernel;
        this.metrics = metrics;
        this.clock = clock;
        this.started = clock.instant();
        this.plugins = plugins;
        this.unusedOffers = unusedOffers;
    }

    /** The version in the jar's manifest. */
    static String version() {
        return Optional.ofNullable(SystemReport.class.getPackage().getImplementationVersion())
                .orElse("development");
    }

    void addTo(SystemResources system) {
        system.add("$sys/health", this::health);
        system.add("$sys/version", () -> struct("version", text(version())));
        system.addUnlisted("$sys/health/live", () -> json(struct("status", text("up"))));
        system.addUnlisted("$sys/health/ready", this::ready);
        system.addUnlisted(
                "$sys/metrics",
                () -> kernel.formats().of(MediaType.TEXT, metrics.text().getBytes(StandardCharsets.UTF_8)));
        system.add("$sys/journal", this::journal);
        system.add("$sys/store", this::store);
        system.add("$sys/subscriptions", this::subscriptions);
        system.addFollowedFolder(PLUGINS, this::plugins);
    }

    /** For balancers: a host that refuses writes is alive, but not to be sent work. */
    private Content ready() {
        Optional<ResourceException> refusal = kernel.store().status().refusal();
        if (refusal.isPresent()) {
            throw new ResourceException(
                    ErrorCode.UNAVAILABLE,
                    "writes are refused: " + refusal.get().getMessage());
        }
        return json(struct("status", text("up")));
    }

    private Content json(Value value) {
        return kernel.formats().write(MediaType.JSON, value);
    }

    private Value health() {
        StoreStatus status = kernel.store().status();
        Optional<ResourceException> refusal = status.refusal();
        Map<String, Value> health = new LinkedHashMap<>();
        health.put("status", text(refusal.isEmpty() ? "up" : "read-only"));
        refusal.ifPresent(reason -> health.put("reason", text(String.valueOf(reason.getMessage()))));
        health.put("node", text(Long.toHexString(kernel.journal().node())));
        health.put(
                "uptimeSeconds",
                number(Duration.between(started, clock.instant()).toSeconds()));
        health.put("changes", number(kernel.journal().publishedSeq()));
        health.put("subscriptions", number(kernel.subscriptions().size()));
        health.put("queuedWrites", number(status.queuedRequests()));
        health.put("unappliedRecords", number(status.overlayEntries()));
        health.put("diskUsedBytes", number(status.diskUsedBytes()));
        return new Value.Struct(health);
    }

    private Value journal() {
        Map<String, Value> journal = new LinkedHashMap<>();
        journal.put("firstSeq", number(kernel.journal().firstSeq()));
        journal.put("publishedSeq", number(kernel.journal().publishedSeq()));
        journal.put("syncedSeq", number(kernel.journal().syncedSeq()));
        journal.put("cursors", number(cursors.count()));
        cursors.lowest().ifPresent(lowest -> journal.put("oldestCursor", number(lowest)));
        RingUsage ring = kernel.journal().ring();
        journal.put("ringFirstSeq", number(ring.firstSeq()));
        journal.put("ringChanges", number(ring.changes()));
        journal.put("ringCapacity", number(ring.capacity()));
        journal.put("ringBytes", number(ring.bytes()));
        journal.put("ringMaxBytes", number(ring.maxBytes()));
        return new Value.Struct(journal);
    }

    private Value store() {
        StoreStatus status = kernel.store().status();
        Map<String, Value> store = new LinkedHashMap<>();
        store.put("queuedWrites", number(status.queuedRequests()));
        store.put("queuedBytes", number(status.queuedBytes()));
        store.put("unappliedRecords", number(status.overlayEntries()));
        store.put("unappliedBytes", number(status.overlayBytes()));
        store.put("usedBytes", number(status.diskUsedBytes()));
        store.put("mapBytes", number(status.diskMapBytes()));
        store.put("saturated", new Value.Bool(kernel.store().isSaturated()));
        return new Value.Struct(store);
    }

    private Value subscriptions() {
        Map<String, Value> subscriptions = new LinkedHashMap<>();
        subscriptions.put("open", number(kernel.subscriptions().size()));
        subscriptions.put("lagChanges", number(kernel.subscriptions().lag()));
        subscriptions.put("lagging", new Value.Bool(kernel.subscriptions().isLagging()));
        return new Value.Struct(subscriptions);
    }

    private SortedMap<String, Value> plugins() {
        SortedMap<String, List<PluginReport>> byId = new TreeMap<>();
        for (PluginReport report : plugins.get()) {
            byId.computeIfAbsent(report.id(), _ -> new ArrayList<>()).add(report);
        }
        Map<String, List<String>> unused = unusedOffers.get();
        SortedMap<String, Value> all = new TreeMap<>();
        byId.forEach((id, reports) -> all.put(id, plugin(reports, unused.getOrDefault(id, List.of()))));
        return all;
    }

    /** Several jars may say to be one plugin: the one that runs is the plugin, the others are told of beside it. */
    private Value plugin(List<PluginReport> reports, List<String> unused) {
        PluginReport shown = reports.stream()
                .filter(report -> report.state() != PluginState.FAILED)
                .findFirst()
                .orElse(reports.getFirst());
        Map<String, Value> plugin = new LinkedHashMap<>();
        plugin.put("id", text(shown.id()));
        plugin.put("version", text(shown.version()));
        plugin.put("source", text(shown.source()));
        plugin.put("state", text(shown.state().name().toLowerCase(Locale.ROOT)));
        if (shown.failure() != null) {
            plugin.put("failure", text(shown.line()));
        }
        if (shown.rejected() != null) {
            plugin.put("rejected", text(shown.line()));
        }
        if (reports.size() > 1) {
            plugin.put(
                    "others",
                    texts(reports.stream()
                            .filter(report -> report != shown)
                            .map(PluginReport::line)
                            .toList()));
        }
        if (!unused.isEmpty()) {
            plugin.put("unused", texts(unused));
        }
        List<Listener> open = listeners.apply(shown.id());
        if (!open.isEmpty()) {
            plugin.put(
                    "listeners",
                    new Value.Array(open.stream().map(SystemReport::listener).toList()));
        }
        return new Value.Struct(plugin);
    }

    private static Value listener(Listener open) {
        Map<String, Value> listener = new LinkedHashMap<>();
        listener.put("name", text(open.name()));
        listener.put("address", text(NetUtil.toSocketAddressString(open.address())));
        listener.put("transport", text(open.takesDatagrams() ? "udp" : "tcp"));
        return new Value.Struct(listener);
    }

    private static Value struct(String name, Value value) {
        return new Value.Struct(Map.of(name, value));
    }

    private static Value texts(List<String> texts) {
        return new Value.Array(texts.stream().map(SystemReport::text).toList());
    }

    private static Value text(String text) {
        return new Value.Text(text);
    }

    private static Value number(long number) {
        return new Value.Whole(number);
    }
}
