package org.millrace.plugin.websocket;

import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.millrace.spi.plugin.Extensions;
import org.millrace.spi.transport.StreamProtocol;

/** The protocols that other plugins offer to be carried in WebSocket. Safe for use by any thread. */
final class Subprotocols implements Extensions.Consumer<StreamProtocol> {
    private final Map<String, StreamProtocol> byName = new ConcurrentHashMap<>();

    @Override
    public void added(String pluginId, StreamProtocol protocol) {
        protocol.webSocketSubprotocols().forEach(name -> byName.putIfAbsent(name, protocol));
    }

    @Override
    public void removed(String pluginId, StreamProtocol protocol) {
        protocol.webSocketSubprotocols().forEach(name -> byName.remove(name, protocol));
    }

    /** The protocol of a name. */
    Optional<StreamProtocol> find(String name) {
        return Optional.ofNullable(byName.get(name));
    }
}
