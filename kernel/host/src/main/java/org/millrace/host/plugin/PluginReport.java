package org.millrace.host.plugin;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A plugin's state at one moment, as operators see it.
 *
 * @param id its id; the name of its jar or folder as long as the manifest was not read
 * @param version its version; empty as long as the manifest was not read
 * @param source the jar or folder
 * @param state how far it has come
 * @param failure why it does not run, or null
 */
public record PluginReport(
        String id,
        String version,
        String source,
        PluginState state,
        @Nullable PluginFailure failure) {
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
        if (f == null) {
            return label() + " is " + state.name().toLowerCase(Locale.ROOT);
        }
        String reason = f.reason().matches("(?s).*[.?!]") ? f.reason() : f.reason() + ".";
        String others = f.phase() == PluginPhase.STOP ? "" : " Other plugins keep running.";
        return label() + " failed at " + f.phase() + ": " + reason + others
                + (f.remedy().isEmpty() ? "" : " " + f.remedy());
    }
}
