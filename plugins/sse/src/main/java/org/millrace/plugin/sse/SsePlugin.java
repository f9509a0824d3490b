package org.millrace.plugin.sse;

import org.jspecify.annotations.Nullable;
import org.millrace.spi.plugin.Plugin;
import org.millrace.spi.plugin.PluginContext;
import org.millrace.spi.transport.TransportExtensions;

/** Serves changes as event streams on the HTTP plugin's port. Without an HTTP plugin it waits for one. */
public final class SsePlugin implements Plugin {
    private @Nullable SseRoute route;

    /** Made by the host. */
    public SsePlugin() {}

    @Override
    public void start(PluginContext context) {
        SseRoute made = new SseRoute(context, context.config(SseConfig.class));
        route = made;
        context.metrics().gauge("streams", "Open event streams", made::streams);
        context.extensions().offer(TransportExtensions.HTTP_ROUTE, made);
    }

    /** Ends the streams; their clients connect anew by themselves, and go on where they were. */
    @Override
    public void stop() {
        if (route != null) {
            route.close();
        }
    }
}
