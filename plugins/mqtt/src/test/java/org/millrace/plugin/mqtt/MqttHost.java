package org.millrace.plugin.mqtt;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.millrace.testkit.InMemoryHost;
import org.millrace.testkit.RawPeer;

/** A host in memory that serves MQTT on a free port, and peers connected to it. */
final class MqttHost implements AutoCloseable {
    private final InMemoryHost host;
    private final Map<String, String> settings;

    private MqttHost(InMemoryHost host, Map<String, String> settings) {
        this.host = host;
        this.settings = settings;
    }

    /** Starts a host; the settings are keys and values in turn. */
    static MqttHost start(String... settings) throws Exception {
        return start(InMemoryHost.Options.DEFAULT, settings);
    }

    static MqttHost start(InMemoryHost.Options options, String... settings) throws Exception {
        Map<String, String> all = new HashMap<>();
        all.put("port", "0");
        for (int i = 0; i < settings.length; i += 2) {
            all.put(settings[i], settings[i + 1]);
        }
        InMemoryHost host = InMemoryHost.create(options);
        host.start("mqtt", new MqttPlugin(), all);
        return new MqttHost(host, all);
    }

    /** Starts the plugin anew on what is stored, as after a crash: the one before is left to itself. */
    void startAfterCrash() throws Exception {
        host.crash("mqtt");
        host.start("mqtt", new MqttPlugin(), settings);
    }

    /** Stops the plugin and starts it anew. */
    void restart() throws Exception {
        host.stop("mqtt");
        host.start("mqtt", new MqttPlugin(), settings);
    }

    InMemoryHost host() {
        return host;
    }

    int port() {
        return host.address("mqtt").getPort();
    }

    RawPeer peer() {
        return RawPeer.connect(host.address("mqtt"));
    }

    /** A 3.1.1 client with a clean session. */
    RawPeer client4(String clientId) {
        return peer().send(Packets.connect4(clientId, Packets.CLEAN)).expectHex("20 02 00 00");
    }

    /** An MQTT 5 client with a clean start, and CONNECT properties. */
    RawPeer client5(String clientId, byte[]... properties) {
        RawPeer peer = peer().send(Packets.connect5(clientId, Packets.CLEAN, Packets.properties(properties)));
        byte[] connack = packet(peer);
        assertThat(connack[0]).isEqualTo((byte) 0x20);
        assertThat(connack[3]).as("CONNACK's reason code").isEqualTo((byte) 0);
        return peer;
    }

    /** A 3.1.1 client whose session outlives its connection; whether there is one already is expected as given. */
    RawPeer lasting(String clientId, boolean present) {
        return peer().send(Packets.connect4(clientId, 0)).expectHex(present ? "20 02 01 00" : "20 02 00 00");
    }

    /** Publishes at QoS 2, as another client; returns when the exchange is over. */
    void publish(String topic, int packetId, String payload) {
        try (RawPeer publisher = client4("publisher" + packetId)) {
            publisher
                    .send(Packets.publish4(0x04, topic, packetId, payload))
                    .expect(Packets.acknowledgement(0x50, packetId));
            publisher.send(Packets.acknowledgement(0x62, packetId)).expect(Packets.acknowledgement(0x70, packetId));
        }
    }

    /** Shows that a peer gets nothing but the answer to a PINGREQ. */
    static void expectSilence(RawPeer peer) {
        peer.send(Packets.PINGREQ).expect(Packets.PINGRESP);
    }

    /** The next packet a peer gets, whole; for packets with one length byte. */
    static byte[] packet(RawPeer peer) {
        byte[] head = peer.read(2);
        assertThat(head[1]).as("length of packet " + Arrays.toString(head)).isNotNegative();
        return Packets.join(head, peer.read(head[1]));
    }

    /** Expects a packet that begins like this, whatever reason string follows, and then the end of the connection. */
    static void expectFarewell(RawPeer peer, int first, int... afterLength) {
        byte[] all = peer.readAll().getBytes(java.nio.charset.StandardCharsets.ISO_8859_1);
        assertThat(all).as("a farewell").hasSizeGreaterThan(1 + afterLength.length);
        assertThat(all[0]).isEqualTo((byte) first);
        int at = all[1] < 0 ? 3 : 2;
        assertThat(Arrays.copyOfRange(all, at, at + afterLength.length)).isEqualTo(Packets.bytes(afterLength));
    }

    @Override
    public void close() throws Exception {
        host.close();
    }
}
