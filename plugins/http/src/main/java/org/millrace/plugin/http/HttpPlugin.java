package org.millrace.plugin.http;

import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.millrace.plugin.http.connection.HttpServer;
import org.millrace.plugin.http.connection.Routes;
import org.millrace.spi.plugin.Plugin;
import org.millrace.spi.plugin.PluginContext;
import org.millrace.spi.transport.Listener;
import org.millrace.spi.transport.Transport;
import org.millrace.spi.transport.TransportExtensions;

/**
 * Serves records and changes over HTTP. It opens the listener {@code http}, offers itself as a stream protocol, and lets
 * other plugins answer requests and take over connections on its port.
 */
public final class HttpPlugin implements Plugin {
    private static final int PORT = 8080;

    private @Nullable HttpConfig config;
    private @Nullable HttpServer server;
    private @Nullable Listener listener;

    /** Made by the host. */
    public HttpPlugin() {}

    @Override
    public void start(PluginContext context) throws IOException {
        HttpConfig settings = context.config(HttpConfig.class);
        Routes routes = new Routes();
        HttpServer made = new HttpServer(context, settings, routes);
        config = settings;
        server = made;
        context.extensions().consume(TransportExtensions.HTTP_ROUTE, routes.routes());
        context.extensions().consume(TransportExtensions.HTTP_UPGRADE, routes.upgrades());
        context.metrics().gauge("connections", "Open connections", made::connections);
        context.metrics().gauge("body_bytes", "Memory that request bodies take", made.bodies()::held);
        context.metrics().gauge("bodies_refused", "Requests refused for lack of it", made.bodies()::refused);
        HttpProtocol protocol = new HttpProtocol(made);
        context.extensions().offer(TransportExtensions.STREAM_PROTOCOL, protocol);
        listener = context.service(Transport.class)
                .listen(context.pluginId(), settings.listener().orPort(PORT), protocol);
    }

    /** Stops accepting, lets requests under way end, and closes what is at rest. */
    @Override
    public void stop() throws InterruptedException {
        if (listener != null) {
            listener.close();
        }
        if (server != null && config != null) {
            server.drain(config.drainTimeout());
        }
    }
}
