package org.millrace.host.plugin;

import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.millrace.host.config.AwaitedPlugin;

/**
 * A plugin's state at one moment, as operators see it.
 *
 * @param id its id; the name of its jar or folder as long as the manifest was not read
 * @param version its version; empty as long as the manifest was not read
 * @param source the jar or folder, as {@code plugins/amqp.jar}; of one that is awaited, that there is none
 * @param state how far it has come
 * @param failure why it does not run, or null
 * @param rejected why a newer jar in its place was not taken into use while the one before goes on, or null
 */
public record PluginReport(
        String id,
        String version,
        String source,
        PluginState state,
        @Nullable PluginFailure failure,
        @Nullable PluginFailure rejected) {
    PluginReport(String id, String version, String source, PluginState state, @Nullable PluginFailure failure) {
        this(id, version, source, state, failure, null);
    }

    PluginReport withRejected(PluginFailure reason) {
        return new PluginReport(id, version, source, state, failure, reason);
    }

    static PluginReport awaited(AwaitedPlugin plugin) {
        return new PluginReport(
                plugin.id(), "", "no jar; configured " + plugin.places() + plugin.hint(), PluginState.AWAITED, null);
    }

    /**
     * Names the plugin in a message.
     *
     * @return for example {@code plugin amqp 1.0.2 (plugins/amqp.jar)}
     */
    public String label() {
        return "plugin " + id + (version.isEmpty() ? "" : " " + version) + " (" + source + ")";
    }

    /**
     * The state in a line.
     *
     * @return for a failed plugin with phase, reason and remedy
     */
    public String line() {
        PluginFailure f = failure;
        PluginFailure newer = rejected;
        if (f != null) {
            String others = f.phase() == PluginPhase.STOP ? "" : " Other plugins keep running.";
            return label() + " failed at " + f.phase() + ": " + sentence(f.reason()) + others + remedy(f);
        }
        String now = label() + " is " + state.name().toLowerCase(Locale.ROOT);
        if (state == PluginState.DISABLED) {
            return now + ", by a file " + source + ".disabled or by " + id + ".disabled in the configuration";
        }
        return newer == null
                ? now
                : now + "; the jar that was to replace it failed at " + newer.phase() + ": " + sentence(newer.reason())
                        + remedy(newer);
    }

    private static String sentence(String reason) {
        return reason.matches("(?s).*[.?!]") ? reason : reason + ".";
    }

    private static String remedy(PluginFailure failure) {
        return failure.remedy().isEmpty() ? "" : " " + failure.remedy();
    }
}
