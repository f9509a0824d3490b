package org.millrace.plugin.mqtt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.millrace.plugin.mqtt.MqttHost.expectFarewell;
import static org.millrace.plugin.mqtt.Packets.acknowledgement;
import static org.millrace.plugin.mqtt.Packets.bytes;
import static org.millrace.plugin.mqtt.Packets.packet;
import static org.millrace.plugin.mqtt.Packets.properties;
import static org.millrace.plugin.mqtt.Packets.property;
import static org.millrace.plugin.mqtt.Packets.publish4;
import static org.millrace.plugin.mqtt.Packets.publish5;
import static org.millrace.plugin.mqtt.Packets.raw;
import static org.millrace.plugin.mqtt.Packets.u16;
import static org.millrace.plugin.mqtt.Packets.userProperty;
import static org.millrace.plugin.mqtt.Packets.utf;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.millrace.spi.content.MediaType;
import org.millrace.spi.resource.Entry;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.Properties;
import org.millrace.spi.resource.Qos;
import org.millrace.spi.resource.ResourceException;
import org.millrace.testkit.RawPeer;

class PublishTest {
    private MqttHost mqtt;

    @BeforeEach
    void start() throws Exception {
        mqtt = MqttHost.start();
    }

    @AfterEach
    void stop() throws Exception {
        mqtt.close();
    }

    private Entry record(String path) {
        Awaitility.await().until(() -> mqtt.host().record(path).isPresent());
        return mqtt.host().record(path).orElseThrow();
    }

    @Test
    @DisplayName("[MQTT-3.3.1-5] a retained publish is the record")
    void retainedPublishIsTheRecord() {
        try (RawPeer peer = mqtt.client4("c")) {
            peer.send(publish4(0x03, "sensors/hall", 7, "{\"temp\":19}")).expectHex("40 02 00 07");
            Entry record = mqtt.host().record("sensors/hall").orElseThrow();
            assertThat(record.content().toByteArray()).asString().isEqualTo("{\"temp\":19}");
            assertThat(record.content().mediaType()).isEqualTo(MediaType.JSON);
            assertThat(record.qos()).isEqualTo(Qos.AT_LEAST_ONCE);
        }
    }

    @Test
    void retainedPublishOfQos0IsTheRecordToo() {
        try (RawPeer peer = mqtt.client4("c")) {
            peer.send(publish4(0x01, "sensors/hall", 0, "on"));
            assertThat(record("sensors/hall").content().mediaType()).isEqualTo(MediaType.OCTET_STREAM);
        }
    }

    @Test
    @DisplayName("[MQTT-3.3.1-6], [MQTT-3.3.1-7] a retained publish without payload removes the record")
    void emptyRetainedPublishRemovesTheRecord() {
        try (RawPeer peer = mqtt.client4("c")) {
            peer.send(publish4(0x03, "a/b", 1, "x")).expectHex("40 02 00 01");
            peer.send(publish4(0x03, "a/b", 2, "")).expectHex("40 02 00 02");
            assertThat(mqtt.host().record("a/b")).isEmpty();
        }
    }

    @Test
    @DisplayName("[MQTT-3.3.1-8] a publish without the retain flag leaves the record alone")
    void unretainedPublishLeavesTheRecordAlone() {
        try (RawPeer peer = mqtt.client4("c")) {
            peer.send(publish4(0x03, "a/b", 1, "kept")).expectHex("40 02 00 01");
            peer.send(publish4(0x02, "a/b", 2, "event")).expectHex("40 02 00 02");
            assertThat(mqtt.host().record("a/b").orElseThrow().content().toByteArray())
                    .asString()
                    .isEqualTo("kept");
        }
    }

    @Test
    void acknowledgementWaitsUntilTheHostHasCommitted() {
        mqtt.host().faults().holdAcknowledgements();
        try (RawPeer peer = mqtt.client4("c")) {
            peer.send(publish4(0x03, "a/b", 1, "x"));
            Awaitility.await().until(() -> mqtt.host().faults().heldAcknowledgements() == 1);
            peer.send(Packets.PINGREQ).expect(Packets.PINGRESP);
            mqtt.host().faults().releaseAcknowledgements();
            peer.expectHex("40 02 00 01");
        }
    }

    @Test
    @DisplayName("[MQTT-4.6.0-2] PUBACKs come in the order of the PUBLISHes")
    void acknowledgementsKeepTheOrder() {
        mqtt.host().faults().holdAcknowledgements();
        try (RawPeer peer = mqtt.client5("c")) {
            peer.send(publish5(0x03, "a/1", 1, properties(), "x"));
            Awaitility.await().until(() -> mqtt.host().faults().heldAcknowledgements() == 1);
            // Refused at once, long before the first is committed.
            peer.send(publish5(0x03, "a/2", 2, properties(property(0x03, utf("application/json"))), "{"));
            peer.send(Packets.PINGREQ).expect(Packets.PINGRESP);
            mqtt.host().faults().releaseAcknowledgements();
            peer.expectHex("40 02 00 01");
            assertThat(MqttHost.packet(peer)).startsWith(bytes(0x40)).contains(bytes(0, 2, 0x99));
        }
    }

    @Test
    void declaredJsonThatIsNoneIsRefused() {
        try (RawPeer peer = mqtt.client5("c")) {
            peer.send(publish5(0x03, "a/b", 1, properties(property(0x03, utf("application/json"))), "{\"temp\":"));
            byte[] puback = MqttHost.packet(peer);
            assertThat(puback).startsWith(bytes(0x40)).contains(bytes(0, 1, 0x99));
            assertThat(puback[6]).as("a reason string").isEqualTo((byte) 0x1F);
            assertThat(mqtt.host().record("a/b")).isEmpty();
        }
    }

    @Test
    @DisplayName("section 3.3.2.3.2: a payload that is not the UTF-8 it says it is gets 0x99")
    void payloadFormatIsChecked() {
        try (RawPeer peer = mqtt.client5("c")) {
            peer.send(packet(0x33, utf("a/b"), u16(1), properties(property(0x01, bytes(1))), bytes(0xC3, 0x28)));
            assertThat(MqttHost.packet(peer)).contains(bytes(0, 1, 0x99));
        }
    }

    @Test
    void missingGrantIsToldInMqtt5AndAcknowledgedIn311() {
        mqtt.host().faults().refuseWrites(Optional.of(new ResourceException(ErrorCode.FORBIDDEN, "no grant")));
        try (RawPeer five = mqtt.client5("five", property(0x17, bytes(0)));
                RawPeer four = mqtt.client4("four")) {
            five.send(publish5(0x02, "a", 1, properties(), "x")).expectHex("40 03 00 01 87");
            four.send(publish4(0x02, "a", 1, "x")).expectHex("40 02 00 01");
        }
    }

    @Test
    void fullDiskIsToldInMqtt5AndCloses311Unacknowledged() {
        mqtt.host().faults().refuseWrites(Optional.of(new ResourceException(ErrorCode.QUOTA_EXCEEDED, "disk full")));
        try (RawPeer five = mqtt.client5("five", property(0x17, bytes(0)));
                RawPeer four = mqtt.client4("four")) {
            five.send(publish5(0x02, "a", 1, properties(), "x")).expectHex("40 03 00 01 97");
            four.send(publish4(0x02, "a", 1, "x")).expectClosed();
        }
    }

    @Test
    void publishWithoutSubscribersSaysSo() {
        try (RawPeer peer = mqtt.client5("c", property(0x17, bytes(0)))) {
            peer.send(publish5(0x02, "a", 1, properties(), "x")).expectHex("40 03 00 01 10");
        }
    }

    @Test
    @DisplayName("[MQTT-4.3.3-8..12] QoS 2: PUBREC, no second publish while PUBREL is missing, PUBCOMP")
    void qos2IsPublishedOnce() {
        try (RawPeer subscriber = mqtt.client4("s");
                RawPeer peer = mqtt.client4("p")) {
            subscriber.send(Packets.subscribe4(1, "a/b", 0)).expectHex("90 03 00 01 00");
            peer.send(publish4(0x04, "a/b", 9, "once")).expectHex("50 02 00 09");
            peer.send(publish4(0x0C, "a/b", 9, "once")).expectHex("50 02 00 09");
            peer.send(acknowledgement(0x62, 9)).expectHex("70 02 00 09");
            peer.send(publish4(0x04, "a/b", 9, "twice")).expectHex("50 02 00 09");
            subscriber.expect(publish4(0, "a/b", 0, "once")).expect(publish4(0, "a/b", 0, "twice"));
        }
    }

    @Test
    void unknownReleaseIsToldInMqtt5() {
        try (RawPeer five = mqtt.client5("five");
                RawPeer four = mqtt.client4("four")) {
            five.send(acknowledgement(0x62, 5)).expectHex("70 03 00 05 92");
            four.send(acknowledgement(0x62, 5)).expectHex("70 02 00 05");
        }
    }

    @Test
    @DisplayName("section 3.3.4: more unacknowledged messages than the receive maximum end with 0x93")
    void receiveMaximumIsEnforced() throws Exception {
        try (MqttHost small = MqttHost.start("receive-maximum", "2");
                RawPeer peer = small.client5("c")) {
            peer.send(publish5(0x04, "a", 1, properties(), "x"));
            assertThat(MqttHost.packet(peer)).startsWith(bytes(0x50));
            peer.send(publish5(0x04, "a", 2, properties(), "x"));
            assertThat(MqttHost.packet(peer)).startsWith(bytes(0x50));
            expectFarewell(peer.send(publish5(0x04, "a", 3, properties(), "x")), 0xE0, 0x93);
        }
    }

    @Test
    @DisplayName("[MQTT-3.3.2-12] a topic alias stands for the topic name it was given with")
    void topicAliasStandsForItsTopic() {
        try (RawPeer peer = mqtt.client5("c")) {
            byte[] alias = property(0x23, u16(5));
            peer.send(publish5(0x01, "a/long/topic", 0, properties(alias), "1"));
            peer.send(publish5(0x03, "", 1, properties(alias), "2")).expectHex("40 02 00 01");
            assertThat(record("a/long/topic").content().toByteArray()).isEqualTo(raw("2"));
            peer.send(publish5(0x03, "b", 2, properties(alias), "3")).expectHex("40 02 00 02");
            peer.send(publish5(0x03, "", 3, properties(alias), "4")).expectHex("40 02 00 03");
            assertThat(record("b").content().toByteArray()).isEqualTo(raw("4"));
        }
    }

    @Test
    void propertiesTravelWithTheRecord() {
        try (RawPeer peer = mqtt.client5("c")) {
            byte[] all = properties(
                    property(0x01, bytes(1)),
                    property(0x03, utf("text/plain; charset=utf-8")),
                    property(0x08, utf("replies/c")),
                    property(0x09, join(u16(2), bytes(0xff, 0))),
                    userProperty("site", "hall"),
                    userProperty("site", "yard"),
                    userProperty("$odd", "kept"));
            peer.send(publish5(0x03, "a", 1, all, "hi")).expectHex("40 02 00 01");
            Entry record = mqtt.host().record("a").orElseThrow();
            assertThat(record.content().mediaType()).isEqualTo(MediaType.TEXT);
            assertThat(record.properties().text(Properties.REPLY_TO)).contains("replies/c");
            assertThat(record.properties().binary(Properties.CORRELATION)).contains(bytes(0xff, 0));
            assertThat(record.properties().user())
                    .containsExactly(new Properties.Text("site", "hall"), new Properties.Text("site", "yard"));
            peer.send(Packets.subscribe5(2, properties(), "a", 0)).expect(packet(0x90, u16(2), bytes(0, 0)));
            byte[] back = peer.read(publish5(0x01, "a", 0, all, "hi").length);
            assertThat(new String(back, StandardCharsets.ISO_8859_1))
                    .contains("\u0003\0\u0019text/plain; charset=utf-8")
                    .contains("\u0001\u0001")
                    .contains("\b\0\treplies/c")
                    .contains("\t\0\u0002\u00ff\0")
                    .contains("&\0\u0004site\0\u0004hall&\0\u0004site\0\u0004yard&\0\u0004$odd\0\u0004kept");
        }
    }

    private static byte[] join(byte[]... parts) {
        return Packets.join(parts);
    }

    @Test
    void fastPublisherIsHeldBackWhileTheHostIsSaturated() {
        try (RawPeer peer = mqtt.client4("c")) {
            mqtt.host().faults().saturate(true);
            peer.send(publish4(0x03, "a", 1, "1")).send(publish4(0x03, "a", 2, "2"));
            peer.expectHex("40 02 00 01").expectSilence(Duration.ofMillis(200));
            mqtt.host().faults().saturate(false);
            peer.expectHex("40 02 00 02");
        }
    }

    @Test
    void fastPublisherIsHeldBackWhileTooManyWritesArePending() throws Exception {
        try (MqttHost small = MqttHost.start("receive-maximum", "2");
                RawPeer peer = small.client4("c")) {
            small.host().faults().holdAcknowledgements();
            for (int id = 1; id <= 5; id++) {
                peer.send(publish4(0x03, "a", id, "x"));
            }
            Awaitility.await().until(() -> small.host().faults().heldAcknowledgements() == 2);
            peer.expectSilence(Duration.ofMillis(100));
            assertThat(small.host().faults().heldAcknowledgements()).isEqualTo(2);
            small.host().faults().releaseAcknowledgements();
            peer.expectHex("40 02 00 01 40 02 00 02 40 02 00 03 40 02 00 04 40 02 00 05");
        }
    }

    @Test
    void unknownOperationIsRefused() {
        try (RawPeer peer = mqtt.client5("c", property(0x17, bytes(0)))) {
            peer.send(publish5(0x02, "a", 1, properties(userProperty("op", "melt")), "{}"))
                    .expectHex("40 03 00 01 99");
        }
    }
}
