package org.millrace.host.plugin;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.millrace.host.config.Configuration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which plugin runs from which jar: takes up what is dropped into the directory, replaces what changed and lets go of
 * what was removed, with a way back if a new jar does not start. Used by one thread at a time, which {@link PluginHost}
 * sees to; only {@link #slots} may be called by any thread.
 */
final class Deployment {
    private static final Logger LOG = LoggerFactory.getLogger("millrace.plugins");

    private final PluginHostOptions options;
    private final Configuration configuration;
    private final PluginContextFactory contexts;
    private final Consumer<String> news;
    private final List<PluginSlot> slots = new CopyOnWriteArrayList<>();

    Deployment(
            PluginHostOptions options,
            Configuration configuration,
            PluginContextFactory contexts,
            Consumer<String> news) {
        this.news = news;
        this.options = options;
        this.configuration = configuration;
        this.contexts = contexts;
    }

    /** All plugins, in the order of their jars' names as they were found, later ones behind. */
    List<PluginSlot> slots() {
        return slots;
    }

    /** The plugin at a place in the directory. */
    Optional<PluginSlot> at(Path path) {
        return slots.stream().filter(slot -> slot.source().path().equals(path)).findFirst();
    }

    /** Verifies all plugins of the directory and refuses those that cannot be meant. Starts none. */
    void discover() throws IOException {
        // Whatever a host that was killed left behind.
        StagedJars.delete(options.staging());
        for (PluginSource source : PluginSource.in(options.directory())) {
            take(verified(source));
        }
        if (slots.isEmpty()) {
            LOG.warn(
                    "no plugins in {}: the host serves no protocol; name another directory with --plugins",
                    options.directory());
        }
        slots.forEach(this::refuseHostKey);
        refuseDuplicates();
        slots.forEach(this::leaveOutIfConfigured);
    }

    /** Starts all that are verified. */
    void startAll() throws InterruptedException {
        for (PluginSlot slot : slots) {
            startVerified(slot);
        }
    }

    /** Takes up a jar or folder that was not there before. */
    void add(PluginSource source) throws InterruptedException {
        PluginSlot slot = verified(source);
        take(slot);
        check(slot, null);
        startVerified(slot);
    }

    /** Stops a plugin whose jar is gone and forgets it. */
    void remove(PluginSlot slot) {
        slot.stop();
        slot.discard();
        configuration.forget(slot.id());
        slots.remove(slot);
        news.accept(slot.id());
        LOG.info("{} was removed", slot.report().label());
        if (configuration.requiredPlugins().contains(slot.id())) {
            LOG.warn("plugin {} is required: the host will not start again without it", slot.id());
        }
    }

    /**
     * Puts a plugin's jar as it is now in the place of the one it runs from. The new jar is verified while the old one
     * runs; if it does not start, the old one is started again from its staged copy.
     */
    void replace(PluginSlot old, PluginSource source) throws InterruptedException {
        PluginSlot next = verified(source);
        check(next, old);
        if (!old.is(PluginState.STARTED)) {
            swap(old, next);
            startVerified(next);
        } else if (next.is(PluginState.DISABLED)) {
            old.stop();
            swap(old, next);
        } else if (next.is(PluginState.FAILED)) {
            reject(old, next);
        } else {
            old.suspend();
            next.start(contexts);
            if (next.is(PluginState.STARTED)) {
                swap(old, next);
                LOG.info(
                        "{} replaced version {}",
                        next.report().label(),
                        old.report().version());
            } else {
                old.start(contexts);
                reject(old, next);
            }
        }
    }

    /** Starts a plugin if it was verified. */
    void startVerified(PluginSlot slot) throws InterruptedException {
        if (slot.is(PluginState.VERIFIED)) {
            slot.start(contexts);
        }
    }

    private static void reject(PluginSlot old, PluginSlot next) {
        PluginFailure reason = next.report().failure();
        next.discard();
        if (reason != null && old.is(PluginState.STARTED)) {
            old.reject(reason);
        }
    }

    private void swap(PluginSlot old, PluginSlot next) {
        old.discard();
        slots.set(slots.indexOf(old), next);
        if (!old.id().equals(next.id())) {
            news.accept(old.id());
        }
        news.accept(next.id());
    }

    private void take(PluginSlot slot) {
        slots.add(slot);
        news.accept(slot.id());
    }

    /** A slot that is not in its place yet, or no more, is nobody's news. */
    private void changed(PluginSlot slot) {
        if (slots.contains(slot)) {
            news.accept(slot.id());
        }
    }

    private PluginSlot verified(PluginSource source) {
        PluginSlot slot = new PluginSlot(source, options, this::changed);
        if (source.disabled()) {
            slot.disable();
        } else {
            slot.verify();
        }
        return slot;
    }

    private void check(PluginSlot slot, @Nullable PluginSlot replaced) {
        refuseHostKey(slot);
        if (slot.is(PluginState.VERIFIED)) {
            slots.stream()
                    .filter(other -> other != slot && other != replaced)
                    .filter(other -> other.is(PluginState.STARTED) && other.id().equals(slot.id()))
                    .findFirst()
                    .ifPresent(other -> slot.refuse(
                            "plugin id " + slot.id() + " runs already from "
                                    + other.report().source(),
                            "Remove one of them."));
        }
        leaveOutIfConfigured(slot);
    }

    private void leaveOutIfConfigured(PluginSlot slot) {
        if (slot.is(PluginState.VERIFIED) && configuration.policy(slot.id()).disabled()) {
            slot.disable();
        }
    }

    private void refuseHostKey(PluginSlot slot) {
        if (slot.is(PluginState.VERIFIED) && Configuration.isHostKey(slot.id())) {
            slot.refuse(
                    "its id " + slot.id() + " is a key of the host's own configuration",
                    "Ask its author for another id.");
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
}
