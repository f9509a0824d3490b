package org.millrace.host;

import org.millrace.spi.plugin.Plugin;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A plugin that came with the program that embeds the host: started and stopped on the host's own thread. */
final class EmbeddedPlugin implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(EmbeddedPlugin.class);

    private final String id;
    private final Plugin plugin;
    private final HostScope scope;

    private EmbeddedPlugin(String id, Plugin plugin, HostScope scope) {
        this.id = id;
        this.plugin = plugin;
        this.scope = scope;
    }

    /** Starts a plugin; whatever it does on the way is undone with the other parts. */
    static void start(String id, Plugin plugin, HostServices services, OpenParts parts) throws Exception {
        HostScope scope = new HostScope(id, services);
        parts.add("plugin " + id, new EmbeddedPlugin(id, plugin, scope));
        plugin.start(scope.context());
        log.info("plugin {} (embedded) started", id);
    }

    @Override
    public void close() throws Exception {
        try {
            plugin.stop();
        } finally {
            scope.close();
        }
        log.info("plugin {} (embedded) stopped", id);
    }
}
