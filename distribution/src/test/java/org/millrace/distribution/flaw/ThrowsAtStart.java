package org.millrace.distribution.flaw;

import org.millrace.spi.plugin.Plugin;
import org.millrace.spi.plugin.PluginContext;

/** Does not survive its start. */
public final class ThrowsAtStart implements Plugin {
    @Override
    public void start(PluginContext context) {
        throw new IllegalStateException("no directory of users");
    }
}
