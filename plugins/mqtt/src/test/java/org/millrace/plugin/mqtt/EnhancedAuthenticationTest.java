package org.millrace.plugin.mqtt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.millrace.plugin.mqtt.MqttHost.expectFarewell;
import static org.millrace.plugin.mqtt.Packets.bytes;
import static org.millrace.plugin.mqtt.Packets.property;
import static org.millrace.plugin.mqtt.Packets.u32;
import static org.millrace.plugin.mqtt.QuestionMechanism.CONTINUE;
import static org.millrace.plugin.mqtt.QuestionMechanism.RE_AUTHENTICATE;
import static org.millrace.plugin.mqtt.QuestionMechanism.auth;
import static org.millrace.plugin.mqtt.QuestionMechanism.connect;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.millrace.testkit.RawPeer;

class EnhancedAuthenticationTest {
    private MqttHost mqtt;

    @BeforeEach
    void start() throws Exception {
        mqtt = MqttHost.start("connect-timeout", "2s");
        mqtt.host().addMechanism(QuestionMechanism.NAME, via -> new QuestionMechanism());
        mqtt.host().allowAnonymous(false);
    }

    @AfterEach
    void stop() throws Exception {
        mqtt.close();
    }

    /** A client that has answered the question. */
    private RawPeer ann(String clientId) {
        RawPeer peer = mqtt.peer().send(connect(clientId, "hello")).expect(auth(CONTINUE, "who?"));
        byte[] connack = MqttHost.packet(peer.send(auth(CONTINUE, "ann")));
        assertThat(connack[0]).isEqualTo((byte) 0x20);
        assertThat(connack[3]).isZero();
        return peer;
    }

    @Test
    @DisplayName("[MQTT-4.12.0-2], [MQTT-4.12.0-5] a client is challenged by AUTH 0x18 and let in by CONNACK")
    void challengedClientIsLetIn() {
        try (RawPeer peer = mqtt.peer().send(connect("c", "hello")).expect(auth(CONTINUE, "who?"))) {
            byte[] connack = MqttHost.packet(peer.send(auth(CONTINUE, "ann")));
            assertThat(new String(connack, StandardCharsets.ISO_8859_1))
                    .contains("\u0015\0\u0008QUESTION")
                    .contains("\u0016\0\u000bwelcome ann");
            peer.send(Packets.PINGREQ).expect(Packets.PINGRESP);
        }
    }

    @Test
    void methodThatNeedsOneStepIsAnsweredByConnack() {
        try (RawPeer peer = mqtt.peer().send(connect("c", "ann"))) {
            assertThat(MqttHost.packet(peer)[3]).isZero();
        }
    }

    @Test
    @DisplayName("[MQTT-4.12.0-4] a client that fails is refused with 0x86 and closed")
    void failingClientIsRefused() {
        try (RawPeer peer = mqtt.peer().send(connect("c", "hello")).expect(auth(CONTINUE, "who?"))) {
            expectFarewell(peer.send(auth(CONTINUE, "eve")), 0x20, 0, 0x86);
        }
    }

    @Test
    @DisplayName("[MQTT-3.1.2-30] anything but AUTH and DISCONNECT before CONNACK ends the connection")
    void otherPacketsBeforeConnackEndTheConnection() {
        try (RawPeer peer = mqtt.peer().send(connect("c", "hello")).expect(auth(CONTINUE, "who?"))) {
            expectFarewell(peer.send(Packets.PINGREQ), 0x20, 0, 0x82);
        }
        try (RawPeer peer = mqtt.peer().send(connect("c", "hello")).expect(auth(CONTINUE, "who?"))) {
            peer.send(Packets.DISCONNECT).expectClosed();
        }
    }

    @Test
    @DisplayName("[MQTT-4.12.0-5] AUTH with another method, without one, or out of turn ends the connection")
    void authThatDoesNotBelongEndsTheConnection() {
        for (byte[] wrong : new byte[][] {
            auth(CONTINUE, "OTHER", "ann"),
            bytes(0xF0, 0),
            bytes(0xF0, 2, 0x18, 0),
            auth(0, "ann"),
            auth(0x42, "ann"),
            auth(RE_AUTHENTICATE, "ann")
        }) {
            try (RawPeer peer = mqtt.peer().send(connect("c", "hello")).expect(auth(CONTINUE, "who?"))) {
                expectFarewell(peer.send(wrong), 0x20, 0, 0x82);
            }
        }
    }

    @Test
    void clientThatDoesNotAnswerIsClosedInTime() {
        try (RawPeer peer = mqtt.peer().send(connect("c", "hello")).expect(auth(CONTINUE, "who?"))) {
            peer.expectClosed();
        }
    }

    @Test
    void endlessExchangeIsRefused() {
        try (RawPeer peer = mqtt.peer().send(connect("c", "hello"))) {
            for (int i = 0; i < 16; i++) {
                peer.expect(auth(CONTINUE, "who?")).send(auth(CONTINUE, "hello"));
            }
            expectFarewell(peer, 0x20, 0, 0x86);
        }
    }

    @Test
    @DisplayName("[MQTT-4.12.1-1] a client authenticates again while other packets go on")
    void clientAuthenticatesAgain() {
        try (RawPeer peer = ann("c")) {
            peer.send(auth(RE_AUTHENTICATE, "hello")).expect(auth(CONTINUE, "who?"));
            peer.send(Packets.PINGREQ).expect(Packets.PINGRESP);
            peer.send(auth(CONTINUE, "ann")).expect(auth(0, "welcome ann"));
            peer.send(auth(RE_AUTHENTICATE, "ann")).expect(auth(0, "welcome ann"));
            peer.send(Packets.PINGREQ).expect(Packets.PINGRESP);
        }
    }

    @Test
    @DisplayName("[MQTT-4.12.1-2] a client that fails to authenticate again is told 0x87 and closed")
    void failedReauthenticationEndsTheConnection() {
        try (RawPeer eve = ann("one").send(auth(RE_AUTHENTICATE, "eve"));
                RawPeer bob = ann("two").send(auth(RE_AUTHENTICATE, "bob"))) {
            expectFarewell(eve, 0xE0, 0x87);
            expectFarewell(bob, 0xE0, 0x87);
        }
    }

    @Test
    void authThatContinuesNothingEndsTheConnection() {
        try (RawPeer peer = ann("c")) {
            expectFarewell(peer.send(auth(CONTINUE, "ann")), 0xE0, 0x82);
        }
    }

    @Test
    @DisplayName("[MQTT-3.1.2-24] a challenge beyond the client's maximum packet size refuses it")
    void challengeBeyondTheMaximumPacketSizeIsNotSent() {
        byte[] small = Packets.properties(property(0x27, u32(20)), property(0x15, Packets.utf(QuestionMechanism.NAME)));
        try (RawPeer peer = mqtt.peer().send(Packets.connect5("c", Packets.CLEAN, small))) {
            peer.expectHex("20 03 00 97 00").expectClosed();
        }
    }
}
