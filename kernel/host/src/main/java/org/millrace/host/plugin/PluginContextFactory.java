package org.millrace.host.plugin;

/**
 * Makes what a plugin sees of the host. The host's assembly implements it; {@link PluginHost} calls it once for each
 * start of a plugin, on the thread that starts it.
 */
@FunctionalInterface
public interface PluginContextFactory {
    /**
     * Opens the host to a plugin that is about to start.
     *
     * @param plugin which plugin
     * @return its context, and the means to undo everything the plugin registers through it
     */
    PluginScope open(PluginDescriptor plugin);
}
