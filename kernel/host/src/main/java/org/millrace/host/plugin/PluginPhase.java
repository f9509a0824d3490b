package org.millrace.host.plugin;

import java.util.Locale;

/** What the host was doing with a plugin when it failed. */
public enum PluginPhase {
    /** Copying the jar and reading it as a zip file. */
    VERIFY,
    /** Loading its class and making an object of it. */
    LOAD,
    /** Calling {@code start}. */
    START,
    /** Calling {@code stop}. */
    STOP;

    /** As the operator reads it. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
