package org.millrace.distribution.flaw;

import org.millrace.spi.plugin.Plugin;
import org.millrace.spi.plugin.PluginContext;
import org.millrace.spi.plugin.Setting;

/** Loads a native library from where it is told. */
public final class LoadsNativeCode implements Plugin {
    record Config(@Setting String library) {}

    @Override
    public void start(PluginContext context) {
        System.load(context.config(Config.class).library());
    }
}
