package org.millrace.plugin.mqtt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.millrace.plugin.mqtt.MqttHost.expectFarewell;
import static org.millrace.plugin.mqtt.Packets.CLEAN;
import static org.millrace.plugin.mqtt.Packets.bytes;
import static org.millrace.plugin.mqtt.Packets.connect4;
import static org.millrace.plugin.mqtt.Packets.connect5;
import static org.millrace.plugin.mqtt.Packets.packet;
import static org.millrace.plugin.mqtt.Packets.properties;
import static org.millrace.plugin.mqtt.Packets.property;
import static org.millrace.plugin.mqtt.Packets.u16;
import static org.millrace.plugin.mqtt.Packets.u32;
import static org.millrace.plugin.mqtt.Packets.utf;

import java.time.Duration;
import java.util.Set;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.millrace.spi.identity.Identity;
import org.millrace.testkit.RawPeer;

class ConnectTest {
    private MqttHost mqtt;

    @BeforeEach
    void start() throws Exception {
        mqtt = MqttHost.start();
    }

    @AfterEach
    void stop() throws Exception {
        mqtt.close();
    }

    @Test
    @DisplayName("[MQTT-3.1.0-1] anything before CONNECT closes the connection")
    void anythingBeforeConnectClosesTheConnection() {
        try (RawPeer peer = mqtt.peer()) {
            peer.send("GET / HTTP/1.1\r\n\r\n").expectClosed();
        }
        try (RawPeer peer = mqtt.peer()) {
            peer.send(Packets.PINGREQ).expectClosed();
        }
    }

    @Test
    @DisplayName("[MQTT-3.1.0-2] a second CONNECT closes the connection")
    void secondConnectClosesTheConnection() {
        try (RawPeer four = mqtt.client4("four");
                RawPeer five = mqtt.client5("five")) {
            four.send(connect4("four", CLEAN)).expectClosed();
            expectFarewell(five.send(connect5("five", CLEAN, properties())), 0xE0, 0x82);
        }
    }

    @Test
    @DisplayName("[MQTT-3.1.2-1], [MQTT-3.1.2-2] other protocol names and levels are refused and closed")
    void otherProtocolsAreRefused() {
        try (RawPeer old = mqtt.peer();
                RawPeer unknown = mqtt.peer();
                RawPeer future = mqtt.peer()) {
            old.send(packet(0x10, utf("MQIsdp"), bytes(3, CLEAN), u16(60), utf("c")))
                    .expectHex("20 02 00 01")
                    .expectClosed();
            unknown.send(packet(0x10, utf("MQTX"), bytes(4, CLEAN), u16(60), utf("c")))
                    .expectHex("20 02 00 01")
                    .expectClosed();
            future.send(packet(0x10, utf("MQTT"), bytes(6, CLEAN), u16(60), bytes(0), utf("c")));
            expectFarewell(future, 0x20, 0, 0x84);
        }
    }

    @Test
    @DisplayName("[MQTT-3.1.2-3] the reserved flag of CONNECT must be 0")
    void reservedFlagIsRefused() {
        try (RawPeer four = mqtt.peer();
                RawPeer five = mqtt.peer()) {
            four.send(connect4("c", CLEAN | 1)).expectClosed();
            expectFarewell(five.send(connect5("c", CLEAN | 1, properties())), 0x20, 0, 0x81);
        }
    }

    @Test
    @DisplayName("[MQTT-3.1.2-12] a will QoS of 3 is malformed; without a will, its flags must be 0")
    void impossibleWillFlagsAreRefused() {
        try (RawPeer three = mqtt.peer();
                RawPeer without = mqtt.peer()) {
            three.send(connect5("c", CLEAN | 0x04 | 0x18, properties(), properties(), utf("t"), utf("m")));
            expectFarewell(three, 0x20, 0, 0x81);
            without.send(connect5("c", CLEAN | 0x20, properties()));
            expectFarewell(without, 0x20, 0, 0x81);
        }
    }

    @Test
    @DisplayName("[MQTT-3.1.3-6], [MQTT-3.1.3-7] an empty client id is replaced by an assigned one")
    void emptyClientIdIsReplaced() {
        try (RawPeer five = mqtt.peer();
                RawPeer four = mqtt.client4("")) {
            byte[] connack = MqttHost.packet(five.send(connect5("", CLEAN, properties())));
            assertThat(new String(connack, java.nio.charset.StandardCharsets.ISO_8859_1))
                    .contains("\u0012\0\u001dauto-");
            four.send(Packets.PINGREQ).expect(Packets.PINGRESP);
        }
    }

    @Test
    @DisplayName("3.1.1 [MQTT-3.1.3-8] an empty client id without clean session is rejected with 0x02")
    void emptyClientIdWithoutCleanSessionIsRejected() {
        try (RawPeer peer = mqtt.peer()) {
            peer.send(connect4("", 0)).expectHex("20 02 00 02").expectClosed();
        }
    }

    @Test
    @DisplayName("[MQTT-3.2.2-1] CONNACK says honestly what this server does")
    void connackNamesTheLimits() throws Exception {
        try (MqttHost limited = MqttHost.start(
                        "receive-maximum",
                        "7",
                        "max-packet-size",
                        "64KiB",
                        "topic-alias-maximum",
                        "3",
                        "max-keep-alive",
                        "30s",
                        "max-session-expiry",
                        "60s");
                RawPeer peer = limited.peer()) {
            peer.send(connect5("c", CLEAN, properties(property(0x11, u32(3600)))))
                    .expectHex("20 16 00 00 13  21 00 07  27 00 01 00 00  22 00 03  11 00 00 00 3c  13 00 1e")
                    .send(Packets.PINGREQ)
                    .expect(Packets.PINGRESP);
        }
    }

    @Test
    @DisplayName("an MQTT 5 client that asks for a longer keep-alive than 60 s is told to keep 60 s")
    void longKeepAliveIsCut() {
        try (RawPeer peer = mqtt.peer()) {
            peer.send(Packets.packet(
                    0x10, Packets.utf("MQTT"), bytes(5, CLEAN), Packets.u16(120), properties(), Packets.utf("c")));
            assertThat(MqttHost.packet(peer)).endsWith(0x13, 0, 60);
        }
    }

    @Test
    @DisplayName("a client that goes on sending can still read why its connection ends")
    void reasonIsReadThoughTheClientGoesOnSending() throws Exception {
        try (MqttHost small = MqttHost.start("max-packet-size", "1KiB");
                RawPeer peer = small.client5("c")) {
            peer.send(Packets.join(bytes(0x30, 0xff, 0x7f), new byte[1 << 20]));
            expectFarewell(peer, 0xE0, 0x95);
        }
    }

    @Test
    @DisplayName("[MQTT-3.1.4-3] a client id in use is taken over, and the earlier MQTT 5 client is told 0x8E")
    void clientIdInUseIsTakenOver() {
        try (RawPeer first = mqtt.client5("same");
                RawPeer second = mqtt.client5("same")) {
            expectFarewell(first, 0xE0, 0x8E);
            second.send(Packets.PINGREQ).expect(Packets.PINGRESP);
            try (RawPeer third = mqtt.client4("same")) {
                expectFarewell(second, 0xE0, 0x8E);
                third.send(Packets.PINGREQ).expect(Packets.PINGRESP);
            }
        }
    }

    @Test
    @DisplayName("[MQTT-3.1.2-22] a client silent for one and a half keep-alives is disconnected with 0x8D")
    void silentClientIsDisconnected() {
        try (RawPeer peer = mqtt.peer()) {
            peer.send(packet(0x10, utf("MQTT"), bytes(5, CLEAN), u16(1), bytes(0), utf("c")));
            MqttHost.packet(peer);
            expectFarewell(peer, 0xE0, 0x8D);
        }
    }

    @Test
    void connectionWithoutConnectIsClosed() throws Exception {
        try (MqttHost impatient = MqttHost.start("connect-timeout", "100ms");
                RawPeer peer = impatient.peer()) {
            peer.send(bytes(0x10)).expectClosed();
        }
    }

    @Test
    @DisplayName("[MQTT-3.2.2-6] wrong credentials are refused: 0x86 in MQTT 5, 0x04 in 3.1.1")
    void wrongCredentialsAreRefused() throws Exception {
        mqtt.host().addUser("ann:secret", new Identity("ann", Set.of()));
        mqtt.host().allowAnonymous(false);
        try (RawPeer four = mqtt.peer();
                RawPeer five = mqtt.peer();
                RawPeer right = mqtt.peer()) {
            four.send(connect4("c", CLEAN | 0xC0, utf("ann"), utf("wrong")))
                    .expectHex("20 02 00 04")
                    .expectClosed();
            five.send(connect5("c", CLEAN | 0xC0, properties(), utf("ann"), utf("wrong")));
            expectFarewell(five, 0x20, 0, 0x86);
            right.send(connect4("c", CLEAN | 0xC0, utf("ann"), utf("secret"))).expectHex("20 02 00 00");
        }
    }

    @Test
    void unknownAuthenticationMethodIsRefused() {
        try (RawPeer peer = mqtt.peer()) {
            peer.send(connect5("c", CLEAN, properties(property(0x15, utf("GS2-KRB5")))));
            expectFarewell(peer, 0x20, 0, 0x8C);
        }
    }

    @Test
    @DisplayName("[MQTT-3.14.0-1] DISCONNECT with a reserved flag is malformed")
    void badFixedHeaderFlagsAreMalformed() {
        try (RawPeer peer = mqtt.client5("c")) {
            expectFarewell(peer.send(bytes(0xE1, 0)), 0xE0, 0x81);
        }
    }

    @Test
    void disconnectClosesTheConnection() {
        try (RawPeer peer = mqtt.client5("c")) {
            peer.send(Packets.DISCONNECT).expectClosed();
        }
    }

    @Test
    void shutdownTellsMqtt5ClientsAndClosesAll() throws Exception {
        try (RawPeer five = mqtt.client5("five");
                RawPeer four = mqtt.client4("four")) {
            mqtt.host().stop("mqtt");
            expectFarewell(five, 0xE0, 0x8B);
            four.expectClosed();
        }
    }

    @Test
    void requestProblemInformationOffLeavesReasonStringsAway() {
        try (RawPeer peer = mqtt.client5("c", property(0x17, bytes(0)))) {
            peer.send(connect5("c", CLEAN, properties())).expectHex("e0 01 82").expectClosed();
        }
    }

    @Test
    void connectionsAreForgottenWhenTheyClose() {
        RawPeer peer = mqtt.client4("c");
        assertThat(mqtt.host().metric("mqtt", "sessions")).isEqualTo(1);
        peer.close();
        Awaitility.await()
                .atMost(Duration.ofSeconds(10))
                .until(() -> mqtt.host().metric("mqtt", "sessions") == 0);
    }
}
