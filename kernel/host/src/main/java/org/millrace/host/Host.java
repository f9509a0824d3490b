package org.millrace.host;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.millrace.host.cli.RunningHost;
import org.millrace.host.config.Configuration;
import org.millrace.host.config.HostConfig;
import org.millrace.host.control.ControlSocket;
import org.millrace.host.control.Operation;
import org.millrace.host.extension.ExtensionRegistry;
import org.millrace.host.extension.TaughtFormats;
import org.millrace.host.identity.Access;
import org.millrace.host.identity.Authenticators;
import org.millrace.host.identity.HostAuthenticator;
import org.millrace.host.metrics.MetricRegistry;
import org.millrace.host.operation.PluginOperation;
import org.millrace.host.plugin.PluginHost;
import org.millrace.host.plugin.PluginHostException;
import org.millrace.host.plugin.PluginHostOptions;
import org.millrace.host.plugin.PluginReport;
import org.millrace.host.plugin.PluginState;
import org.millrace.host.resources.CursorPins;
import org.millrace.host.resources.InternalRecords;
import org.millrace.host.resources.ResourceTree;
import org.millrace.host.transport.BindRule;
import org.millrace.host.transport.EventLoops;
import org.millrace.host.transport.Listeners;
import org.millrace.host.transport.SharedPort;
import org.millrace.host.transport.UnreadBytes;
import org.millrace.spi.content.ContentFormat;
import org.millrace.spi.identity.Authenticator;
import org.millrace.spi.plugin.Plugin;
import org.millrace.spi.resource.CustomResource;
import org.millrace.spi.transport.TransportExtensions;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A running host: the records, and the plugins that serve them. Start one with {@link #start} or, with plugins that are
 * already loaded, with a {@link #builder}. Safe for use by any thread; starting and closing block.
 */
public final class Host implements RunningHost {
    private static final Logger log = LoggerFactory.getLogger(Host.class);

    private final HostConfig config;
    private final OpenParts parts;
    private final Listeners listeners;
    private final MetricRegistry metrics;
    private final PluginHost plugins;
    private final AtomicBoolean closing = new AtomicBoolean();

    private Host(HostConfig config, OpenParts parts, Listeners listeners, MetricRegistry metrics, PluginHost plugins) {
        this.config = config;
        this.parts = parts;
        this.listeners = listeners;
        this.metrics = metrics;
        this.plugins = plugins;
    }

    /**
     * Starts a host with the plugins of its plugins directory. When this throws, nothing is left open.
     *
     * @param configuration what was configured
     * @return the host, which serves
     * @throws org.millrace.spi.plugin.ConfigurationException if a part found its configuration unusable
     * @throws Exception why the host cannot start; the message is what the operator reads
     */
    public static Host start(Configuration configuration) throws Exception {
        return builder(configuration).start();
    }

    /**
     * Prepares a host.
     *
     * @param configuration what was configured
     * @return a builder without plugins of its own
     */
    public static Builder builder(Configuration configuration) {
        return new Builder(configuration);
    }

    /** Collects what a host is started with. Used by one thread. */
    public static final class Builder {
        private final Configuration configuration;
        private final Map<String, Plugin> embedded = new LinkedHashMap<>();
        private Clock clock = Clock.systemUTC();

        private Builder(Configuration configuration) {
            this.configuration = configuration;
        }

        /**
         * Adds a plugin that is already loaded, for programs that embed a host. It starts before those of the plugins
         * directory, in the order it was added, and the host does not start without it.
         *
         * @param id its id
         * @param plugin not started yet
         * @return this builder
         */
        public Builder plugin(String id, Plugin plugin) {
            if (Configuration.isHostKey(id) || embedded.putIfAbsent(id, plugin) != null) {
                throw new IllegalArgumentException("plugin id " + id + " is taken");
            }
            return this;
        }

        /**
         * Sets the time.
         *
         * @param value a test's clock
         * @return this builder
         */
        public Builder clock(Clock value) {
            this.clock = value;
            return this;
        }

        /**
         * Starts the host.
         *
         * @return the host, which serves
         * @throws Exception as {@link Host#start}
         */
        public Host start() throws Exception {
            OpenParts parts = new OpenParts();
            try {
                return assemble(parts);
            } catch (Exception | Error e) {
                parts.close();
                throw e;
            }
        }

        private Host assemble(OpenParts parts) throws Exception {
            long began = System.nanoTime();
            HostConfig config = configuration.host();
            Access access = Access.of(config.auth());
            BindRule bindRule = new BindRule(
                    config.bind(), access.isConfigured() && !access.allowAnonymous(), access.allowAnonymous());
            bindRule.checkDefaultAddress();
            log.info(
                    "Millrace {} starts with data in {}",
                    SystemReport.version(),
                    config.data().toAbsolutePath());
            OpenTree open = OpenTree.open(config, clock, parts);
            EventLoops loops = open.loops();
            Kernel kernel = open.kernel();
            ResourceTree tree = open.tree();
            ExtensionRegistry extensions = new ExtensionRegistry();
            parts.add("custom resources", extensions.plugin("host")).consume(CustomResource.POINT, tree.custom());
            InternalRecords internal = new InternalRecords(tree, HostServices.COMPLETIONS);
            MetricRegistry metrics = new MetricRegistry();
            KernelMetrics.add(kernel, metrics);
            Listeners listeners = new Listeners(
                    loops,
                    bindRule,
                    metrics,
                    UnreadBytes.limitedTo(config.limits().unread().bytes()));
            Authenticators authenticators = new Authenticators(
                    parts.add(
                            "logins", new HostAuthenticator(access.users(), access.tokens(), access.allowAnonymous())),
                    config.plugins().resourceTimeout());
            parts.add("authenticators", extensions.plugin("host")).consume(Authenticator.POINT, authenticators);
            parts.add("content formats", extensions.plugin("host"))
                    .consume(ContentFormat.POINT, new TaughtFormats(kernel.formats()));
            CursorPins cursors = CursorPins.load(kernel.journal(), internal);
            Cluster cluster = Cluster.start(config.cluster(), open, cursors, clock, parts);
            HostServices services = new HostServices(
                    configuration,
                    kernel,
                    tree,
                    internal,
                    cursors,
                    cluster,
                    listeners,
                    authenticators,
                    access.control(),
                    extensions,
                    metrics,
                    clock);

            PluginHost plugins = new PluginHost(
                    options(config),
                    configuration,
                    (plugin, classes) -> new HostScope(plugin.id(), classes, services),
                    id -> tree.passSystem(org.millrace.spi.resource.Path.of(SystemReport.PLUGINS + id)));
            kernel.opening().close();
            cluster.addTo(open, metrics, clock, parts);
            new SystemReport(
                            kernel,
                            services.cursors(),
                            metrics,
                            clock,
                            plugins::reports,
                            extensions::unused,
                            listeners::of)
                    .addTo(open.system());
            for (Map.Entry<String, Plugin> plugin : embedded.entrySet()) {
                EmbeddedPlugin.start(plugin.getKey(), plugin.getValue(), services, parts);
            }
            SharedPort shared = new SharedPort(config.shared().listener().handshakeTimeout());
            if (config.shared().isOn()) {
                parts.add("the shared port's protocols", extensions.plugin("host"))
                        .consume(TransportExtensions.STREAM_PROTOCOL, shared);
            }
            parts.add("plugins", plugins);
            parts.add(
                    "the control socket",
                    ControlSocket.open(
                            config.data(),
                            operations(
                                    open.operations(clock), new PluginOperation(plugins, extensions::unused), cluster),
                            config.limits().content().toIntSaturated()));
            plugins.start();
            if (config.shared().isOn()) {
                parts.add(
                        "the shared port",
                        listeners.openShared(
                                config.shared().listener(), config.shared().plainBesideTls(), shared));
            }
            Host host = new Host(config, parts, listeners, metrics, plugins);
            host.reportStart(embedded.size(), (System.nanoTime() - began) / 1_000_000);
            return host;
        }

        private static List<Operation> operations(List<Operation> onData, Operation... others) {
            List<Operation> all = new ArrayList<>(onData);
            all.addAll(List.of(others));
            return all;
        }

        private static PluginHostOptions options(HostConfig config) {
            Path staging = config.data().resolve("staging");
            return new PluginHostOptions(
                    config.plugins().directory(),
                    staging,
                    config.plugins().startTimeout(),
                    config.plugins().stopTimeout(),
                    config.plugins().scanInterval());
        }
    }

    private void reportStart(int embedded, long millis) throws PluginHostException {
        long running = embedded
                + plugins.reports().stream()
                        .filter(report -> report.state() == PluginState.STARTED)
                        .count();
        List<String> failed = plugins.reports().stream()
                .filter(report -> report.state() == PluginState.FAILED)
                .map(PluginReport::id)
                .toList();
        if (running == 0 && !failed.isEmpty()) {
            throw new PluginHostException("no plugin could be started, so the host would serve nobody: "
                    + String.join(", ", failed) + " failed. The log says why");
        }
        boolean disabled = plugins.reports().stream().anyMatch(report -> report.state() == PluginState.DISABLED);
        if (running == 0 && disabled) {
            log.warn("No plugin runs, for all are disabled: the host serves nobody");
        }
        log.info(
                "Millrace started in {} ms: {} plugin(s), {} listener(s)",
                millis,
                running,
                listeners.open().size());
    }

    @Override
    public SequencedMap<String, InetSocketAddress> listeners() {
        SequencedMap<String, InetSocketAddress> all = new LinkedHashMap<>();
        listeners.open().forEach(listener -> all.put(listener.name(), listener.address()));
        return all;
    }

    /**
     * The plugins of the plugins directory.
     *
     * @return also those that failed or are disabled
     */
    public List<PluginReport> plugins() {
        return plugins.reports();
    }

    /**
     * What the host and its plugins have counted.
     *
     * @return in the format of {@link MetricRegistry#MEDIA_TYPE}
     */
    public String metrics() {
        return metrics.text();
    }

    @Override
    public void close() {
        if (!closing.compareAndSet(false, true)) {
            return;
        }
        log.info("Millrace stops");
        Thread closer = Thread.ofPlatform().name("millrace-shutdown").daemon().start(parts::close);
        boolean done = false;
        try {
            done = closer.join(config.shutdownTimeout());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (done) {
            log.info("Millrace stopped; everything is on disk");
        } else {
            log.warn(
                    "Millrace did not stop within {}: {} is still being closed. What was acknowledged is on disk; raise"
                            + " shutdown-timeout if this happens under load",
                    config.shutdownTimeout(),
                    parts.closing());
        }
    }
}
