package com.example.greeter;

import java.io.IOException;
import org.millrace.spi.plugin.Plugin;
import org.millrace.spi.plugin.PluginContext;
import org.millrace.spi.transport.Transport;

/** What the host starts. */
public final class GreeterPlugin implements Plugin {
    /** Made by the host; everything begins in {@link #start}. */
    public GreeterPlugin() {}

    @Override
    public void start(PluginContext context) throws IOException {
        GreeterConfig config = context.config(GreeterConfig.class);
        context.service(Transport.class)
                .listen(
                        context.pluginId(),
                        config.listener().orPort(GreeterConfig.STANDARD_PORT),
                        new GreeterProtocol(context));
    }
}
