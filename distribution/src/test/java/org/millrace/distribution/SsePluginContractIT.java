package org.millrace.distribution;

import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.millrace.plugin.http.HttpPlugin;
import org.millrace.plugin.sse.SsePlugin;
import org.millrace.spi.plugin.Plugin;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.testkit.InMemoryHost;
import org.millrace.testkit.RawPeer;
import org.millrace.testkit.contract.PluginContract;
import org.millrace.testkit.contract.ProtocolClient;

/**
 * The contract of all plugins, spoken in event streams on the port of the HTTP plugin. Clients read only. The terms are
 * statuses and, of problems, their types.
 */
class SsePluginContractIT extends PluginContract {
    /** Each stream is a connection of its own; the first is open as long as the client. */
    private static final class Client implements ProtocolClient {
        private final InetSocketAddress address;
        private final RawPeer kept;
        private @Nullable RawPeer slow;

        Client(InetSocketAddress address) {
            this.address = address;
            this.kept = RawPeer.connect(address);
            if (!open(kept, "kept").equals("200")) {
                throw new AssertionError("not let in");
            }
        }

        @Override
        public String follow(String path) {
            try (RawPeer peer = RawPeer.connect(address)) {
                return open(peer, path);
            }
        }

        @Override
        public void askForAllAndReadNothing(String table) {
            slow = RawPeer.connect(address, 16_384).send(request(table + "/"));
        }

        @Override
        public void close() {
            kept.close();
            if (slow != null) {
                slow.close();
            }
        }
    }

    private static String request(String path) {
        return "GET /" + path + " HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\n\r\n";
    }

    private static String open(RawPeer peer, String path) {
        String head = peer.send(request(path)).readUntil("\r\n\r\n");
        String status = head.substring(9, 12);
        if (status.equals("200")) {
            return status;
        }
        String length = head.replaceAll("(?is).*content-length: (\\d+).*", "$1");
        String problem = new String(peer.read(Integer.parseInt(length)), StandardCharsets.UTF_8);
        return status + problem.replaceAll("(?s).*\"type\":\"urn:millrace:problem:([a-z-]+)\".*", " $1");
    }

    @Override
    protected String pluginId() {
        return "sse";
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
    protected boolean readsOnly() {
        return true;
    }

    @Override
    protected Class<? extends Plugin> pluginClass() {
        return SsePlugin.class;
    }

    @Override
    protected ProtocolClient connect(InetSocketAddress address) {
        return new Client(address);
    }

    @Override
    protected String comeWithoutCredentials(InetSocketAddress address) {
        try (RawPeer peer = RawPeer.connect(address)) {
            return open(peer, "t/1");
        }
    }

    @Override
    protected String unauthenticated() {
        return "401 unauthenticated";
    }

    @Override
    protected String accepted() {
        return "200";
    }

    @Override
    protected String refused(ErrorCode code) {
        if (code == ErrorCode.FORBIDDEN) {
            return unauthenticated(); // the contract's client is anonymous, and may do it under another name
        }
        int status = switch (code) {
            case INVALID -> 400;
            case UNAUTHENTICATED, FORBIDDEN -> 401;
            case NOT_FOUND -> 404;
            case CONFLICT -> 409;
            case EXPIRED_CURSOR -> 410;
            case PRECONDITION_FAILED -> 412;
            case TOO_LARGE -> 413;
            case UNSUPPORTED -> 415;
            case INTERNAL -> 500;
            case BUSY, UNAVAILABLE -> 503;
            case QUOTA_EXCEEDED -> 507;
        };
        return status + " " + code.id();
    }

    @Override
    protected byte[] greeting() {
        return request("t/1").getBytes(StandardCharsets.US_ASCII);
    }
}
