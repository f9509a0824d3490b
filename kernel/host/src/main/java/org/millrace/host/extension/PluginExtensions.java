package org.millrace.host.extension;

import org.millrace.host.scope.Registrations;
import org.millrace.spi.plugin.ExtensionPoint;
import org.millrace.spi.plugin.Extensions;
import org.millrace.spi.plugin.Registration;

/**
 * One plugin's access to the extension points. When {@link #offer} or the closing of an offer returns, every consumer
 * has been told, or is being told by a thread that was already delivering to it.
 */
public final class PluginExtensions implements Extensions, AutoCloseable {
    private final String pluginId;
    private final ExtensionRegistry registry;
    private final Registrations offers;
    private final Registrations uses;

    PluginExtensions(String pluginId, ExtensionRegistry registry) {
        this.pluginId = pluginId;
        this.registry = registry;
        this.offers = new Registrations(pluginId);
        this.uses = new Registrations(pluginId);
    }

    @Override
    public <T> Registration offer(ExtensionPoint<T> point, T extension) {
        return offers.register(() -> registry.offer(pluginId, point, extension));
    }

    @Override
    public <T> Registration consume(ExtensionPoint<T> point, Consumer<T> consumer) {
        return uses.register(() -> registry.consume(pluginId, point, consumer));
    }

    /** Ends the plugin's uses, then takes its offers back. Further calls do nothing. */
    @Override
    public void close() {
        uses.close();
        offers.close();
    }
}
