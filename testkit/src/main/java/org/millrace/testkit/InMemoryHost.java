package org.millrace.testkit;

import java.net.InetSocketAddress;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Function;
import org.millrace.spi.content.ContentFormat;
import org.millrace.spi.content.Contents;
import org.millrace.spi.identity.Authenticator;
import org.millrace.spi.identity.ConnectionInfo;
import org.millrace.spi.identity.Identity;
import org.millrace.spi.plugin.Plugin;
import org.millrace.spi.plugin.PluginContext;
import org.millrace.spi.plugin.Registration;
import org.millrace.spi.resource.Caller;
import org.millrace.spi.resource.CustomResource;
import org.millrace.spi.resource.Entry;
import org.millrace.spi.resource.Path;
import org.millrace.spi.resource.Resources;
import org.millrace.spi.transport.Transport;

/**
 * A host for tests: everything a plugin asks of its {@link PluginContext}, in memory and on loopback. Nothing is
 * durable and nothing is bounded, so it is for tests only.
 *
 * <p>Methods may be called by any thread but an event loop. {@link #close} stops the plugins in the reverse order of
 * their start.
 */
public final class InMemoryHost implements AutoCloseable {
    /**
     * How a host differs from the usual.
     *
     * @param rules what it knows of formats
     * @param clock the time of versions and expiry
     * @param maxContentSize the largest content in bytes
     */
    public record Options(ContentRules rules, Clock clock, int maxContentSize) {
        /** JSON's syntax, the system's clock, contents up to 1 MiB. */
        public static final Options DEFAULT = new Options(ContentRules.PLAIN, Clock.systemUTC(), 1 << 20);

        /**
         * These options with other rules.
         *
         * @param value the rules
         * @return new options
         */
        public Options withRules(ContentRules value) {
            return new Options(value, clock, maxContentSize);
        }

        /**
         * These options with another clock.
         *
         * @param value the clock
         * @return new options
         */
        public Options withClock(Clock value) {
            return new Options(rules, value, maxContentSize);
        }

        /**
         * These options with another limit.
         *
         * @param bytes the largest content
         * @return new options
         */
        public Options withMaxContentSize(int bytes) {
            return new Options(rules, clock, bytes);
        }
    }

    private final Options options;
    private final MemoryContents contents;
    private final MemoryTree tree;
    private final Faults faults = new Faults();
    private final LoopbackTransport transport = new LoopbackTransport();
    private final MemoryExtensions extensions = new MemoryExtensions();
    private final MemoryCustomResources custom = new MemoryCustomResources();
    private final MemoryAuthenticator authenticator = new MemoryAuthenticator();
    private final Map<String, MemoryStore> stores = new ConcurrentHashMap<>();
    private final Map<String, MemoryMetrics> metrics = new ConcurrentHashMap<>();
    private final Map<String, Plugin> plugins = new LinkedHashMap<>();
    private final Registration uses;
    private final Registration authenticators;
    private final Registration formats;
    private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
    private final ScheduledExecutorService scheduler = Executors.newSingleThreadScheduledExecutor();

    private InMemoryHost(Options options) {
        this.options = options;
        this.contents = new MemoryContents(options.rules(), options.maxContentSize());
        this.tree = new MemoryTree(options.clock(), contents);
        this.uses = extensions.of("host").consume(CustomResource.POINT, custom);
        this.authenticators = extensions.of("host").consume(Authenticator.POINT, authenticator);
        this.formats = extensions.of("host").consume(ContentFormat.POINT, contents);
    }

    /**
     * Makes a host with the usual options.
     *
     * @return the host, to be closed
     */
    public static InMemoryHost create() {
        return create(Options.DEFAULT);
    }

    /**
     * Makes a host.
     *
     * @param options how it differs from the usual
     * @return the host, to be closed
     */
    public static InMemoryHost create(Options options) {
        return new InMemoryHost(options);
    }

    /**
     * Starts a plugin, as the host does after loading it.
     *
     * @param id the plugin's id
     * @param plugin the plugin
     * @param settings its section of the configuration: keys with dots for nested records, values as in the file
     * @throws Exception what the plugin's start throws
     */
    public synchronized void start(String id, Plugin plugin, Map<String, String> settings) throws Exception {
        plugins.put(id, plugin);
        plugin.start(context(id, settings));
    }

    /**
     * The context a plugin of this id gets.
     *
     * @param id the plugin's id
     * @param settings its section of the configuration
     * @return a context of this host
     */
    public PluginContext context(String id, Map<String, String> settings) {
        return new MemoryContext(this, id, Map.copyOf(settings));
    }

    /**
     * Stops a plugin. Its listeners and connections stay open until the host is closed, so that a test can see what
     * the plugin itself does on stop.
     *
     * @param id the plugin's id
     * @throws Exception what the plugin's stop throws
     */
    public void stop(String id) throws Exception {
        Plugin plugin;
        synchronized (this) {
            plugin = plugins.remove(id);
        }
        if (plugin != null) {
            plugin.stop();
        }
    }

    /**
     * Takes a plugin away as a crash of the host does: it is not stopped, what it still writes to its store is not found
     * by the plugin that is started in its place, and its listener of the same name is closed. Its connections stay.
     *
     * @param id the plugin's id
     * @since 0.1
     */
    public synchronized void crash(String id) {
        plugins.remove(id);
        stores.computeIfPresent(id, (same, store) -> store.copy());
        transport.abandon(id);
    }

    /**
     * Where a listener is bound.
     *
     * @param listener the name given to {@link Transport#listen}
     * @return a loopback address with its real port
     */
    public InetSocketAddress address(String listener) {
        return transport.listener(listener).address();
    }

    /**
     * How many connections a listener has.
     *
     * @param listener the name given to {@link Transport#listen}
     * @return at least 0
     */
    public int connections(String listener) {
        return transport.listener(listener).connections();
    }

    /**
     * The test's own view of the records, under no other identity than anonymous. Completions and deliveries run on
     * the thread that causes them.
     *
     * @return a view
     */
    public Resources resources() {
        return resources("");
    }

    /**
     * The test's own view of the records, as a named client.
     *
     * @param clientId becomes the source of its changes
     * @return a view
     */
    public Resources resources(String clientId) {
        ConnectionInfo via = new ConnectionInfo("test", "test", false, clientId);
        return new MemoryResources(this, "", store("test"), new Caller(Identity.ANONYMOUS, via), Runnable::run);
    }

    /**
     * A record, past all grants.
     *
     * @param path a path's text
     * @return the record, if there is one
     */
    public Optional<Entry> record(String path) {
        return tree.get(Path.of(path));
    }

    /**
     * All records, in order.
     *
     * @return a copy
     */
    public Map<Path, Entry> records() {
        return tree.records();
    }

    /**
     * How much subscriptions and queries have given to plugins so far, to tell what a plugin takes for a client that
     * does not read.
     *
     * @return the sum of the contents' sizes in bytes
     * @since 0.1
     */
    public long deliveredBytes() {
        return tree.deliveredBytes();
    }

    /**
     * Makes contents by this host's rules.
     *
     * @return the factory that plugins get
     */
    public Contents contents() {
        return contents;
    }

    /**
     * Makes the host misbehave.
     *
     * @return this host's faults
     */
    public Faults faults() {
        return faults;
    }

    /**
     * Makes a user known.
     *
     * @param secret {@code user:password}, or a bearer token
     * @param identity who shows it
     */
    public void addUser(String secret, Identity identity) {
        authenticator.add(secret, identity);
    }

    /**
     * Offers a mechanism by which clients authenticate in several steps; there is none unless this is called.
     *
     * @param name its SASL name
     * @param exchanges begins an exchange with a client
     * @since 0.1
     */
    public void addMechanism(String name, Function<ConnectionInfo, Authenticator.Exchange> exchanges) {
        authenticator.addMechanism(name, exchanges);
    }

    /**
     * Whether clients without credentials are let in; they are unless this is called.
     *
     * @param allowed false to refuse them
     */
    public void allowAnonymous(boolean allowed) {
        authenticator.allowAnonymous(allowed);
    }

    /**
     * A plugin's counter or gauge.
     *
     * @param pluginId whose
     * @param name as the plugin named it
     * @return its value
     */
    public long metric(String pluginId, String name) {
        return metrics(pluginId).value(name);
    }

    /** Stops the plugins, closes listeners and connections, ends subscriptions. */
    @Override
    public void close() throws Exception {
        try {
            for (String id : plugins.keySet().stream().toList().reversed()) {
                stop(id);
            }
        } finally {
            uses.close();
            authenticators.close();
            formats.close();
            tree.close();
            transport.close();
            scheduler.shutdownNow();
            executor.shutdownNow();
        }
    }

    Options options() {
        return options;
    }

    MemoryTree tree() {
        return tree;
    }

    LoopbackTransport transport() {
        return transport;
    }

    MemoryExtensions extensions() {
        return extensions;
    }

    MemoryCustomResources custom() {
        return custom;
    }

    MemoryAuthenticator authenticator() {
        return authenticator;
    }

    MemoryStore store(String pluginId) {
        return stores.computeIfAbsent(pluginId, id -> new MemoryStore());
    }

    MemoryMetrics metrics(String pluginId) {
        return metrics.computeIfAbsent(pluginId, id -> new MemoryMetrics());
    }

    ExecutorService executor() {
        return executor;
    }

    ScheduledExecutorService scheduler() {
        return scheduler;
    }
}
