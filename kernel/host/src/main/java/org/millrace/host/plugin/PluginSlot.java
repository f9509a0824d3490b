package org.millrace.host.plugin;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.ServiceLoader;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.millrace.spi.plugin.Plugin;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One plugin's place in the host: takes it from a jar to a running plugin and back. Used by one thread at a time, which
 * {@link PluginHost} sees to; only {@link #report} may be called by any thread.
 */
final class PluginSlot {
    private static final Logger LOG = LoggerFactory.getLogger("millrace.plugins");

    private final PluginSource source;
    private final PluginHostOptions options;
    private final String label;
    private final Consumer<PluginSlot> changed;
    private volatile PluginReport report;
    private @Nullable PluginDescriptor descriptor;
    private @Nullable StagedJars staged;
    private @Nullable PluginClassLoader loader;
    private @Nullable Plugin plugin;
    private @Nullable PluginScope scope;

    PluginSlot(PluginSource source, PluginHostOptions options, Consumer<PluginSlot> changed) {
        this.source = source;
        this.options = options;
        this.label = source.label();
        this.changed = changed;
        this.report = new PluginReport(source.provisionalId(), "", label, PluginState.DISCOVERED, null);
    }

    PluginReport report() {
        return report;
    }

    String id() {
        return report.id();
    }

    PluginSource source() {
        return source;
    }

    boolean is(PluginState state) {
        return report.state() == state;
    }

    void disable() {
        removeStaged();
        moveTo(PluginState.DISABLED);
        LOG.info(report.line());
    }

    /** Stages the jars and reads them. */
    void verify() {
        try {
            StagedJars copies = StagedJars.copy(source, options.staging());
            staged = copies;
            PluginDescriptor read = new PluginVerifier(source).verify(copies.jars());
            descriptor = read;
            become(new PluginReport(read.id(), read.version(), label, PluginState.VERIFIED, null));
        } catch (PluginFailedException e) {
            fail(e.failure(), e.getCause());
        } catch (IOException e) {
            String reason = "it cannot be copied to " + options.staging() + ": " + e;
            fail(new PluginFailure(PluginPhase.VERIFY, reason, "Check the free space and the permissions."), e);
        }
    }

    /** Refuses the plugin for a reason that is not in its jar. */
    void refuse(String reason, String remedy) {
        fail(new PluginFailure(PluginPhase.VERIFY, reason, remedy), null);
    }

    /** Loads and starts a verified plugin. */
    void start(PluginContextFactory contexts) throws InterruptedException {
        PluginDescriptor known = descriptor;
        StagedJars jars = staged;
        if (!is(PluginState.VERIFIED) || known == null || jars == null) {
            throw new IllegalStateException(report.line() + " and cannot be started");
        }
        long began = System.nanoTime();
        PluginClassLoader own = new PluginClassLoader(known.id(), jars.urls(), PluginSlot.class.getClassLoader());
        loader = own;
        PluginPhase phase = PluginPhase.LOAD;
        try {
            new PluginCall(threadName(phase), own, () -> plugin = load(own)).await(options.startTimeout());
            moveTo(PluginState.LOADED);
            phase = PluginPhase.START;
            PluginScope opened = contexts.open(known, own);
            scope = opened;
            Plugin loaded = Objects.requireNonNull(plugin);
            new PluginCall(threadName(phase), own, () -> loaded.start(opened.context())).await(options.startTimeout());
            moveTo(PluginState.STARTED);
            LOG.info("{} started in {} ms", report.label(), (System.nanoTime() - began) / 1_000_000);
        } catch (InterruptedException e) {
            undo();
            moveTo(PluginState.STOPPED);
            throw e;
        } catch (Exception e) {
            Throwable cause = e instanceof PluginCall.PluginError wrapped ? wrapped.error() : e;
            PluginFailure failure = failure(phase, cause);
            undo();
            fail(failure, cause);
        }
    }

    /** Notes that a newer jar in this plugin's place was not taken into use. */
    void reject(PluginFailure reason) {
        become(report.withRejected(reason));
        LOG.error(report.line());
    }

    /**
     * Stops a started plugin and keeps its staged jars, so that it can be started again as it was; {@link #discard} gives
     * them up.
     */
    void suspend() {
        if (!is(PluginState.STARTED)) {
            return;
        }
        moveTo(PluginState.STOPPING);
        // What went wrong is logged; the plugin is out of the way all the same.
        for (PluginFailure failure : unload()) {
            LOG.warn("{} did not stop well: {}", report.label(), failure.reason());
        }
        moveTo(PluginState.VERIFIED);
    }

    /** Gives up the staged jars of a plugin that does not run. */
    void discard() {
        descriptor = null;
        removeStaged();
        if (is(PluginState.VERIFIED)) {
            moveTo(PluginState.STOPPED);
        }
    }

    /** Stops a started plugin. */
    void stop() {
        if (!is(PluginState.STARTED)) {
            return;
        }
        moveTo(PluginState.STOPPING);
        List<PluginFailure> failures = undo();
        if (failures.isEmpty()) {
            moveTo(PluginState.STOPPED);
            LOG.info("{} stopped", report.label());
        } else {
            fail(failures.getFirst(), null);
        }
    }

    private static Plugin load(PluginClassLoader own) {
        List<ServiceLoader.Provider<Plugin>> providers =
                ServiceLoader.load(Plugin.class, own).stream().toList();
        if (providers.size() != 1) {
            throw new IllegalStateException("the jar names " + providers.size() + " plugins instead of one");
        }
        return providers.getFirst().get();
    }

    /**
     * Takes back all that was done since the plugin was verified, each step whatever became of the one before. A plugin
     * whose {@code start} failed half way is told to stop as well.
     */
    private List<PluginFailure> undo() {
        List<PluginFailure> failures = unload();
        descriptor = null;
        removeStaged();
        return failures;
    }

    private List<PluginFailure> unload() {
        List<PluginFailure> failures = new ArrayList<>();
        PluginClassLoader own = loader;
        Plugin started = plugin;
        PluginScope opened = scope;
        if (own != null) {
            if (started != null && opened != null) {
                attempt(own, started::stop, failures);
            }
            if (opened != null) {
                attempt(own, opened::close, failures);
            }
            try {
                own.close();
            } catch (IOException e) {
                LOG.warn(
                        "{}: a jar could not be closed ({}); its space is given back when the host ends",
                        report.label(),
                        e.toString());
            }
        }
        plugin = null;
        scope = null;
        loader = null;
        return failures;
    }

    private void attempt(PluginClassLoader own, PluginCall.Body body, List<PluginFailure> failures) {
        boolean interrupted = Thread.interrupted();
        try {
            new PluginCall(threadName(PluginPhase.STOP), own, body).await(options.stopTimeout());
        } catch (InterruptedException e) {
            interrupted = true;
        } catch (Exception e) {
            Throwable cause = e instanceof PluginCall.PluginError wrapped ? wrapped.error() : e;
            PluginFailure failure = failure(PluginPhase.STOP, cause);
            LOG.debug("{} failed to stop", report.label(), cause);
            failures.add(failure);
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private PluginFailure failure(PluginPhase phase, Throwable cause) {
        if (cause instanceof PluginTimeoutException) {
            String key = phase == PluginPhase.STOP ? "plugins.stop-timeout" : "plugins.start-timeout";
            return new PluginFailure(
                    phase, String.valueOf(cause.getMessage()), "Raise " + key + " if it needs more time.");
        }
        PluginFailure failure = FailureReasons.of(phase, id(), cause);
        return phase == PluginPhase.STOP
                ? new PluginFailure(phase, failure.reason(), "Its listeners and registrations were closed by the host.")
                : failure;
    }

    private void fail(PluginFailure failure, @Nullable Throwable cause) {
        PluginReport failed = new PluginReport(id(), report.version(), label, PluginState.FAILED, failure);
        become(failed);
        removeStaged();
        LOG.error(failed.line());
        if (cause != null) {
            LOG.debug("{} failed at {}", failed.label(), failure.phase(), cause);
        }
    }

    private void moveTo(PluginState state) {
        become(new PluginReport(id(), report.version(), label, state, null));
    }

    private void become(PluginReport next) {
        report = next;
        changed.accept(this);
    }

    private void removeStaged() {
        StagedJars copies = staged;
        staged = null;
        if (copies != null) {
            try {
                StagedJars.delete(copies.directory());
            } catch (IOException e) {
                LOG.warn("{} cannot be removed ({}); the next start removes it", copies.directory(), e.toString());
            }
        }
    }

    private String threadName(PluginPhase phase) {
        return "plugin-" + id() + "-" + phase;
    }
}
