package org.millrace.host.plugin;

import java.io.Serial;

/** The host must not start without a plugin that failed. The message is what the operator reads. */
public final class PluginHostException extends Exception {
    @Serial
    private static final long serialVersionUID = 1L;

    /**
     * Makes an exception.
     *
     * @param message names the plugins, why they do not run, and the remedy
     */
    public PluginHostException(String message) {
        super(message);
    }
}
