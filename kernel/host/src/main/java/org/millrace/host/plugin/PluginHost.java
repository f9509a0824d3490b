package org.millrace.host.plugin;

import java.io.IOException;
import java.net.URLConnection;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.millrace.host.config.AwaitedPlugin;
import org.millrace.host.config.Configuration;
import org.millrace.spi.plugin.ConfigurationException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs the plugins of a directory. Call {@link #start()} once and {@link #close()} at the end; in between, jars that are
 * dropped into the directory, replaced or removed are taken up, and single plugins can be stopped and started.
 *
 * <p>All methods may be called by any thread but an event loop: those that start and stop wait for plugins, within the
 * limits of the {@link PluginHostOptions}, and for each other.
 */
public final class PluginHost implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger("millrace.plugins");

    private final PluginHostOptions options;
    private final Configuration configuration;
    private final Deployment deployment;
    private final PluginWatch watch;
    private final ReentrantLock lifecycle = new ReentrantLock();
    private @Nullable ScheduledExecutorService watcher;
    private String watchProblem = "";
    private boolean closed;

    /**
     * Makes a host that has not looked for plugins yet.
     *
     * @param options where plugins are
     * @param configuration the plugins' sections
     * @param contexts makes what each plugin sees of the host
     * @param news told the id of a plugin whose report is another now, or gone; must not block
     */
    public PluginHost(
            PluginHostOptions options,
            Configuration configuration,
            PluginContextFactory contexts,
            Consumer<String> news) {
        this.options = options;
        this.configuration = configuration;
        this.deployment = new Deployment(options, configuration, contexts, news);
        this.watch = new PluginWatch(options.directory());
        // A cached jar: connection keeps its file open, and with it the staged copy, after the loader was closed.
        URLConnection.setDefaultUseCaches("jar", false);
    }

    /**
     * Finds, verifies, loads and starts all plugins. One that fails is reported and leaves the others running.
     *
     * @throws ConfigurationException if {@code --set} named a key that does not exist, or a section's {@code disabled} or
     *     {@code required} is unusable; nothing is left running
     * @throws PluginHostException if a required plugin does not run; nothing is left running
     * @throws IOException if the plugins or staging directory cannot be used
     * @throws InterruptedException if interrupted while waiting for a plugin; nothing is left running
     */
    public void start() throws IOException, PluginHostException, InterruptedException {
        lifecycle.lock();
        boolean started = false;
        try {
            deployment.discover();
            watch.know(deployment.slots().stream().map(PluginSlot::source).toList());
            configuration.checkSections(ids()).forEach(LOG::warn);
            deployment.startAll();
            checkOptions();
            checkRequired();
            watchDirectory();
            started = true;
        } finally {
            if (!started) {
                close();
            }
            lifecycle.unlock();
        }
    }

    /**
     * Starts a plugin that was stopped or has failed, from its jar as it is now. Does nothing if it runs.
     *
     * @param id the plugin
     * @return how it went
     * @throws IllegalArgumentException if there is no such plugin
     * @throws IOException if its jar cannot be looked at
     * @throws InterruptedException if interrupted while waiting for the plugin
     */
    public PluginReport start(String id) throws IOException, InterruptedException {
        lifecycle.lock();
        try {
            PluginSlot slot = slot(id);
            return slot.is(PluginState.STARTED) ? slot.report() : redeploy(slot);
        } finally {
            lifecycle.unlock();
        }
    }

    /**
     * Starts a plugin anew from its jar as it is now. If that does not start, the plugin goes on as it was, and the report
     * says why.
     *
     * @param id the plugin
     * @return how it went
     * @throws IllegalArgumentException if there is no such plugin
     * @throws IOException if its jar cannot be looked at
     * @throws InterruptedException if interrupted while waiting for the plugin
     */
    public PluginReport reload(String id) throws IOException, InterruptedException {
        lifecycle.lock();
        try {
            return redeploy(slot(id));
        } finally {
            lifecycle.unlock();
        }
    }

    /**
     * Stops a plugin. Does nothing if it does not run.
     *
     * @param id the plugin
     * @return how it went
     * @throws IllegalArgumentException if there is no such plugin
     */
    public PluginReport stop(String id) {
        lifecycle.lock();
        try {
            PluginSlot slot = slot(id);
            slot.stop();
            return slot.report();
        } finally {
            lifecycle.unlock();
        }
    }

    /**
     * The plugins there are, also those that failed or are disabled, then those that the configuration waits for.
     *
     * @return in the order of their jars' names
     */
    public List<PluginReport> reports() {
        // One look at the slots: a plugin that comes meanwhile is in this list as awaited or as there, never as
        // neither.
        List<PluginReport> there =
                deployment.slots().stream().map(PluginSlot::report).toList();
        Set<String> ids = there.stream().map(PluginReport::id).collect(Collectors.toSet());
        return Stream.concat(
                        there.stream(),
                        configuration.awaited(ids).stream()
                                // Other sections wait for nothing; the log has warned of them.
                                .filter(plugin ->
                                        PluginVerifier.ID.matcher(plugin.id()).matches())
                                .map(PluginReport::awaited))
                .toList();
    }

    /**
     * One of them.
     *
     * @param id the plugin
     * @return its state now
     * @throws IllegalArgumentException if there is no such plugin
     */
    public PluginReport report(String id) {
        return reports().stream()
                .filter(report -> report.id().equals(id))
                .findFirst()
                .orElseThrow(() -> unknown(id));
    }

    /** Stops all plugins, the last one first. */
    @Override
    public void close() {
        ScheduledExecutorService watching = watcher;
        if (watching != null) {
            watching.shutdown();
        }
        lifecycle.lock();
        try {
            closed = true;
            deployment.slots().reversed().forEach(PluginSlot::stop);
            StagedJars.delete(options.staging());
        } catch (IOException e) {
            LOG.warn("{} cannot be removed ({}); the next start removes it", options.staging(), e.toString());
        } finally {
            lifecycle.unlock();
        }
    }

    private PluginReport redeploy(PluginSlot slot) throws IOException, InterruptedException {
        PluginSource source = PluginSource.at(slot.source().path())
                .orElseThrow(() -> new NoSuchFileException(slot.source().path() + " is not there any more"));
        watch.know(List.of(source));
        deployment.replace(slot, source);
        return deployment.at(source.path()).orElse(slot).report();
    }

    private void watchDirectory() {
        if (options.scanInterval().isZero()) {
            return;
        }
        ScheduledExecutorService own = Executors.newSingleThreadScheduledExecutor(
                Thread.ofPlatform().daemon().name("millrace-plugin-watch").factory());
        long millis = options.scanInterval().toMillis();
        own.scheduleWithFixedDelay(this::lookAtDirectory, millis, millis, TimeUnit.MILLISECONDS);
        watcher = own;
    }

    private void lookAtDirectory() {
        lifecycle.lock();
        try {
            if (closed) {
                return;
            }
            for (PluginWatch.Difference difference : watch.look()) {
                switch (difference) {
                    case PluginWatch.Difference.Gone(Path path) ->
                        deployment.at(path).ifPresent(deployment::remove);
                    case PluginWatch.Difference.Present(PluginSource source) -> {
                        Optional<PluginSlot> old = deployment.at(source.path());
                        if (old.isPresent()) {
                            deployment.replace(old.get(), source);
                        } else {
                            deployment.add(source);
                        }
                    }
                }
            }
            watchProblem = "";
        } catch (IOException e) {
            // A file that went away between two calls is looked at again; what lasts is said once.
            if (!watchProblem.equals(e.toString())) {
                watchProblem = e.toString();
                LOG.warn("{} cannot be looked at ({}); plugins run on as they are", options.directory(), watchProblem);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            // An exception out of here would end the watching for good.
            LOG.error("a change of {} could not be taken up", options.directory(), e);
        } finally {
            lifecycle.unlock();
        }
    }

    private void checkOptions() {
        List<String> problems = configuration.optionProblems();
        if (!problems.isEmpty()) {
            throw new ConfigurationException(problems);
        }
    }

    private void checkRequired() throws PluginHostException {
        List<String> missing = new ArrayList<>();
        for (String id : configuration.requiredPlugins()) {
            List<PluginReport> same = deployment.slots().stream()
                    .map(PluginSlot::report)
                    .filter(report -> report.id().equals(id))
                    .sorted(Comparator.comparing(report -> report.state() != PluginState.STARTED))
                    .toList();
            if (same.isEmpty()) {
                missing.add("plugin " + id + " is required and not in " + options.directory());
            } else if (same.getFirst().state() != PluginState.STARTED) {
                missing.add(same.getFirst().label() + " is required and does not run: "
                        + Optional.ofNullable(same.getFirst().failure())
                                .map(failure -> failure.reason() + ". " + failure.remedy())
                                .orElse("it is disabled"));
            }
        }
        if (!missing.isEmpty()) {
            throw new PluginHostException(String.join(System.lineSeparator(), missing));
        }
    }

    private Set<String> ids() {
        return deployment.slots().stream().map(PluginSlot::id).collect(Collectors.toCollection(TreeSet::new));
    }

    private PluginSlot slot(String id) {
        return deployment.slots().stream()
                .filter(slot -> slot.id().equals(id))
                .findFirst()
                .orElseThrow(() -> unknown(id));
    }

    private IllegalArgumentException unknown(String id) {
        for (AwaitedPlugin plugin : configuration.awaited(ids())) {
            if (plugin.id().equals(id)) {
                return new IllegalArgumentException(
                        PluginReport.awaited(plugin).line() + "; move its jar into " + options.directory());
            }
        }
        return new IllegalArgumentException("no plugin " + id + "; there are " + String.join(", ", ids()));
    }
}
