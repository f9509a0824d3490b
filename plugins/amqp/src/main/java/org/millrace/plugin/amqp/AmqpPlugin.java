package org.millrace.plugin.amqp;

import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.millrace.plugin.amqp.connection.AmqpServer;
import org.millrace.spi.plugin.Plugin;
import org.millrace.spi.plugin.PluginContext;
import org.millrace.spi.transport.Listener;
import org.millrace.spi.transport.Transport;
import org.millrace.spi.transport.TransportExtensions;

/** Serves the records over AMQP 1.0. The host calls it on threads of its own. */
public final class AmqpPlugin implements Plugin {
    private @Nullable AmqpServer server;
    private @Nullable Listener listener;

    /** Made by the service loader. */
    public AmqpPlugin() {}

    @Override
    public void start(PluginContext context) throws IOException, InterruptedException {
        AmqpConfig config = context.config(AmqpConfig.class);
        AmqpServer started = new AmqpServer(context, config);
        AmqpProtocol protocol = new AmqpProtocol(started);
        server = started;
        started.start();
        listener = context.service(Transport.class)
                .listen(context.pluginId(), config.listener().orPort(config.standardPort()), protocol);
        context.extensions().offer(TransportExtensions.STREAM_PROTOCOL, protocol);
    }

    @Override
    public void stop() throws InterruptedException {
        if (listener != null) {
            listener.close();
        }
        if (server != null) {
            server.stop();
        }
    }
}
