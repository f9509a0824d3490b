package org.millrace.testkit;

import java.time.Clock;
import java.util.Map;
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
import org.millrace.spi.resource.Caller;
import org.millrace.spi.resource.Resources;
import org.millrace.spi.transport.Transport;

/** What one plugin sees of an {@link InMemoryHost}. */
record MemoryContext(InMemoryHost host, String pluginId, Map<String, String> settings) implements PluginContext {
    @Override
    public <C extends Record> C config(Class<C> shape) {
        return SettingBinder.bind(shape, settings);
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
        return new MemoryResources(host, pluginId, host.store(pluginId), new Caller(who, via), executor);
    }

    @Override
    public Extensions extensions() {
        return host.extensions().of(pluginId);
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
        return System.getLogger("millrace." + pluginId);
    }

    @Override
    public Clock clock() {
        return host.options().clock();
    }

    @Override
    public PluginStore store() {
        return host.store(pluginId);
    }

    @Override
    public DurableCursors cursors() {
        return host.store(pluginId).cursors(() -> host.tree().place());
    }

    @Override
    public Cluster cluster() {
        return new LoneNode();
    }

    @Override
    public Metrics metrics() {
        return host.metrics(pluginId);
    }

    @Override
    public <T> T service(Class<T> type) {
        if (type == Transport.class) {
            return type.cast(host.transport());
        }
        throw new IllegalArgumentException("the test host has no service " + type.getName());
    }
}
