package org.millrace.plugin.http;

import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import org.millrace.spi.plugin.Plugin;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.testkit.InMemoryHost;
import org.millrace.testkit.RawPeer;
import org.millrace.testkit.contract.PluginContract;
import org.millrace.testkit.contract.ProtocolClient;

/** The contract of all plugins, spoken in HTTP/1.1. The terms are statuses and, of problems, their types. */
class HttpPluginContractTest extends PluginContract {
    private static String put(RawPeer peer, String path, String json) {
        peer.send("PUT /" + path + " HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: "
                + json.length() + "\r\n\r\n" + json);
        String head = peer.readUntil("\r\n\r\n");
        String status = head.substring(9, 12);
        if (status.startsWith("2")) {
            return "2xx";
        }
        String length = head.replaceAll("(?is).*content-length: (\\d+).*", "$1");
        String problem = new String(peer.read(Integer.parseInt(length)), StandardCharsets.UTF_8);
        return status + problem.replaceAll("(?s).*\"type\":\"urn:millrace:problem:([a-z-]+)\".*", " $1");
    }

    @Override
    protected String pluginId() {
        return "http";
    }

    @Override
    protected Class<? extends Plugin> pluginClass() {
        return HttpPlugin.class;
    }

    @Override
    protected InMemoryHost.Options hostOptions() {
        return InMemoryHost.Options.DEFAULT.withRules(new JacksonRules());
    }

    @Override
    protected ProtocolClient connect(InetSocketAddress address) {
        RawPeer peer = RawPeer.connect(address, 16_384);
        return new ProtocolClient() {
            @Override
            public String put(String path, String json) {
                return HttpPluginContractTest.put(peer, path, json);
            }

            @Override
            public void askForAllAndReadNothing(String table) {
                peer.send("GET /" + table + "/ HTTP/1.1\r\nHost: x\r\n\r\n");
            }

            @Override
            public void close() {
                peer.close();
            }
        };
    }

    @Override
    protected String comeWithoutCredentials(InetSocketAddress address) {
        try (RawPeer peer = RawPeer.connect(address)) {
            return put(peer, "t/1", "1");
        }
    }

    @Override
    protected String unauthenticated() {
        return "401 unauthenticated";
    }

    @Override
    protected String accepted() {
        return "2xx";
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
        return "PUT /t/never HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\n123".getBytes(StandardCharsets.US_ASCII);
    }
}
