package org.millrace.host;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import org.millrace.host.extension.PluginExtensions;
import org.millrace.host.metrics.PluginMetrics;
import org.millrace.host.plugin.PluginScope;
import org.millrace.host.resources.RecordPluginStore;
import org.millrace.host.resources.ResourcesView;
import org.millrace.host.transport.PluginTransport;
import org.millrace.spi.identity.ConnectionInfo;
import org.millrace.spi.identity.Identity;
import org.millrace.spi.plugin.DurableCursors;
import org.millrace.spi.plugin.PluginContext;
import org.millrace.spi.plugin.PluginStore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One run of one plugin: everything it opened, to be undone as a whole. Safe for use by any thread.
 */
final class HostScope implements PluginScope {
    private static final Logger log = LoggerFactory.getLogger(HostScope.class);
    private static final Duration LAST_TASKS = Duration.ofSeconds(2);

    private final String pluginId;
    private final HostServices services;
    private final HostContext context;
    private final PluginTransport transport;
    private final PluginExtensions extensions;
    private final PluginMetrics metrics;
    private final PluginStore store;
    private final DurableCursors cursors;
    private final PluginCluster cluster;
    private final ExecutorService executor;
    private final ScheduledExecutorService scheduler;
    private final Set<ResourcesView> views = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;

    HostScope(String pluginId, ClassLoader classes, HostServices services) {
        this.pluginId = pluginId;
        this.services = services;
        this.transport = services.listeners().plugin(pluginId);
        this.extensions = services.extensions().plugin(pluginId);
        this.metrics = new PluginMetrics(services.metrics(), pluginId);
        this.store = new RecordPluginStore(services.internal(), pluginId);
        this.cursors = services.cursors().plugin(pluginId);
        this.cluster = services.cluster().plugin(pluginId);
        this.executor = Executors.newThreadPerTaskExecutor(inContext(
                classes,
                Thread.ofVirtual()
                        .name("plugin-" + pluginId + "-", 1)
                        .inheritInheritableThreadLocals(false)
                        .factory()));
        ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(
                1,
                inContext(
                        classes,
                        Thread.ofPlatform()
                                .name("plugin-" + pluginId + "-timer")
                                .daemon()
                                .inheritInheritableThreadLocals(false)
                                .factory()));
        timer.setRemoveOnCancelPolicy(true);
        this.scheduler = timer;
        this.context = new HostContext(this, services);
    }

    /** Gives threads the plugin's class loader, whichever thread asked for them. */
    private static ThreadFactory inContext(ClassLoader classes, ThreadFactory threads) {
        return task -> {
            Thread thread = threads.newThread(task);
            thread.setContextClassLoader(classes);
            return thread;
        };
    }

    @Override
    public PluginContext context() {
        return context;
    }

    String pluginId() {
        return pluginId;
    }

    PluginTransport transport() {
        return transport;
    }

    PluginExtensions extensions() {
        return extensions;
    }

    PluginMetrics metrics() {
        return metrics;
    }

    PluginStore store() {
        return store;
    }

    DurableCursors cursors() {
        return cursors;
    }

    PluginCluster cluster() {
        return cluster;
    }

    ExecutorService executor() {
        return executor;
    }

    ScheduledExecutorService scheduler() {
        return scheduler;
    }

    ResourcesView resources(Identity who, ConnectionInfo via, Executor on) {
        requireOpen();
        ResourcesView view =
                services.tree().open(pluginId, who, services.access().grants(who), via, on, views::remove);
        views.add(view);
        if (closed) {
            view.close();
            throw stopped();
        }
        return view;
    }

    void requireOpen() {
        if (closed) {
            throw stopped();
        }
    }

    private IllegalStateException stopped() {
        return new IllegalStateException("plugin " + pluginId + " has stopped; its context is no longer valid");
    }

    @Override
    public void close() {
        closed = true;
        cluster.close();
        extensions.close();
        transport.close();
        views.forEach(ResourcesView::close);
        scheduler.shutdownNow();
        executor.shutdownNow();
        metrics.close();
        try {
            if (!executor.awaitTermination(LAST_TASKS.toMillis(), TimeUnit.MILLISECONDS)) {
                log.warn(
                        "Tasks of plugin {} do not end although they were interrupted; they keep its classes in memory"
                                + " until they do",
                        pluginId);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        // Frames that the plugin has made of changes are its classes' objects.
        services.kernel().journal().forgetShared();
    }
}
