package org.millrace.plugin.mqtt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.millrace.plugin.mqtt.Packets.bytes;
import static org.millrace.plugin.mqtt.Packets.join;
import static org.millrace.plugin.mqtt.Packets.packet;
import static org.millrace.plugin.mqtt.Packets.properties;
import static org.millrace.plugin.mqtt.Packets.property;
import static org.millrace.plugin.mqtt.Packets.u16;
import static org.millrace.plugin.mqtt.Packets.u32;
import static org.millrace.plugin.mqtt.Packets.utf;

import java.util.Arrays;
import org.millrace.testkit.RawPeer;

/** One version of the protocol, spoken to one host, so that a test can be written once for both versions. */
record Dialect(int level, MqttHost mqtt, String topic) {
    static final int PUBACK = 0x40;
    static final int PUBREC = 0x50;
    static final int PUBREL = 0x62;
    static final int PUBCOMP = 0x70;

    boolean isFive() {
        return level == 5;
    }

    /** A client id and topic of this test's own. */
    String id(String suffix) {
        return topic.replace('/', 'x') + suffix;
    }

    /** CONNECT with any flags and payload; MQTT 5 without properties of its own. */
    byte[] connect(int flags, int keepAlive, byte[]... payload) {
        byte[] properties = isFive() ? properties() : bytes();
        return packet(0x10, utf("MQTT"), bytes(level, flags), u16(keepAlive), properties, join(payload));
    }

    /** A clean client that wants no reason strings, so that answers can be compared byte by byte. */
    RawPeer client(String suffix) {
        return isFive() ? mqtt.client5(id(suffix), property(0x17, bytes(0))) : mqtt.client4(id(suffix));
    }

    /** A client whose session outlives the connection. */
    RawPeer lasting(String suffix, boolean present) {
        RawPeer peer = mqtt.peer();
        byte[] kept = properties(property(0x17, bytes(0)), property(0x11, u32(300)));
        peer.send(isFive() ? Packets.connect5(id(suffix), 0, kept) : Packets.connect4(id(suffix), 0));
        byte[] connack = MqttHost.packet(peer);
        assertThat(connack[0]).isEqualTo((byte) 0x20);
        assertThat(connack[2]).as("session present").isEqualTo((byte) (present ? 1 : 0));
        assertThat(connack[3]).as("reason code").isZero();
        return peer;
    }

    /** Connects with a will that is published when the connection ends. */
    RawPeer withWill(String suffix, int willFlags, String willTopic, String message) {
        byte[] will = join(isFive() ? properties() : bytes(), utf(willTopic), utf(message));
        RawPeer peer = mqtt.peer().send(connect(0x06 | willFlags, 60, utf(id(suffix)), will));
        assertThat(MqttHost.packet(peer)[3]).isZero();
        return peer;
    }

    byte[] publish(int flags, String to, int packetId, String payload) {
        return isFive()
                ? Packets.publish5(flags, to, packetId, properties(), payload)
                : Packets.publish4(flags, to, packetId, payload);
    }

    byte[] subscribe(int packetId, String filter, int options) {
        return isFive()
                ? Packets.subscribe5(packetId, properties(), filter, options)
                : Packets.subscribe4(packetId, filter, options);
    }

    byte[] unsubscribe(int packetId, String... filters) {
        byte[] all = join(Arrays.stream(filters).map(Packets::utf).toArray(byte[][]::new));
        return packet(0xA2, u16(packetId), isFive() ? properties() : bytes(), all);
    }

    byte[] suback(int packetId, int... codes) {
        return packet(0x90, u16(packetId), isFive() ? properties() : bytes(), bytes(codes));
    }

    byte[] unsuback(int packetId, int... codes) {
        return packet(0xB0, u16(packetId), isFive() ? properties() : bytes(), isFive() ? bytes(codes) : bytes());
    }

    RawPeer subscriber(String suffix, String filter, int options) {
        return client(suffix).send(subscribe(1, filter, options)).expect(suback(1, options & 3));
    }

    /** Expects PUBACK, PUBREC, PUBREL or PUBCOMP that refuses nothing. */
    void expectAck(RawPeer peer, int first, int packetId) {
        byte[] ack = MqttHost.packet(peer);
        assertThat(ack[0]).as("packet type").isEqualTo((byte) first);
        assertThat(Arrays.copyOfRange(ack, 2, 4)).as("packet identifier").isEqualTo(u16(packetId));
        assertThat(ack.length == 4 || ack[4] >= 0)
                .as("no refusal in " + Arrays.toString(ack))
                .isTrue();
    }

    /** Publishes at QoS 1 and waits until it is acknowledged. */
    void published(RawPeer peer, int flags, String to, int packetId, String payload) {
        peer.send(publish(0x02 | flags, to, packetId, payload));
        expectAck(peer, PUBACK, packetId);
    }

    /** Expects the end of a connection, with a reason code in MQTT 5. */
    void expectEnd(RawPeer peer, int code) {
        if (isFive()) {
            MqttHost.expectFarewell(peer, 0xE0, code);
        } else {
            peer.expectClosed();
        }
    }

    /** Sends a packet as a connected client and expects the connection to end for it, and nobody else's. */
    void breach(int code, byte[] packet) {
        try (RawPeer bystander = client("by");
                RawPeer peer = client("bad")) {
            expectEnd(peer.send(packet), code);
            bystander.send(Packets.PINGREQ).expect(Packets.PINGRESP);
        }
    }

    /** Sends a CONNECT that has to be refused: with CONNACK in MQTT 5, without in 3.1.1. */
    void badConnect(int code, byte[] connect) {
        try (RawPeer peer = mqtt.peer().send(connect)) {
            if (isFive()) {
                MqttHost.expectFarewell(peer, 0x20, 0, code);
            } else {
                peer.expectClosed();
            }
        }
    }

    /** A packet with a text field of ill-formed UTF-8. */
    static byte[] illFormed() {
        return join(u16(2), bytes(0xC3, 0x28));
    }

    void alive(RawPeer peer) {
        peer.send(Packets.PINGREQ).expect(Packets.PINGRESP);
    }
}
