package org.millrace.distribution.flaw;

import org.millrace.spi.plugin.Plugin;
import org.millrace.spi.plugin.PluginContext;

/** Uses a class that its jar may lack. */
public final class NeedsALibrary implements Plugin {
    @Override
    public void start(PluginContext context) {
        context.log().log(System.Logger.Level.INFO, Library.greeting());
    }
}
