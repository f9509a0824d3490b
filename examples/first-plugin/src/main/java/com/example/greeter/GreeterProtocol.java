package com.example.greeter;

import io.netty.channel.Channel;
import io.netty.handler.codec.LineBasedFrameDecoder;
import io.netty.handler.codec.string.StringDecoder;
import io.netty.handler.flow.FlowControlHandler;
import java.nio.charset.StandardCharsets;
import org.millrace.spi.identity.ConnectionInfo;
import org.millrace.spi.plugin.PluginContext;
import org.millrace.spi.transport.StreamProtocol;

/** Lines of text over a stream of bytes. Used by several event loops. */
final class GreeterProtocol implements StreamProtocol {
    private static final int PATH_AND_COMMAND = 4096;

    private final PluginContext context;

    GreeterProtocol(PluginContext context) {
        this.context = context;
    }

    @Override
    public String name() {
        return "greeter";
    }

    @Override
    public void initialize(Channel channel, ConnectionInfo via) {
        // One line is given on for each read that the connection asks for.
        channel.config().setAutoRead(false);
        channel.pipeline()
                .addLast(
                        new LineBasedFrameDecoder(context.contents().maxSize() + PATH_AND_COMMAND),
                        new StringDecoder(StandardCharsets.UTF_8),
                        new FlowControlHandler(),
                        new GreeterConnection(context, via));
    }
}
