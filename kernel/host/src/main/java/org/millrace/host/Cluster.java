package org.millrace.host;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;
import org.millrace.content.Value;
import org.millrace.host.config.ClusterConfig;
import org.millrace.host.control.Operation;
import org.millrace.host.metrics.MetricRegistry;
import org.millrace.host.operation.ClusterText;
import org.millrace.host.resources.CursorPins;
import org.millrace.host.resources.SystemResources;
import org.millrace.host.transport.ClientTls;
import org.millrace.replication.ClusterOptions;
import org.millrace.replication.ClusterStatus;
import org.millrace.replication.LocalEvents;
import org.millrace.replication.Replicator;
import org.millrace.spi.content.MediaType;
import org.millrace.spi.resource.Change;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.Path;
import org.millrace.spi.resource.ResourceException;
import org.millrace.spi.resource.Write;
import org.millrace.spi.resource.WriteOptions;
import org.millrace.subscription.SubscriptionEngine;

/** This host among others: starts replication where it is configured, and says how it is doing. Any thread. */
final class Cluster implements Operation {
    /** So many hashes of tables are shown. */
    private static final int MOST_TABLES = 1_000;

    private final Kernel kernel;
    private final @Nullable Replicator replicator;

    private Cluster(Kernel kernel, @Nullable Replicator replicator) {
        this.kernel = kernel;
        this.replicator = replicator;
    }

    /**
     * Starts replication, if it is on. Does not wait for NATS.
     *
     * @throws org.millrace.spi.plugin.ConfigurationException if it cannot work as configured
     */
    static Cluster start(ClusterConfig config, OpenTree open, CursorPins pins, Clock clock, OpenParts parts) {
        Kernel kernel = open.kernel();
        if (!config.isOn()) {
            return new Cluster(kernel, null);
        }
        ClusterOptions.Tls tls = () -> ClientTls.read(
                "cluster",
                config.certificate().toString(),
                config.key().toString(),
                config.authorities().toString());
        if (config.isEncrypted()) {
            // What cannot be used now is said now; what is renewed later is read then.
            var _ = tls.context();
        }
        Replicator replicator = parts.add(
                "replication",
                Replicator.start(
                        config.options(kernel.journal().node(), tls),
                        kernel.journal(),
                        kernel.store(),
                        kernel.formats(),
                        clock,
                        new Listeners(kernel.subscriptions()),
                        pins::lowest,
                        open.tables()::replicated));
        open.tree().beyond(replicator::publishTransient);
        pins.cursorsFromElsewhere(replicator::here);
        kernel.subscriptions()
                .cursorsFromElsewhere(foreign -> replicator
                        .here(foreign)
                        .orElseThrow(() -> new ResourceException(
                                ErrorCode.EXPIRED_CURSOR,
                                "cursor " + foreign
                                        + " is of another node, and this one does not know where that was. Start with"
                                        + " the current state")));
        return new Cluster(kernel, replicator);
    }

    /** What a plugin sees of the other nodes. */
    PluginCluster plugin(String pluginId) {
        return new PluginCluster(pluginId, replicator);
    }

    /** This host's subscribers. */
    private record Listeners(SubscriptionEngine engine) implements LocalEvents {
        @Override
        public Optional<Set<String>> tables(int most) {
            return engine.tables(most);
        }

        @Override
        public void deliver(Change event) {
            engine.publishTransient(event);
        }
    }

    void addTo(OpenTree open, MetricRegistry metrics, Clock clock, OpenParts parts) {
        SystemResources system = open.system();
        system.add("$sys/cluster", this::value);
        Replicator on = replicator;
        if (on == null) {
            return;
        }
        ClusterAlerts alerts = parts.add(
                "alerts",
                new ClusterAlerts(
                        () -> on.status().alerts(),
                        (path, value) -> open.tree()
                                .publishTransient(
                                        new Write.Publish(
                                                Path.of(path),
                                                kernel.formats().write(MediaType.JSON, value),
                                                WriteOptions.DEFAULT),
                                        ""),
                        clock));
        system.addFollowedFolder(ClusterAlerts.FOLDER, alerts::values);
        alerts.start();
        gauge(
                metrics,
                "connected",
                "1 while this node sends and receives.",
                on,
                status -> status.state() == ClusterStatus.State.RUNNING ? 1 : 0);
        gauge(
                metrics,
                "unsent_changes",
                "Places of the journal not yet known to be in the stream.",
                on,
                ClusterStatus::unsent);
        gauge(metrics, "unread_messages", "Messages of the stream this node has not read.", on, ClusterStatus::unread);
        gauge(
                metrics,
                "repaired_records",
                "Records and removals taken over because a comparison found differences.",
                on,
                ClusterStatus::repaired);
        gauge(
                metrics,
                "passed_events",
                "Events kept nowhere that other nodes have sent since the start.",
                on,
                ClusterStatus::passedEvents);
        gauge(
                metrics,
                "lost_events",
                "Events kept nowhere that other nodes wanted and could not be sent at once.",
                on,
                ClusterStatus::lostEvents);
        gauge(
                metrics,
                "applied_changes",
                "Changes of other nodes taken over since the start.",
                on,
                ClusterStatus::applied);
        gauge(
                metrics,
                "superseded_changes",
                "Changes of other nodes that lost against a later version since the start.",
                on,
                ClusterStatus::superseded);
        gauge(
                metrics,
                "merged_changes",
                "Changes of other nodes put together with what was here since the start.",
                on,
                ClusterStatus::merged);
        gauge(
                metrics,
                "behind_milliseconds",
                "How old the oldest of the last changes applied is, of origins that have later" + " ones.",
                on,
                status -> status.origins().stream()
                        .mapToLong(ClusterStatus.Origin::behindMillis)
                        .max()
                        .orElse(0));
        gauge(
                metrics,
                "alerts",
                "What the operator should look at.",
                on,
                status -> status.alerts().size());
    }

    private static void gauge(
            MetricRegistry metrics, String name, String doc, Replicator on, ToLongFunction<ClusterStatus> value) {
        var _ = metrics.gauge("millrace_cluster_" + name, doc, Map.of(), () -> value.applyAsLong(on.status()));
    }

    private Value value() {
        Map<String, Value> cluster = new LinkedHashMap<>();
        cluster.put("nodeId", text(Long.toHexString(kernel.journal().node())));
        Replicator on = replicator;
        if (on == null) {
            cluster.put("state", text("off"));
            return new Value.Struct(cluster);
        }
        ClusterStatus status = on.status();
        cluster.put("state", text(status.state().name().toLowerCase(Locale.ROOT)));
        if (!status.detail().isEmpty()) {
            cluster.put("detail", text(status.detail()));
        }
        cluster.put("cluster", text(status.cluster()));
        cluster.put("node", text(status.node()));
        cluster.put("unsentChanges", number(status.unsent()));
        cluster.put("sentMessages", number(status.sent()));
        cluster.put("appliedChanges", number(status.applied()));
        cluster.put("supersededChanges", number(status.superseded()));
        cluster.put("mergedChanges", number(status.merged()));
        cluster.put("unreadMessages", number(status.unread()));
        cluster.put("passedEvents", number(status.passedEvents()));
        cluster.put("lostEvents", number(status.lostEvents()));
        cluster.put("repairedRecords", number(status.repaired()));
        if (status.summedAt() > 0) {
            cluster.put("summedAt", text(Instant.ofEpochMilli(status.summedAt()).toString()));
            cluster.put("hash", text(Long.toHexString(status.hash())));
            Map<String, Value> tables = new LinkedHashMap<>();
            status.tableHashes().entrySet().stream()
                    .limit(MOST_TABLES)
                    .forEach(table -> tables.put(table.getKey(), text(Long.toHexString(table.getValue()))));
            cluster.put("tableHashes", new Value.Struct(tables));
        }
        List<Value> nodes = new ArrayList<>();
        for (ClusterStatus.Origin origin : status.origins()) {
            Map<String, Value> node = new LinkedHashMap<>();
            node.put("nodeId", text(Long.toHexString(origin.nodeId())));
            node.put("node", text(origin.name()));
            node.put("present", new Value.Bool(origin.present()));
            node.put("appliedSeq", number(origin.applied()));
            node.put("behindChanges", number(origin.behindChanges()));
            node.put("behindMillis", number(origin.behindMillis()));
            node.put("waiting", text(origin.waiting()));
            nodes.add(new Value.Struct(node));
        }
        cluster.put("nodes", new Value.Array(nodes));
        cluster.put(
                "alerts",
                new Value.Array(status.alerts().stream().map(Cluster::text).toList()));
        return new Value.Struct(cluster);
    }

    private static Value text(String text) {
        return new Value.Text(text);
    }

    private static Value number(long number) {
        return new Value.Whole(number);
    }

    @Override
    public String name() {
        return ClusterText.OPERATION;
    }

    /** Gives the status as lines for people. */
    @Override
    public Map<String, String> run(Map<String, String> arguments, Exchange exchange) throws IOException {
        Replicator on = replicator;
        ClusterStatus status = on == null ? null : on.status();
        for (String line : ClusterText.of(status)) {
            exchange.output(line.replace('\n', ' ').getBytes(StandardCharsets.UTF_8));
        }
        boolean well = status == null
                || status.state() == ClusterStatus.State.RUNNING
                        && status.alerts().isEmpty();
        return Map.of(ClusterText.WELL, Boolean.toString(well));
    }
}
