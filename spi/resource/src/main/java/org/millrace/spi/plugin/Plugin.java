package org.millrace.spi.plugin;

/**
 * The entry point of a plugin, found by {@link java.util.ServiceLoader} in the plugin's own class loader. A jar names
 * exactly one, and its manifest says {@code Plugin-Id}, {@code Plugin-Version} and {@code Requires-Spi}. With
 * {@code Requires-Platform: linux-x86_64, linux-aarch_64} it is refused where its native libraries do not run.
 *
 * <p>The constructor takes no arguments and does nothing. The host calls {@code start} and {@code stop} at most once
 * each, on a thread of its own with the plugin's class loader as context loader, and each within a time limit.
 *
 * @since 0.1
 */
public interface Plugin {
    /**
     * Starts the plugin: reads its configuration, opens listeners, offers and consumes extensions. When it returns the
     * plugin serves. When it throws, the host undoes every registration and listener made through the context and
     * reports the cause; other plugins go on.
     *
     * @param context everything the host offers; valid until {@code stop} returns
     * @throws Exception why the plugin cannot serve; the message is what the operator reads
     */
    void start(PluginContext context) throws Exception;

    /**
     * Stops the plugin: says good-bye to its clients and lets go of what it opened itself. The host then undoes the
     * registrations and listeners made through the context. Called also when {@code start} failed half way.
     *
     * @throws Exception is logged; stopping goes on
     */
    default void stop() throws Exception {}
}
