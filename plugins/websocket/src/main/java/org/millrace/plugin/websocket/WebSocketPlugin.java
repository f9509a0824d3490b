package org.millrace.plugin.websocket;

import org.jspecify.annotations.Nullable;
import org.millrace.spi.plugin.Plugin;
import org.millrace.spi.plugin.PluginContext;
import org.millrace.spi.transport.TransportExtensions;

/** Serves WebSocket on the HTTP plugin's port. Without an HTTP plugin it waits for one. */
public final class WebSocketPlugin implements Plugin {
    private @Nullable WebSocketUpgrade upgrade;

    /** Made by the host. */
    public WebSocketPlugin() {}

    @Override
    public void start(PluginContext context) {
        Subprotocols subprotocols = new Subprotocols();
        WebSocketUpgrade made = new WebSocketUpgrade(context, context.config(WebSocketConfig.class), subprotocols);
        upgrade = made;
        context.extensions().consume(TransportExtensions.STREAM_PROTOCOL, subprotocols);
        context.metrics().gauge("connections", "Open connections", made::connections);
        context.metrics().gauge("message_bytes", "Memory that unfinished messages take", made::messageBytes);
        context.metrics().gauge("messages_refused", "Connections closed for lack of it", made::messagesRefused);
        context.extensions().offer(TransportExtensions.HTTP_UPGRADE, made);
    }

    /** Says good-bye with 1001. */
    @Override
    public void stop() {
        if (upgrade != null) {
            upgrade.close();
        }
    }
}
