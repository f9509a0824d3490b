package org.millrace.spi.plugin;

import java.time.Clock;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ScheduledExecutorService;
import org.millrace.spi.content.Contents;
import org.millrace.spi.identity.Authenticator;
import org.millrace.spi.identity.ConnectionInfo;
import org.millrace.spi.identity.Identity;
import org.millrace.spi.resource.Resources;

/**
 * Everything the host offers one plugin. Implemented by the host; safe for use by any thread. What a plugin registers
 * through it is undone by the host when the plugin stops.
 *
 * @since 0.1
 */
@ImplementedByHost
public interface PluginContext {
    /**
     * The plugin's id: its key in the configuration, and its name in the log.
     *
     * @return lower case letters, digits and hyphens
     */
    String pluginId();

    /**
     * The plugin's section of the configuration, bound to a record. See {@link Setting} for how components become keys.
     *
     * @param shape the record's type
     * @param <C> the record
     * @return the bound record
     * @throws ConfigurationException naming every unknown key and unusable value at once
     */
    <C extends Record> C config(Class<C> shape);

    /**
     * Makes contents.
     *
     * @return the host's factory
     */
    Contents contents();

    /**
     * Turns credentials into identities.
     *
     * @return the host's authenticator
     */
    Authenticator authenticator();

    /**
     * Opens one client's view of the tree of records.
     *
     * @param who the client's identity
     * @param via where it comes from
     * @param executor where completions and deliveries run, one after another: an event loop, or a serial executor
     * @return the view, to be closed when the client goes
     */
    Resources resources(Identity who, ConnectionInfo via, Executor executor);

    /**
     * Where plugins meet.
     *
     * @return this plugin's access to the extension points
     */
    Extensions extensions();

    /**
     * Runs tasks that may block, on virtual threads named after the plugin.
     *
     * @return the host's; a plugin must not shut it down
     */
    ExecutorService executor();

    /**
     * Runs short tasks later or repeatedly; they must not block.
     *
     * @return the host's; a plugin must not shut it down
     */
    ScheduledExecutorService scheduler();

    /**
     * The plugin's log.
     *
     * @return a logger named {@code millrace.<plugin id>}
     */
    System.Logger log();

    /**
     * The time.
     *
     * @return the system's clock, or a test's
     */
    Clock clock();

    /**
     * The plugin's private durable store.
     *
     * @return keys of this plugin only
     */
    PluginStore store();

    /**
     * The plugin's durable places in the change stream.
     *
     * @return cursors of this plugin only
     */
    DurableCursors cursors();

    /**
     * The other nodes of this host's cluster.
     *
     * @return names of this plugin only
     * @since 0.1
     */
    Cluster cluster();

    /**
     * The plugin's metrics.
     *
     * @return names are prefixed with the plugin's id
     */
    Metrics metrics();

    /**
     * A service of the host that is not part of this artifact, such as the transport SPI's
     * {@code org.millrace.spi.transport.Transport}.
     *
     * @param type the service's interface
     * @param <T> the service
     * @return the service
     * @throws IllegalArgumentException if the host has no such service
     */
    <T> T service(Class<T> type);
}
