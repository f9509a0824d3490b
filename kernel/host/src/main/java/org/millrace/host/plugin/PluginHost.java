package org.millrace.host.plugin;

import java.io.IOException;
import java.net.URLConnection;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;
import org.millrace.host.config.Configuration;
import org.millrace.spi.plugin.ConfigurationException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs the plugins of a directory. Call {@link #start()} once and {@link #close()} at the end; single plugins can be
 * stopped and started in between.
 *
 * <p>All methods may be called by any thread but an event loop: those that start and stop wait for plugins, within the
 * limits of the {@link PluginHostOptions}, and for each other.
 */
public final class PluginHost implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger("millrace.plugins");

    private final PluginHostOptions options;
    private final Configuration configuration;
    private final PluginContextFactory contexts;
    private final List<PluginSlot> slots = new CopyOnWriteArrayList<>();
    private final ReentrantLock lifecycle = new ReentrantLock();

    /**
     * Makes a host that has not looked for plugins yet.
     *
     * @param options where plugins are
     * @param configuration the plugins' sections
     * @param contexts makes what each plugin sees of the host
     */
    public PluginHost(PluginHostOptions options, Configuration configuration, PluginContextFactory contexts) {
        this.options = options;
        this.configuration = configuration;
        this.contexts = contexts;
        // A cached jar: connection keeps its file open, and with it the staged copy, after the loader was closed.
        URLConnection.setDefaultUseCaches("jar", false);
    }

    /**
     * Finds, verifies, loads and starts all plugins. One that fails is reported and leaves the others running.
     *
     * @throws ConfigurationException if {@code --set} named a plugin or a key that does not exist, or a section's
     *     {@code disabled} or {@code required} is unusable; nothing is left running
     * @throws PluginHostException if a required plugin does not run; nothing is left running
     * @throws IOException if the plugins or staging directory cannot be used
     * @throws InterruptedException if interrupted while waiting for a plugin; nothing is left running
     */
    public void start() throws IOException, PluginHostException, InterruptedException {
        lifecycle.lock();
        boolean started = false;
        try {
            discover();
            configuration.checkSections(ids()).forEach(LOG::warn);
            for (PluginSlot slot : slots) {
                if (slot.is(PluginState.VERIFIED)) {
                    slot.start(contexts);
                }
            }
            checkOptions();
            checkRequired();
            started = true;
        } finally {
            if (!started) {
                close();
            }
            lifecycle.unlock();
        }
    }

    /**
     * Starts a plugin that was stopped or has failed, from its jar as it is now.
     *
     * @param id the plugin
     * @return how it went
     * @throws IllegalArgumentException if there is no such plugin
     * @throws InterruptedException if interrupted while waiting for the plugin
     */
    public PluginReport start(String id) throws InterruptedException {
        lifecycle.lock();
        try {
            PluginSlot slot = slot(id);
            if (!slot.is(PluginState.STARTED)) {
                slot.verify();
                if (slot.is(PluginState.VERIFIED)) {
                    slot.start(contexts);
                }
            }
            return slot.report();
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
     * The plugins there are, also those that failed or are disabled.
     *
     * @return in the order of their jars' names
     */
    public List<PluginReport> reports() {
        return slots.stream().map(PluginSlot::report).toList();
    }

    /** Stops all plugins, the last one first. */
    @Override
    public void close() {
        lifecycle.lock();
        try {
            slots.reversed().forEach(PluginSlot::stop);
            StagedJars.delete(options.staging());
        } catch (IOException e) {
            LOG.warn("{} cannot be removed ({}); the next start removes it", options.staging(), e.toString());
        } finally {
            lifecycle.unlock();
        }
    }

    private void discover() throws IOException {
        // Whatever a host that was killed left behind.
        StagedJars.delete(options.staging());
        for (PluginSource source : PluginSource.in(options.directory())) {
            PluginSlot slot = new PluginSlot(source, options);
            slots.add(slot);
            if (source.disabled()) {
                slot.disable();
            } else {
                slot.verify();
            }
        }
        if (slots.isEmpty()) {
            LOG.warn(
                    "no plugins in {}: the host serves no protocol; name another directory with --plugins",
                    options.directory());
        }
        refuseHostKeys();
        refuseDuplicates();
        for (PluginSlot slot : slots) {
            if (slot.is(PluginState.VERIFIED) && configuration.policy(slot.id()).disabled()) {
                slot.disable();
            }
        }
    }

    private void refuseHostKeys() {
        for (PluginSlot slot : slots) {
            if (slot.is(PluginState.VERIFIED) && Configuration.isHostKey(slot.id())) {
                slot.refuse(
                        "its id " + slot.id() + " is a key of the host's own configuration",
                        "Ask its author for another id.");
            }
        }
    }

    /** Refuses all of them: which one an operator means is nothing to guess at. */
    private void refuseDuplicates() {
        Map<String, List<PluginSlot>> byId = new HashMap<>();
        for (PluginSlot slot : slots) {
            if (slot.is(PluginState.VERIFIED)) {
                byId.computeIfAbsent(slot.id(), id -> new ArrayList<>()).add(slot);
            }
        }
        byId.values().stream().filter(same -> same.size() > 1).forEach(same -> {
            String sources = same.stream().map(slot -> slot.report().source()).collect(Collectors.joining(" and "));
            same.forEach(slot ->
                    slot.refuse("plugin id " + slot.id() + " is in " + sources, "Remove one of them, then restart."));
        });
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
            List<PluginReport> same = reports().stream()
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
        return slots.stream().map(PluginSlot::id).collect(Collectors.toCollection(TreeSet::new));
    }

    private PluginSlot slot(String id) {
        return slots.stream()
                .filter(slot -> slot.id().equals(id))
                .findFirst()
                .orElseThrow(() ->
                        new IllegalArgumentException("no plugin " + id + "; there are " + String.join(", ", ids())));
    }
}
