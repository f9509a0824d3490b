package org.millrace.host.plugin;

import java.lang.ref.WeakReference;
import java.time.Clock;
import java.util.List;
import java.util.ResourceBundle;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ScheduledExecutorService;
import org.millrace.host.config.Configuration;
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

/** A context that offers a configuration and a log, and keeps what was logged: {@code "id: message"}. */
final class RecordingScope implements PluginScope, PluginContext, System.Logger {
    private final String id;
    private final Configuration configuration;
    private final List<String> events;
    private final List<WeakReference<ClassLoader>> loaders;

    RecordingScope(
            String id, Configuration configuration, List<String> events, List<WeakReference<ClassLoader>> loaders) {
        this.id = id;
        this.configuration = configuration;
        this.events = events;
        this.loaders = loaders;
    }

    @Override
    public PluginContext context() {
        return this;
    }

    @Override
    public void close() {
        events.add(id + ": undone");
        loaders.add(new WeakReference<>(Thread.currentThread().getContextClassLoader()));
    }

    @Override
    public String pluginId() {
        return id;
    }

    @Override
    public <C extends Record> C config(Class<C> shape) {
        return configuration.plugin(id, shape);
    }

    @Override
    public System.Logger log() {
        return this;
    }

    @Override
    public String getName() {
        return "millrace." + id;
    }

    @Override
    public boolean isLoggable(Level level) {
        return true;
    }

    @Override
    public void log(Level level, ResourceBundle bundle, String message, Throwable thrown) {
        events.add(id + ": " + message);
    }

    @Override
    public void log(Level level, ResourceBundle bundle, String format, Object... parameters) {
        events.add(id + ": " + format);
    }

    @Override
    public Contents contents() {
        throw new UnsupportedOperationException();
    }

    @Override
    public Authenticator authenticator() {
        throw new UnsupportedOperationException();
    }

    @Override
    public Resources resources(Identity who, ConnectionInfo via, Executor executor) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Extensions extensions() {
        throw new UnsupportedOperationException();
    }

    @Override
    public ExecutorService executor() {
        throw new UnsupportedOperationException();
    }

    @Override
    public ScheduledExecutorService scheduler() {
        throw new UnsupportedOperationException();
    }

    @Override
    public Clock clock() {
        return Clock.systemUTC();
    }

    @Override
    public PluginStore store() {
        throw new UnsupportedOperationException();
    }

    @Override
    public Cluster cluster() {
        throw new UnsupportedOperationException();
    }

    @Override
    public DurableCursors cursors() {
        throw new UnsupportedOperationException();
    }

    @Override
    public Metrics metrics() {
        throw new UnsupportedOperationException();
    }

    @Override
    public <T> T service(Class<T> type) {
        throw new IllegalArgumentException("no service " + type.getName());
    }
}
