package org.millrace.plugin.mqtt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.millrace.plugin.mqtt.MqttHost.expectFarewell;
import static org.millrace.plugin.mqtt.Packets.CLEAN;
import static org.millrace.plugin.mqtt.Packets.acknowledgement;
import static org.millrace.plugin.mqtt.Packets.bytes;
import static org.millrace.plugin.mqtt.Packets.connect4;
import static org.millrace.plugin.mqtt.Packets.connect5;
import static org.millrace.plugin.mqtt.Packets.packet;
import static org.millrace.plugin.mqtt.Packets.properties;
import static org.millrace.plugin.mqtt.Packets.property;
import static org.millrace.plugin.mqtt.Packets.publish4;
import static org.millrace.plugin.mqtt.Packets.publish5;
import static org.millrace.plugin.mqtt.Packets.subscribe4;
import static org.millrace.plugin.mqtt.Packets.subscribe5;
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

class SessionTest {
    private MqttHost mqtt;

    @BeforeEach
    void start() throws Exception {
        mqtt = MqttHost.start();
    }

    @AfterEach
    void stop() throws Exception {
        mqtt.close();
    }

    private RawPeer persistent4(String clientId, String connack) {
        return mqtt.peer().send(connect4(clientId, 0)).expectHex(connack);
    }

    private void awaitConnections(int n) {
        Awaitility.await()
                .atMost(Duration.ofSeconds(10))
                .until(() -> mqtt.host().connections("mqtt") == n);
    }

    @Test
    @DisplayName("[MQTT-3.1.2-4], [MQTT-3.2.2-2] a session that is not clean goes on, and CONNACK says so")
    void sessionGoesOn() {
        try (RawPeer publisher = mqtt.client4("p")) {
            try (RawPeer first = persistent4("c", "20 02 00 00")) {
                first.send(subscribe4(1, "a/#", 1)).expectHex("90 03 00 01 01");
            }
            awaitConnections(1);
            publisher.send(publish4(0x02, "a/b", 5, "meanwhile")).expectHex("40 02 00 05");
            try (RawPeer second = persistent4("c", "20 02 01 00")) {
                second.expect(publish4(0x02, "a/b", 1, "meanwhile")).send(acknowledgement(0x40, 1));
                publisher.send(publish4(0x02, "a/b", 6, "live")).expectHex("40 02 00 06");
                second.expect(publish4(0x02, "a/b", 2, "live"));
            }
        }
    }

    @Test
    @DisplayName("a client that leaves right after SUBSCRIBE loses neither retained messages nor those published since")
    void clientThatLeavesRightAfterSubscribeLosesNothing() {
        try (RawPeer publisher = mqtt.client4("p")) {
            publisher.send(publish4(0x03, "a/kept", 4, "retained")).expectHex("40 02 00 04");
            try (RawPeer first = persistent4("c", "20 02 00 00")) {
                first.send(Packets.join(subscribe4(1, "a/#", 1), Packets.DISCONNECT));
                awaitConnections(1);
            }
            publisher.send(publish4(0x02, "a/b", 5, "meanwhile")).expectHex("40 02 00 05");
            try (RawPeer second = persistent4("c", "20 02 01 00")) {
                String seen = second.readUntil("meanwhile");
                if (!seen.contains("retained")) {
                    second.readUntil("retained");
                }
            }
        }
    }

    @Test
    @DisplayName("[MQTT-3.1.2-4] a clean start forgets the session")
    void cleanStartForgetsTheSession() {
        try (RawPeer first = persistent4("c", "20 02 00 00")) {
            first.send(subscribe4(1, "a", 1)).expectHex("90 03 00 01 01");
        }
        try (RawPeer clean = mqtt.client4("c")) {
            clean.send(publish4(0x02, "a", 1, "x")).expectHex("40 02 00 01");
            clean.send(Packets.PINGREQ).expect(Packets.PINGRESP);
        }
        persistent4("c", "20 02 00 00").close();
    }

    @Test
    @DisplayName("[MQTT-4.4.0-1] unacknowledged messages are sent again with DUP and their packet identifiers")
    void unacknowledgedMessagesAreSentAgain() {
        try (RawPeer publisher = mqtt.client4("p")) {
            try (RawPeer first = persistent4("c", "20 02 00 00")) {
                first.send(subscribe4(1, "a", 2)).expectHex("90 03 00 01 02");
                publisher.send(publish4(0x02, "a", 1, "one")).expectHex("40 02 00 01");
                publisher.send(publish4(0x04, "a", 2, "two")).expectHex("50 02 00 02");
                publisher.send(publish4(0x04, "a", 3, "three")).expectHex("50 02 00 03");
                first.expect(publish4(0x02, "a", 1, "one"))
                        .expect(publish4(0x04, "a", 2, "two"))
                        .expect(publish4(0x04, "a", 3, "three"))
                        .send(acknowledgement(0x50, 2))
                        .expect(acknowledgement(0x62, 2));
            }
            try (RawPeer second = persistent4("c", "20 02 01 00")) {
                second.expect(acknowledgement(0x62, 2))
                        .expect(publish4(0x0A, "a", 1, "one"))
                        .expect(publish4(0x0C, "a", 3, "three"))
                        .send(acknowledgement(0x70, 2))
                        .send(acknowledgement(0x50, 3))
                        .expect(acknowledgement(0x62, 3));
            }
        }
    }

    @Test
    @DisplayName("[MQTT-4.3.3-10] a QoS 2 message sent again after a reconnect is not published again")
    void qos2IsPublishedOnceAcrossConnections() {
        try (RawPeer subscriber = mqtt.client4("s")) {
            subscriber.send(subscribe4(1, "a", 0)).expectHex("90 03 00 01 00");
            try (RawPeer first = persistent4("c", "20 02 00 00")) {
                first.send(publish4(0x04, "a", 9, "once")).expectHex("50 02 00 09");
            }
            try (RawPeer second = persistent4("c", "20 02 01 00")) {
                second.send(publish4(0x0C, "a", 9, "once")).expectHex("50 02 00 09");
                second.send(acknowledgement(0x62, 9)).expectHex("70 02 00 09");
            }
            subscriber.expect(publish4(0, "a", 0, "once")).send(Packets.PINGREQ).expect(Packets.PINGRESP);
        }
    }

    @Test
    @DisplayName("[MQTT-3.1.2-23] an MQTT 5 session ends when its expiry interval has passed")
    void sessionExpires() {
        try (RawPeer first = mqtt.client5("c", property(0x11, u32(1)))) {
            first.send(subscribe5(1, properties(), "a", 1)).expectHex("90 04 00 01 00 01");
        }
        Awaitility.await()
                .atMost(Duration.ofSeconds(10))
                .until(() -> mqtt.host().metric("mqtt", "sessions") == 0);
    }

    @Test
    void sessionLastsUntilItsExpiry() {
        try (RawPeer first = mqtt.client5("c", property(0x11, u32(100)))) {
            first.send(subscribe5(1, properties(), "a", 1)).expectHex("90 04 00 01 00 01");
            // DISCONNECT changes the expiry; the session is still there to go on with.
            first.send(packet(0xE0, bytes(0), properties(property(0x11, u32(50)))))
                    .expectClosed();
        }
        try (RawPeer second = mqtt.peer().send(connect5("c", 0, properties()))) {
            second.expect(bytes(0x20)).read(1);
            second.expect(bytes(1, 0));
        }
    }

    @Test
    void aSessionThatIsResumedWithoutExpiryEndsWithThatConnection() throws Exception {
        expectPresent(0, property(0x11, u32(100)));
        expectPresent(1);
        expectPresent(0);

        expectPresent(0, property(0x11, u32(100)));
        try (RawPeer resumed = mqtt.peer().send(connect5("c", 0, properties()))) {
            assertThat(MqttHost.packet(resumed)[2]).isEqualTo((byte) 1);
            mqtt.startAfterCrash();
        }
        Awaitility.await()
                .atMost(Duration.ofSeconds(20))
                .until(() -> mqtt.host().metric("mqtt", "sessions") == 0);
        expectPresent(0);
    }

    /** Connects, sees whether there is a session, and leaves. */
    private void expectPresent(int present, byte[]... connectProperties) {
        try (RawPeer peer = mqtt.peer().send(connect5("c", 0, properties(connectProperties)))) {
            assertThat(MqttHost.packet(peer)[2]).as("session present").isEqualTo((byte) present);
            peer.send(packet(0xE0)).expectClosed();
        }
    }

    @Test
    void disconnectMustNotMakeASessionLastThatConnectDidNot() {
        try (RawPeer peer = mqtt.client5("c")) {
            expectFarewell(peer.send(packet(0xE0, bytes(0), properties(property(0x11, u32(50))))), 0xE0, 0x82);
        }
    }

    @Test
    void sessionPassesToTheConnectionThatTakesOver() {
        try (RawPeer publisher = mqtt.client4("p");
                RawPeer first = persistent4("c", "20 02 00 00")) {
            first.send(subscribe4(1, "a", 1)).expectHex("90 03 00 01 01");
            publisher.send(publish4(0x02, "a", 1, "x")).expectHex("40 02 00 01");
            first.expect(publish4(0x02, "a", 1, "x"));
            try (RawPeer second = persistent4("c", "20 02 01 00")) {
                first.expectClosed();
                second.expect(publish4(0x0A, "a", 1, "x"));
            }
        }
    }

    @Test
    void anotherUserDoesNotGetTheSession() throws Exception {
        mqtt.host().addUser("ann:a", new Identity("ann", Set.of()));
        mqtt.host().addUser("bob:b", new Identity("bob", Set.of()));
        try (RawPeer ann = mqtt.peer().send(connect4("c", 0xC0, utf("ann"), utf("a")))) {
            ann.expectHex("20 02 00 00");
        }
        try (RawPeer bob = mqtt.peer().send(connect4("c", 0xC0, utf("bob"), utf("b")))) {
            bob.expectHex("20 02 00 00");
        }
    }

    @Test
    void sessionsBeyondTheLimitEndWithTheirConnections() throws Exception {
        try (MqttHost none = MqttHost.start("max-sessions", "0");
                RawPeer first = none.peer().send(connect4("c", 0))) {
            first.expectHex("20 02 00 00").send(Packets.DISCONNECT).expectClosed();
            Awaitility.await().until(() -> none.host().metric("mqtt", "sessions") == 0);
        }
    }

    @Test
    @DisplayName("[MQTT-3.1.2-8] the will is published when the connection ends without DISCONNECT")
    void willIsPublishedWhenTheConnectionBreaks() {
        try (RawPeer watcher = mqtt.client4("w")) {
            watcher.send(subscribe4(1, "wills/#", 1)).expectHex("90 03 00 01 01");
            RawPeer peer = mqtt.peer()
                    .send(connect4("c", CLEAN | 0x04 | 0x08 | 0x20, utf("wills/c"), utf("gone")))
                    .expectHex("20 02 00 00");
            peer.reset();
            watcher.expect(publish4(0x02, "wills/c", 1, "gone"));
            Awaitility.await().until(() -> mqtt.host().record("wills/c").isPresent());
        }
    }

    @Test
    @DisplayName("[MQTT-3.1.2-10] DISCONNECT drops the will; [MQTT-3.14.4-3] but reason 0x04 publishes it")
    void disconnectDropsTheWill() {
        try (RawPeer watcher = mqtt.client5("w");
                RawPeer silent = mqtt.peer().send(connect4("a", CLEAN | 0x04, utf("wills/a"), utf("gone")));
                RawPeer asks = mqtt.peer()
                        .send(connect5("b", CLEAN | 0x04, properties(), properties(), utf("wills/b"), utf("gone")))) {
            watcher.send(subscribe5(1, properties(), "wills/#", 0)).expectHex("90 04 00 01 00 00");
            silent.expectHex("20 02 00 00").send(Packets.DISCONNECT).expectClosed();
            MqttHost.packet(asks);
            asks.send(bytes(0xE0, 1, 0x04)).expectClosed();
            watcher.expect(publish5(0, "wills/b", 0, properties(), "gone"));
            watcher.send(Packets.PINGREQ).expect(Packets.PINGRESP);
        }
    }

    @Test
    @DisplayName("[MQTT-3.1.3-9] a delayed will is not published if the session goes on in time")
    void delayedWillIsPreventedByAReconnect() {
        try (RawPeer watcher = mqtt.client5("w")) {
            watcher.send(subscribe5(1, properties(), "wills/#", 0)).expectHex("90 04 00 01 00 00");
            byte[] lasting = properties(property(0x11, u32(60)));
            byte[] delay = properties(property(0x18, u32(1)));
            mqtt.peer()
                    .send(connect5("c", CLEAN | 0x04, lasting, delay, utf("wills/c"), utf("one")))
                    .expect(bytes(0x20))
                    .reset();
            RawPeer back = mqtt.peer().send(connect5("c", 0x04, lasting, delay, utf("wills/c"), utf("two")));
            MqttHost.packet(back);
            back.reset();
            watcher.expect(publish5(0, "wills/c", 0, properties(), "two"));
            watcher.send(Packets.PINGREQ).expect(Packets.PINGRESP);
        }
    }

    @Test
    void willIsPublishedWhenTheClientIsTakenOver() {
        try (RawPeer watcher = mqtt.client4("w");
                RawPeer first = mqtt.peer().send(connect4("c", CLEAN | 0x04, utf("wills/c"), utf("gone")))) {
            watcher.send(subscribe4(1, "wills/#", 0)).expectHex("90 03 00 01 00");
            first.expectHex("20 02 00 00");
            try (RawPeer second = mqtt.client4("c")) {
                watcher.expect(publish4(0, "wills/c", 0, "gone"));
                second.send(Packets.PINGREQ).expect(Packets.PINGRESP);
            }
        }
    }
}
