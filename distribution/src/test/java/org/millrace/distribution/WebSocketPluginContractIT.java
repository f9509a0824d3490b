package org.millrace.distribution;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.millrace.plugin.http.HttpPlugin;
import org.millrace.plugin.websocket.WebSocketPlugin;
import org.millrace.spi.plugin.Plugin;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.testkit.InMemoryHost;
import org.millrace.testkit.RawPeer;
import org.millrace.testkit.contract.PluginContract;
import org.millrace.testkit.contract.ProtocolClient;

/**
 * The contract of all plugins, spoken in the multiplexed protocol of WebSocket on the port of the HTTP plugin. The terms
 * are the codes of errors.
 */
class WebSocketPluginContractIT extends PluginContract {
    private static final byte[] NO_MASK = new byte[4];

    @Override
    protected String pluginId() {
        return "websocket";
    }

    @Override
    protected String listener() {
        return "http";
    }

    @Override
    protected void startBeside(InMemoryHost host) throws Exception {
        host.start("http", new HttpPlugin(), Map.of());
    }

    @Override
    protected Class<? extends Plugin> pluginClass() {
        return WebSocketPlugin.class;
    }

    @Override
    protected ProtocolClient connect(InetSocketAddress address) {
        RawPeer peer = RawPeer.connect(address, 16_384).send(greeting());
        String head = peer.readUntil("\r\n\r\n");
        if (!head.startsWith("HTTP/1.1 101 ")) {
            throw new AssertionError("not let in: " + head);
        }
        return new ProtocolClient() {
            @Override
            public String put(String path, String json) {
                return WebSocketPluginContractIT.put(peer, path, json);
            }

            @Override
            public void askForAllAndReadNothing(String table) {
                sendText(peer, "{\"id\":1,\"op\":\"subscribe\",\"filter\":\"" + table + "/#\"}");
            }

            @Override
            public void close() {
                peer.close();
            }
        };
    }

    private static String put(RawPeer peer, String path, String json) {
        sendText(peer, "{\"id\":1,\"op\":\"put\",\"path\":\"" + path + "\",\"value\":" + json + "}");
        String answer = readText(peer);
        return answer.contains("\"result\":") ? "result" : answer.replaceAll("(?s).*\"code\":\"([a-z-]+)\".*", "$1");
    }

    private static void sendText(RawPeer peer, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        if (bytes.length > 125) {
            throw new IllegalArgumentException("longer than the contract's messages are: " + text);
        }
        peer.send(ByteBuffer.allocate(6 + bytes.length)
                .put((byte) 0x81)
                .put((byte) (0x80 | bytes.length))
                .put(NO_MASK)
                .put(bytes)
                .array());
    }

    private static String readText(RawPeer peer) {
        byte[] head = peer.read(2);
        if ((head[0] & 15) != 1) {
            throw new AssertionError("no text message, but a frame of kind " + (head[0] & 15));
        }
        int length = head[1] < 126 ? head[1] : ByteBuffer.wrap(peer.read(2)).getShort();
        return new String(peer.read(length), StandardCharsets.UTF_8);
    }

    @Override
    protected String comeWithoutCredentials(InetSocketAddress address) {
        try (RawPeer peer = RawPeer.connect(address).send(greeting())) {
            peer.readUntil("\r\n\r\n"); // credentials may follow on the connection itself
            return put(peer, "t/1", "1");
        }
    }

    @Override
    protected String unauthenticated() {
        return "unauthenticated";
    }

    @Override
    protected String accepted() {
        return "result";
    }

    @Override
    protected String refused(ErrorCode code) {
        return code.id();
    }

    @Override
    protected byte[] greeting() {
        return ("GET / HTTP/1.1\r\n"
                        + "Host: x\r\n"
                        + "Connection: Upgrade\r\n"
                        + "Upgrade: websocket\r\n"
                        + "Sec-WebSocket-Version: 13\r\n"
                        + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                        + "Sec-WebSocket-Protocol: millrace.json\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII);
    }
}
