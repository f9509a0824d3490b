package org.millrace.plugin.mqtt;

import static org.millrace.plugin.mqtt.MqttHost.expectFarewell;
import static org.millrace.plugin.mqtt.Packets.bytes;
import static org.millrace.plugin.mqtt.Packets.packet;
import static org.millrace.plugin.mqtt.Packets.properties;
import static org.millrace.plugin.mqtt.Packets.property;
import static org.millrace.plugin.mqtt.Packets.publish5;
import static org.millrace.plugin.mqtt.Packets.raw;
import static org.millrace.plugin.mqtt.Packets.subscribe5;
import static org.millrace.plugin.mqtt.Packets.u16;
import static org.millrace.plugin.mqtt.Packets.u32;
import static org.millrace.plugin.mqtt.Packets.utf;

import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.millrace.testkit.RawPeer;

class MalformedPacketTest {
    private static MqttHost mqtt;

    @BeforeAll
    static void start() throws Exception {
        mqtt = MqttHost.start("max-packet-size", "4KiB");
    }

    @AfterAll
    static void stop() throws Exception {
        mqtt.close();
    }

    static Stream<Arguments> packets() {
        return Stream.of(
                bad("[MQTT-1.5.4-1] ill-formed UTF-8", 0x81, packet(0x30, u16(2), bytes(0xC3, 0x28), bytes(0))),
                bad("[MQTT-1.5.4-1] a surrogate", 0x81, packet(0x30, u16(3), bytes(0xED, 0xA0, 0x80), bytes(0))),
                bad("[MQTT-1.5.4-2] U+0000 in a topic", 0x81, packet(0x30, utf("a\0b"), bytes(0))),
                bad("[MQTT-1.5.5-1] a length of more bytes than needed", 0x81, bytes(0xC0, 0x80, 0x00)),
                bad("a remaining length of five bytes", 0x81, bytes(0x30, 0xff, 0xff, 0xff, 0xff, 0x01)),
                bad(
                        "[MQTT-2.1.3-1] reserved flags of SUBSCRIBE",
                        0x81,
                        packet(0x80, u16(1), bytes(0), utf("a"), bytes(0))),
                bad("packet type 0", 0x81, bytes(0x00, 0)),
                bad("[MQTT-2.2.1-3] packet identifier 0", 0x81, subscribe5(0, properties(), "a", 0)),
                bad("[MQTT-3.3.1-4] QoS 3", 0x81, packet(0x36, utf("a"), u16(1), bytes(0))),
                bad("[MQTT-3.3.1-2] DUP with QoS 0", 0x81, publish5(0x08, "a", 0, properties(), "x")),
                bad("[MQTT-3.3.2-2] a wildcard in a topic name", 0x90, publish5(0, "a/+", 0, properties(), "x")),
                bad("an empty topic name without alias", 0x82, publish5(0, "", 0, properties(), "x")),
                bad("[MQTT-3.3.2-8] topic alias 0", 0x94, publish5(0, "a", 0, properties(property(0x23, u16(0))), "x")),
                bad(
                        "a topic alias beyond the maximum",
                        0x94,
                        publish5(0, "a", 0, properties(property(0x23, u16(65))), "x")),
                bad("an unknown topic alias", 0x82, publish5(0, "", 0, properties(property(0x23, u16(1))), "x")),
                bad(
                        "[MQTT-3.3.4-6] a subscription identifier in PUBLISH",
                        0x81,
                        publish5(0, "a", 0, properties(bytes(0x0B, 1)), "x")),
                bad(
                        "[MQTT-3.3.2-14] a wildcard in the response topic",
                        0x82,
                        publish5(0, "a", 0, properties(property(0x08, utf("b/#"))), "x")),
                bad(
                        "a payload format indicator of 2",
                        0x82,
                        publish5(0, "a", 0, properties(property(0x01, bytes(2))), "x")),
                bad(
                        "a repeated property",
                        0x82,
                        publish5(0, "a", 0, properties(property(0x02, u32(1)), property(0x02, u32(1))), "x")),
                bad("an unknown property", 0x81, publish5(0, "a", 0, properties(bytes(0x7f, 0)), "x")),
                bad(
                        "a property longer than the section",
                        0x81,
                        packet(0x30, utf("a"), bytes(3, 0x03, 0, 9), raw("text/plain"))),
                bad("properties longer than the packet", 0x81, packet(0x30, utf("a"), bytes(9, 0x01))),
                bad("a topic longer than the packet", 0x81, packet(0x30, u16(99), raw("a"))),
                bad("[MQTT-3.8.3-2] SUBSCRIBE without a filter", 0x82, packet(0x82, u16(1), bytes(0))),
                bad("[MQTT-3.8.3-5] reserved subscription options", 0x81, subscribe5(1, properties(), "a", 0x40)),
                bad("subscription QoS 3", 0x82, subscribe5(1, properties(), "a", 3)),
                bad("retain handling 3", 0x82, subscribe5(1, properties(), "a", 0x30)),
                bad(
                        "[MQTT-3.8.3-4] no-local on a shared subscription",
                        0x82,
                        subscribe5(1, properties(), "$share/g/a", 0x04)),
                bad("subscription identifier 0", 0x82, subscribe5(1, properties(bytes(0x0B, 0)), "a", 0)),
                bad("a filter longer than the packet", 0x81, packet(0x82, u16(1), bytes(0), u16(50), raw("a"))),
                bad("[MQTT-3.10.3-2] UNSUBSCRIBE without a filter", 0x82, packet(0xA2, u16(1), bytes(0))),
                bad("PINGREQ with a body", 0x81, bytes(0xC0, 1, 0)),
                bad("a packet only servers send", 0x82, packet(0x90, u16(1), bytes(0, 0))),
                bad("[MQTT-4.12.0-6] AUTH out of the blue", 0x82, bytes(0xF0, 0)),
                bad("[MQTT-3.1.2-24] a packet beyond the maximum", 0x95, bytes(0x30, 0xff, 0x7f)));
    }

    private static Arguments bad(String name, int code, byte[] packet) {
        return Arguments.of(name, code, packet);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("packets")
    @DisplayName("a bad packet closes its connection with the right code and no other")
    void badPacketClosesItsConnection(String name, int code, byte[] packet) {
        try (RawPeer bystander = mqtt.client5("bystander");
                RawPeer peer = mqtt.client5("culprit")) {
            expectFarewell(peer.send(packet), 0xE0, code);
            bystander.send(Packets.PINGREQ).expect(Packets.PINGRESP);
        }
    }

    @Test
    @DisplayName("3.1.1 has no codes: a bad packet just closes")
    void badPacketJustCloses311() {
        try (RawPeer empty = mqtt.client4("empty");
                RawPeer long4 = mqtt.client4("long");
                RawPeer options = mqtt.client4("options")) {
            empty.send(packet(0x82, u16(1))).expectClosed();
            long4.send(bytes(0xE0, 1, 0)).expectClosed();
            options.send(packet(0x82, u16(1), utf("a"), bytes(0x04))).expectClosed();
        }
    }
}
