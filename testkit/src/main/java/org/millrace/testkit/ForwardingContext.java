package org.millrace.testkit;

import java.time.Clock;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ScheduledExecutorService;
import org.millrace.spi.content.Contents;
import org.millrace.spi.identity.Authenticator;
import org.millrace.spi.identity.ConnectionInfo;
import org.millrace.spi.identity.Identity;
import org.millrace.spi.plugin.Cluster;
import org.millrace.spi.plugin.DurableCursors;
import org.millrace.spi.plugin.Extensions;
import org.millrace.spi.plugin.Metrics;
import org.millrace.spi.plugin.PluginContext;
import org.millrace.spi.plugin.PluginStore;
import org.millrace.spi.resource.Resources;

/**
 * A plugin's context that asks another one for everything, for tests whose context differs from the
 * {@linkplain InMemoryHost#context host's} in one thing: a subclass overrides that one, and goes on to compile when
 * {@link PluginContext} grows. Has no state of its own, and owns nothing of the other context; safe for use by as many
 * threads as that one is.
 *
 * @since 0.1
 */
public abstract class ForwardingContext implements PluginContext {
    private final PluginContext host;

    /**
     * A context in front of another.
     *
     * @param host which is asked for what is not overridden
     */
    protected ForwardingContext(PluginContext host) {
        this.host = host;
    }

    /**
     * The context behind this one.
     *
     * @return which is asked for what is not overridden
     */
    protected final PluginContext host() {
        return host;
    }

    @Override
    public String pluginId() {
        return host.pluginId();
    }

    @Override
    public <C extends Record> C config(Class<C> shape) {
        return host.config(shape);
    }

    @Override
    public Contents contents() {
        return host.contents();
    }

    @Override
    public Authenticator authenticator() {
        return host.authenticator();
    }

    @Override
    public Resources resources(Identity who, ConnectionInfo via, Executor executor) {
        return host.resources(who, via, executor);
    }

    @Override
    public Extensions extensions() {
        return host.extensions();
    }

    @Override
    public ExecutorService executor() {
        return host.executor();
    }

    @Override
    public ScheduledExecutorService scheduler() {
        return host.scheduler();
    }

    @Override
    public System.Logger log() {
        return host.log();
    }

    @Override
    public Clock clock() {
        return host.clock();
    }

    @Override
    public PluginStore store() {
        return host.store();
    }

    @Override
    public DurableCursors cursors() {
        return host.cursors();
    }

    @Override
    public Cluster cluster() {
        return host.cluster();
    }

    @Override
    public Metrics metrics() {
        return host.metrics();
    }

    @Override
    public <T> T service(Class<T> type) {
        return host.service(type);
    }
}
