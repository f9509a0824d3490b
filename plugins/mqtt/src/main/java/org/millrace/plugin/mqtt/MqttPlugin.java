package org.millrace.plugin.mqtt;

import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.millrace.plugin.mqtt.connection.MqttServer;
import org.millrace.spi.plugin.Plugin;
import org.millrace.spi.plugin.PluginContext;
import org.millrace.spi.transport.Listener;
import org.millrace.spi.transport.Transport;
import org.millrace.spi.transport.TransportExtensions;

/** Serves the records over MQTT 3.1.1 and MQTT 5. The host calls it on threads of its own. */
public final class MqttPlugin implements Plugin {
    private @Nullable MqttServer server;
    private @Nullable Listener listener;

    /** Made by the service loader. */
    public MqttPlugin() {}

    @Override
    public void start(PluginContext context) throws IOException {
        MqttConfig config = context.config(MqttConfig.class);
        MqttServer started = new MqttServer(context, config);
        started.start();
        MqttProtocol protocol = new MqttProtocol(started, config);
        server = started;
        listener = context.service(Transport.class)
                .listen(context.pluginId(), config.listener().orPort(MqttConfig.STANDARD_PORT), protocol);
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
