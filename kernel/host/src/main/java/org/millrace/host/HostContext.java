package org.millrace.host;

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
import org.millrace.spi.transport.Transport;

/** What one plugin sees of the host. Safe for use by any thread; refuses use once its scope is closed. */
final class HostContext implements PluginContext {
    private final HostScope scope;
    private final HostServices services;
    private final System.Logger log;

    HostContext(HostScope scope, HostServices services) {
        this.scope = scope;
        this.services = services;
        this.log = System.getLogger("millrace." + scope.pluginId());
    }

    @Override
    public String pluginId() {
        return scope.pluginId();
    }

    @Override
    public <C extends Record> C config(Class<C> shape) {
        return services.configuration().plugin(scope.pluginId(), shape);
    }

    @Override
    public Contents contents() {
        return services.kernel().formats();
    }

    @Override
    public Authenticator authenticator() {
        scope.requireOpen();
        return services.authenticator();
    }

    @Override
    public Resources resources(Identity who, ConnectionInfo via, Executor executor) {
        return scope.resources(who, via, executor);
    }

    @Override
    public Extensions extensions() {
        scope.requireOpen();
        return scope.extensions();
    }

    @Override
    public ExecutorService executor() {
        scope.requireOpen();
        return scope.executor();
    }

    @Override
    public ScheduledExecutorService scheduler() {
        scope.requireOpen();
        return scope.scheduler();
    }

    @Override
    public System.Logger log() {
        return log;
    }

    @Override
    public Clock clock() {
        return services.clock();
    }

    @Override
    public PluginStore store() {
        scope.requireOpen();
        return scope.store();
    }

    @Override
    public DurableCursors cursors() {
        scope.requireOpen();
        return scope.cursors();
    }

    @Override
    public Cluster cluster() {
        scope.requireOpen();
        return scope.cluster();
    }

    @Override
    public Metrics metrics() {
        scope.requireOpen();
        return scope.metrics();
    }

    @Override
    public <T> T service(Class<T> type) {
        scope.requireOpen();
        if (type == Transport.class) {
            return type.cast(scope.transport());
        }
        throw new IllegalArgumentException(
                "this host has no service " + type.getName() + "; there is " + Transport.class.getName());
    }
}
