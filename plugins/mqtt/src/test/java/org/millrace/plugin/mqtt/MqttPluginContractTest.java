package org.millrace.plugin.mqtt;

import java.net.InetSocketAddress;
import org.millrace.spi.plugin.Plugin;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.testkit.RawPeer;
import org.millrace.testkit.contract.PluginContract;
import org.millrace.testkit.contract.ProtocolClient;

/** The contract of all plugins, spoken in MQTT 5. The terms are reason codes. */
class MqttPluginContractTest extends PluginContract {
    private static final int RETAINED_AT_LEAST_ONCE = 3;

    private static byte[] connect() {
        return Packets.connect5("contract" + System.nanoTime(), Packets.CLEAN, Packets.properties());
    }

    private static String code(byte code) {
        return "0x%02X".formatted(code);
    }

    @Override
    protected String pluginId() {
        return "mqtt";
    }

    @Override
    protected Class<? extends Plugin> pluginClass() {
        return MqttPlugin.class;
    }

    @Override
    protected ProtocolClient connect(InetSocketAddress address) {
        RawPeer peer = RawPeer.connect(address, 16_384);
        peer.send(connect());
        if (MqttHost.packet(peer)[3] != 0) {
            throw new AssertionError("not let in");
        }
        return new ProtocolClient() {
            @Override
            public String put(String path, String json) {
                peer.send(Packets.publish5(RETAINED_AT_LEAST_ONCE, path, 1, Packets.properties(), json));
                byte[] puback = MqttHost.packet(peer);
                return puback.length == 4 ? "0x00" : code(puback[4]);
            }

            @Override
            public void askForAllAndReadNothing(String table) {
                peer.send(Packets.subscribe5(2, Packets.properties(), table + "/#", 0));
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
            return code(MqttHost.packet(peer.send(connect()))[3]);
        }
    }

    @Override
    protected String unauthenticated() {
        return "0x86"; // Bad User Name or Password
    }

    @Override
    protected String accepted() {
        return "0x00";
    }

    @Override
    protected String refused(ErrorCode code) {
        return switch (code) {
            case INVALID -> "0x99";
            case UNAUTHENTICATED, FORBIDDEN -> "0x87";
            case TOO_LARGE, BUSY, QUOTA_EXCEEDED -> "0x97";
            case UNAVAILABLE, INTERNAL -> "0x80";
            case UNSUPPORTED, NOT_FOUND, CONFLICT, PRECONDITION_FAILED, EXPIRED_CURSOR -> "0x83";
        };
    }

    @Override
    protected byte[] greeting() {
        return connect();
    }
}
