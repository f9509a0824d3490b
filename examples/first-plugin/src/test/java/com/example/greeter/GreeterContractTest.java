package com.example.greeter;

import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import org.millrace.spi.plugin.Plugin;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.testkit.RawPeer;
import org.millrace.testkit.contract.PluginContract;
import org.millrace.testkit.contract.ProtocolClient;

/** The contract of all plugins. The terms are the first words of an answer. */
class GreeterContractTest extends PluginContract {
    private static String put(RawPeer peer, String path, String json) {
        String[] words = peer.send("PUT " + path + " " + json + "\n")
                .readUntil("\n")
                .strip()
                .split(" ");
        return words[0].equals("ERROR") ? "ERROR " + words[1] : words[0];
    }

    @Override
    protected String pluginId() {
        return "greeter";
    }

    @Override
    protected Class<? extends Plugin> pluginClass() {
        return GreeterPlugin.class;
    }

    @Override
    protected ProtocolClient connect(InetSocketAddress address) {
        RawPeer peer = RawPeer.connect(address, 16_384);
        return new ProtocolClient() {
            @Override
            public String put(String path, String json) {
                return GreeterContractTest.put(peer, path, json);
            }

            @Override
            public void askForAllAndReadNothing(String table) {
                peer.send("FOLLOW " + table + "/#\n");
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
        return "ERROR unauthenticated";
    }

    @Override
    protected String accepted() {
        return "OK";
    }

    @Override
    protected String refused(ErrorCode code) {
        return "ERROR " + code.id();
    }

    @Override
    protected byte[] greeting() {
        return "PUT t/never 1\n".getBytes(StandardCharsets.US_ASCII);
    }
}
