package org.millrace.examples.coap;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.eclipse.californium.core.coap.Response;
import org.millrace.spi.plugin.Plugin;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.testkit.contract.PluginContract;
import org.millrace.testkit.contract.ProtocolClient;

class CoapContractTest extends PluginContract {
    private static final int OBSERVATIONS = 100;

    @Override
    protected String pluginId() {
        return "coap";
    }

    @Override
    protected Class<? extends Plugin> pluginClass() {
        return CoapPlugin.class;
    }

    /** What is asked for without being read is bounded by the number of observers, each with one state. */
    @Override
    protected Map<String, String> settings() {
        return Map.of("max-observers", "32", "max-body", "256KiB");
    }

    @Override
    protected boolean overDatagrams() {
        return true;
    }

    @Override
    protected ProtocolClient connect(InetSocketAddress address) throws IOException {
        Peer peer = new Peer(address);
        return new ProtocolClient() {
            @Override
            public String put(String path, String json) throws IOException {
                return told(peer.ask(peer.put(path, json)));
            }

            @Override
            public void askForAllAndReadNothing(String table) throws IOException {
                for (int i = 0; i < OBSERVATIONS; i++) {
                    peer.send(peer.observe(table + "/" + i));
                }
            }

            @Override
            public void close() {
                peer.close();
            }
        };
    }

    private static String told(Response response) {
        return response.isSuccess() ? "success" : response.getCode().text;
    }

    @Override
    protected String comeWithoutCredentials(InetSocketAddress address) throws IOException {
        try (Peer peer = new Peer(address)) {
            return told(peer.ask(peer.put("t/1", "1")));
        }
    }

    @Override
    protected String unauthenticated() {
        return "4.01";
    }

    @Override
    protected String accepted() {
        return "success";
    }

    @Override
    protected String refused(ErrorCode code) {
        return Responses.code(code, false).text;
    }

    @Override
    protected byte[] greeting() {
        // A confirmable GET of t/1.
        return "\u0040\u0001\u0000\u0001\u00b1t\u00011".getBytes(StandardCharsets.ISO_8859_1);
    }
}
