package org.millrace.examples.coap;

import io.netty.channel.EventLoop;
import java.util.concurrent.TimeUnit;
import org.eclipse.californium.core.network.CoapEndpoint;
import org.eclipse.californium.elements.config.Configuration;
import org.jspecify.annotations.Nullable;
import org.millrace.spi.plugin.ConfigurationException;
import org.millrace.spi.plugin.Plugin;
import org.millrace.spi.plugin.PluginContext;
import org.millrace.spi.transport.Transport;

/** Serves CoAP clients, on port 5683 unless configured otherwise. */
public final class CoapPlugin implements Plugin {
    private static final int PORT = 5683;
    private static final long PATIENCE_SECONDS = 2;

    private @Nullable Running running;

    private record Running(CoapEndpoint endpoint, Observers observers, EventLoop loop) {}

    /** Made by the host. */
    public CoapPlugin() {}

    @Override
    public void start(PluginContext context) throws Exception {
        CoapSettings settings = context.config(CoapSettings.class);
        if (Integer.bitCount(settings.blockSize()) != 1) {
            throw new ConfigurationException(context.pluginId() + ".block-size: " + settings.blockSize()
                    + " is no power of two; write 64, 128, 256, 512 or 1024");
        }
        DatagramConnector connector = new DatagramConnector();
        context.service(Transport.class)
                .listenDatagrams(context.pluginId(), settings.listener().orPort(PORT), connector);
        EventLoop loop = connector.loop();
        Configuration californium = Stack.configuration(settings);
        CoapEndpoint endpoint = Stack.endpoint(settings, californium, connector);
        Observers observers = new Observers(context, settings, loop, californium);
        endpoint.setMessageDeliverer(new Requests(context, settings, loop, observers));
        endpoint.setExecutors(loop, loop);
        running = new Running(endpoint, observers, loop);
        endpoint.start();
    }

    @Override
    public void stop() throws InterruptedException {
        Running it = running;
        if (it == null) {
            return;
        }
        // The good-byes are sent by a task that the first one adds behind itself.
        it.loop.submit(it.observers::close).await(PATIENCE_SECONDS, TimeUnit.SECONDS);
        it.loop.submit(() -> {}).await(PATIENCE_SECONDS, TimeUnit.SECONDS);
        it.endpoint.destroy();
        running = null;
    }
}
