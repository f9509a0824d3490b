package org.millrace.examples.redis;

import java.io.IOException;
import org.millrace.spi.plugin.Plugin;
import org.millrace.spi.plugin.PluginContext;
import org.millrace.spi.transport.Transport;
import org.millrace.spi.transport.TransportExtensions;

/** Serves the records to Redis clients. */
public final class RedisPlugin implements Plugin {
    /** Made by the service loader. */
    public RedisPlugin() {}

    @Override
    public void start(PluginContext context) throws IOException {
        RedisConfig config = context.config(RedisConfig.class);
        RedisProtocol protocol = new RedisProtocol(context, config);
        context.service(Transport.class)
                .listen(context.pluginId(), config.listener().orPort(RedisConfig.STANDARD_PORT), protocol);
        context.extensions().offer(TransportExtensions.STREAM_PROTOCOL, protocol);
    }
}
