package org.millrace.distribution.flaw;

import org.millrace.spi.plugin.Plugin;
import org.millrace.spi.plugin.PluginContext;

/** Does not survive its constructor. */
public final class ThrowsWhenMade implements Plugin {
    /** Throws. */
    public ThrowsWhenMade() {
        throw new IllegalStateException("no licence");
    }

    @Override
    public void start(PluginContext context) {}
}
