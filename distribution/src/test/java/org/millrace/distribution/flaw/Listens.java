package org.millrace.distribution.flaw;

import io.netty.channel.Channel;
import org.millrace.spi.identity.ConnectionInfo;
import org.millrace.spi.plugin.Plugin;
import org.millrace.spi.plugin.PluginContext;
import org.millrace.spi.plugin.Setting;
import org.millrace.spi.transport.ListenerSettings;
import org.millrace.spi.transport.StreamProtocol;
import org.millrace.spi.transport.Transport;

/**
 * Listens where it is told, were it another program's port. A test may take {@code initialize} away, as if the SPI had no
 * such method when this was built.
 */
public final class Listens implements Plugin {
    record Config(@Setting(inline = true) ListenerSettings listener) {}

    @Override
    public void start(PluginContext context) throws Exception {
        ListenerSettings listener = context.config(Config.class).listener();
        context.service(Transport.class).listen(context.pluginId(), listener, new Silence());
    }

    /** Says nothing. */
    static final class Silence implements StreamProtocol {
        @Override
        public String name() {
            return "silence";
        }

        @Override
        public void initialize(Channel channel, ConnectionInfo via) {}
    }
}
