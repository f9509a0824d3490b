package org.millrace.host.plugin;

import org.millrace.spi.plugin.PluginContext;

/**
 * One run of one plugin as the host sees it: its context, and everything that was registered through it. Made by a
 * {@link PluginContextFactory}.
 */
public interface PluginScope extends AutoCloseable {
    /**
     * What the plugin is given.
     *
     * @return the same context each time
     */
    PluginContext context();

    /**
     * Undoes all registrations, closes all listeners and connections, and ends all tasks the plugin made through its
     * context, and forgets every reference to objects of the plugin's classes. Called once, on a thread of
     * {@link PluginHost}'s, after the plugin's {@code stop} returned or ran out of time; may block for a bounded time.
     * The context refuses further use.
     */
    @Override
    void close();
}
