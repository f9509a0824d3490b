package org.millrace.plugin.websocket;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.millrace.spi.plugin.Extensions;
import org.millrace.spi.transport.StreamProtocol;

/** The protocols that other plugins offer to be carried in WebSocket. Safe for use by any thread. */
final class Subprotocols implements Extensions.Consumer<StreamProtocol> {
    private final Map<String, StreamProtocol> byName = new ConcurrentHashMap<>();

    /** A protocol, and the name under which the client asked for it. */
    record Chosen(String name, StreamProtocol protocol) {}

    @Override
    public void added(String pluginId, StreamProtocol protocol) {
        protocol.webSocketSubprotocols().forEach(name -> byName.putIfAbsent(name, protocol));
    }

    @Override
    public void removed(String pluginId, StreamProtocol protocol) {
        protocol.webSocketSubprotocols().forEach(name -> byName.remove(name, protocol));
    }

    /** The first that is known of those a client names, which are in the order of its preference. */
    Optional<Chosen> choose(List<String> wanted) {
        for (String name : wanted) {
            StreamProtocol protocol = byName.get(name);
            if (protocol != null) {
                return Optional.of(new Chosen(name, protocol));
            }
        }
        return Optional.empty();
    }
}
