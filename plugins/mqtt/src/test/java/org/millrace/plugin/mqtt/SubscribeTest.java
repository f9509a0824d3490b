package org.millrace.plugin.mqtt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.millrace.plugin.mqtt.MqttHost.expectFarewell;
import static org.millrace.plugin.mqtt.Packets.acknowledgement;
import static org.millrace.plugin.mqtt.Packets.bytes;
import static org.millrace.plugin.mqtt.Packets.join;
import static org.millrace.plugin.mqtt.Packets.packet;
import static org.millrace.plugin.mqtt.Packets.properties;
import static org.millrace.plugin.mqtt.Packets.property;
import static org.millrace.plugin.mqtt.Packets.publish4;
import static org.millrace.plugin.mqtt.Packets.publish5;
import static org.millrace.plugin.mqtt.Packets.subscribe4;
import static org.millrace.plugin.mqtt.Packets.subscribe5;
import static org.millrace.plugin.mqtt.Packets.u16;
import static org.millrace.plugin.mqtt.Packets.u32;
import static org.millrace.plugin.mqtt.Packets.utf;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.millrace.spi.content.MediaType;
import org.millrace.spi.resource.Path;
import org.millrace.spi.resource.WriteOptions;
import org.millrace.testkit.InMemoryHost;
import org.millrace.testkit.RawPeer;

class SubscribeTest {
    private MqttHost mqtt;

    @BeforeEach
    void start() throws Exception {
        mqtt = MqttHost.start();
    }

    @AfterEach
    void stop() throws Exception {
        mqtt.close();
    }

    private void put(String path, String content) {
        mqtt.host()
                .resources("http-client")
                .put(
                        Path.of(path),
                        mqtt.host().contents().of(MediaType.OCTET_STREAM, Packets.raw(content)),
                        WriteOptions.DEFAULT)
                .toCompletableFuture()
                .join();
    }

    @Test
    @DisplayName("a filter nobody may subscribe to is refused with 0x80 in either version")
    void refusedFilterIsRefused() {
        try (RawPeer old = mqtt.client4("old");
                RawPeer peer = mqtt.client5("new", Packets.property(0x17, Packets.bytes(0)))) {
            old.send(subscribe4(1, "test/nosubscribe", 2)).expectHex("90 03 00 01 80");
            peer.send(subscribe5(1, properties(), "test/nosubscribe", 2)).expectHex("90 04 00 01 00 80");
        }
    }

    @Test
    @DisplayName("[MQTT-3.8.4-1..6] SUBACK has the packet identifier and a code for each filter")
    void subackAnswersEachFilter() {
        try (RawPeer four = mqtt.client4("four");
                RawPeer five = mqtt.client5("five", property(0x17, bytes(0)))) {
            byte[] filters = join(utf("a"), bytes(0), utf("a/#/b"), bytes(1), utf("b/+"), bytes(2));
            four.send(packet(0x82, u16(10), filters)).expectHex("90 05 00 0a 00 80 02");
            five.send(packet(0x82, u16(10), bytes(0), filters)).expectHex("90 06 00 0a 00 00 8f 02");
        }
    }

    @Test
    @DisplayName("retained messages come after SUBACK, with retain 1; live ones with retain 0 [MQTT-3.3.1-9]")
    void retainedMessagesComeAfterSuback() {
        put("sensors/hall", "19");
        try (RawPeer peer = mqtt.client4("c")) {
            peer.send(subscribe4(1, "sensors/#", 0))
                    .expectHex("90 03 00 01 00")
                    .expect(publish4(0x01, "sensors/hall", 0, "19"));
            put("sensors/hall", "20");
            peer.expect(publish4(0x00, "sensors/hall", 0, "20"));
        }
    }

    @Test
    void deletesByOthersAreEmptyMessages() {
        put("a/b", "x");
        try (RawPeer peer = mqtt.client4("c")) {
            peer.send(subscribe4(1, "a/b", 1)).expectHex("90 03 00 01 01");
            peer.expect(publish4(0x03, "a/b", 1, "x")).send(acknowledgement(0x40, 1));
            mqtt.host().resources().delete(Path.of("a/b"), WriteOptions.DEFAULT);
            peer.expect(publish4(0x02, "a/b", 2, ""));
        }
    }

    @Test
    void allByteValuesPassUnchanged() {
        byte[] all = new byte[256];
        for (int i = 0; i < all.length; i++) {
            all[i] = (byte) i;
        }
        try (RawPeer peer = mqtt.client4("c")) {
            peer.send(subscribe4(1, "b", 0)).expectHex("90 03 00 01 00");
            byte[] publish = packet(0x31, utf("b"), all);
            peer.send(publish).expect(packet(0x30, utf("b"), all));
            peer.send(subscribe4(2, "b", 0)).expectHex("90 03 00 02 00").expect(publish);
        }
    }

    @Test
    void largePayloadsPassUnchanged() {
        byte[] large = new byte[300_000];
        new Random(1).nextBytes(large);
        try (RawPeer peer = mqtt.client4("c")) {
            peer.send(subscribe4(1, "b", 1)).expectHex("90 03 00 01 01");
            peer.send(packet(0x32, utf("b"), u16(77), large));
            byte[] publish = packet(0x32, utf("b"), u16(1), large);
            byte[] both = peer.read(publish.length + 4);
            byte[] puback = bytes(0x40, 2, 0, 77);
            assertThat(both)
                    .satisfiesAnyOf(
                            b -> assertThat(b).isEqualTo(join(puback, publish)),
                            b -> assertThat(b).isEqualTo(join(publish, puback)));
        }
    }

    @Test
    @DisplayName("[MQTT-3.8.4-8] the QoS is the lower of the message's and the granted one")
    void qosIsTheLowerOne() {
        try (RawPeer peer = mqtt.client4("c");
                RawPeer publisher = mqtt.client4("p")) {
            peer.send(subscribe4(1, "a", 1)).expectHex("90 03 00 01 01");
            publisher.send(publish4(0, "a", 0, "0"));
            peer.expect(publish4(0, "a", 0, "0"));
            publisher.send(publish4(0x04, "a", 1, "2")).expectHex("50 02 00 01");
            peer.expect(publish4(0x02, "a", 1, "2"));
        }
    }

    @Test
    @DisplayName("[MQTT-4.3.3-1..7] QoS 2 to a subscriber: PUBLISH, PUBREC, PUBREL, PUBCOMP")
    void qos2IsHandedOver() {
        put("a", "x");
        try (RawPeer peer = mqtt.client4("c")) {
            peer.send(subscribe4(1, "a", 2)).expectHex("90 03 00 01 02");
            peer.expect(publish4(0x05, "a", 1, "x"))
                    .send(acknowledgement(0x50, 1))
                    .expect(acknowledgement(0x62, 1))
                    .send(acknowledgement(0x70, 1))
                    .send(Packets.PINGREQ)
                    .expect(Packets.PINGRESP);
        }
    }

    @Test
    @DisplayName("[MQTT-3.3.4-9] no more unacknowledged messages than the client's receive maximum")
    void receiveMaximumOfTheClientIsKept() {
        try (RawPeer peer = mqtt.client5("c", property(0x21, u16(2)))) {
            peer.send(subscribe5(1, properties(), "a", 1)).expectHex("90 04 00 01 00 01");
            for (String message : new String[] {"1", "2", "3", "4"}) {
                put("a", message);
            }
            peer.expect(publish5(0x02, "a", 1, properties(), "1"))
                    .expect(publish5(0x02, "a", 2, properties(), "2"))
                    .expectSilence(Duration.ofMillis(100))
                    .send(acknowledgement(0x40, 2))
                    .expect(publish5(0x02, "a", 3, properties(), "3"))
                    .send(acknowledgement(0x40, 1))
                    .expect(publish5(0x02, "a", 4, properties(), "4"));
        }
    }

    @Test
    @DisplayName("[MQTT-3.1.2-24], [MQTT-3.1.2-25] what is larger than the client takes is left out")
    void packetsLargerThanTheClientTakesAreLeftOut() {
        try (RawPeer peer = mqtt.client5("c", property(0x27, u32(40)))) {
            peer.send(subscribe5(1, properties(), "a", 1)).expectHex("90 04 00 01 00 01");
            put("a", "x".repeat(40));
            put("a", "small");
            peer.expect(publish5(0x02, "a", 1, properties(), "small"));
        }
    }

    @Test
    @DisplayName("[MQTT-3.8.3-3] no-local leaves the client's own messages out")
    void noLocalLeavesOwnMessagesOut() {
        try (RawPeer peer = mqtt.client5("me");
                RawPeer other = mqtt.client5("other")) {
            peer.send(subscribe5(1, properties(), "a", 0x04)).expectHex("90 04 00 01 00 00");
            peer.send(publish5(0, "a", 0, properties(), "mine"));
            peer.send(Packets.PINGREQ).expect(Packets.PINGRESP);
            other.send(publish5(0, "a", 0, properties(), "theirs"));
            peer.expect(publish5(0, "a", 0, properties(), "theirs"));
        }
    }

    @Test
    @DisplayName("[MQTT-3.3.1-12], [MQTT-3.3.1-13] retain as published keeps the flag")
    void retainAsPublishedKeepsTheFlag() {
        try (RawPeer peer = mqtt.client5("c")) {
            peer.send(subscribe5(1, properties(), "a", 0x08)).expectHex("90 04 00 01 00 00");
            peer.send(publish5(0x01, "a", 0, properties(), "kept"))
                    .expect(publish5(0x01, "a", 0, properties(), "kept"));
            peer.send(publish5(0x00, "a", 0, properties(), "event"))
                    .expect(publish5(0x00, "a", 0, properties(), "event"));
        }
    }

    @Test
    @DisplayName("[MQTT-3.3.1-9..11] retain handling 0 sends always, 1 if the subscription is new, 2 never")
    void retainHandlingIsKept() {
        put("a", "x");
        byte[] retained = publish5(0x01, "a", 0, properties(), "x");
        try (RawPeer peer = mqtt.client5("c")) {
            peer.send(subscribe5(1, properties(), "a", 0x20)).expectHex("90 04 00 01 00 00");
            peer.send(subscribe5(2, properties(), "a", 0x10)).expectHex("90 04 00 02 00 00");
            peer.send(subscribe5(3, properties(), "a", 0x00))
                    .expectHex("90 04 00 03 00 00")
                    .expect(retained);
            peer.send(packet(0xA2, u16(4), bytes(0), utf("a"))).expectHex("b0 04 00 04 00 00");
            peer.send(subscribe5(5, properties(), "a", 0x10))
                    .expectHex("90 04 00 05 00 00")
                    .expect(retained);
            put("a", "y");
            peer.expect(publish5(0x00, "a", 0, properties(), "y"));
            peer.send(Packets.PINGREQ).expect(Packets.PINGRESP);
        }
    }

    @Test
    @DisplayName(
            "[MQTT-3.3.4-2..5] overlapping subscriptions get one message, at the highest QoS, with all identifiers")
    void overlappingSubscriptionsGetOneMessage() {
        try (RawPeer five = mqtt.client5("five");
                RawPeer four = mqtt.client4("four")) {
            five.send(subscribe5(1, properties(bytes(0x0B, 7)), "a/#", 0)).expectHex("90 04 00 01 00 00");
            five.send(subscribe5(2, properties(bytes(0x0B, 0x80, 0x02)), "a/b", 1))
                    .expectHex("90 04 00 02 00 01");
            five.send(subscribe5(3, properties(), "later", 0)).expectHex("90 04 00 03 00 00");
            four.send(subscribe4(1, "a/+", 0)).expectHex("90 03 00 01 00");
            four.send(subscribe4(2, "+/b", 2)).expectHex("90 03 00 02 02");
            put("a/b", "x");
            five.expect(publish5(0x02, "a/b", 1, properties(bytes(0x0B, 0x80, 0x02), bytes(0x0B, 7)), "x"));
            four.expect(publish4(0x04, "a/b", 1, "x")).send(Packets.PINGREQ).expect(Packets.PINGRESP);
            // Once this came, both subscriptions were shown the change before it.
            put("later", "z");
            five.expect(publish5(0x00, "later", 0, properties(), "z"));
            five.send(packet(0xA2, u16(4), bytes(0), utf("a/#"))).expectHex("b0 04 00 04 00 00");
            put("a/b", "y");
            five.expect(publish5(0x02, "a/b", 2, properties(bytes(0x0B, 0x80, 0x02)), "y"));
        }
    }

    @Test
    @DisplayName("section 3.3.2.3.4: the server uses as many topic aliases as the client takes")
    void serverUsesTopicAliases() {
        try (RawPeer peer = mqtt.client5("c", property(0x22, u16(1)))) {
            peer.send(subscribe5(1, properties(), "#", 0)).expectHex("90 04 00 01 00 00");
            byte[] alias = properties(property(0x23, u16(1)));
            put("a", "1");
            put("b", "2");
            put("a", "3");
            peer.expect(publish5(0, "a", 0, alias, "1"))
                    .expect(publish5(0, "b", 0, properties(), "2"))
                    .expect(publish5(0, "", 0, alias, "3"));
        }
    }

    @Test
    @DisplayName("[MQTT-3.10.4-1..5] UNSUBSCRIBE ends deliveries; UNSUBACK has a code for each filter")
    void unsubscribeEndsDeliveries() {
        try (RawPeer five = mqtt.client5("five");
                RawPeer four = mqtt.client4("four")) {
            five.send(subscribe5(1, properties(), "a", 0)).expectHex("90 04 00 01 00 00");
            five.send(packet(0xA2, u16(2), bytes(0), utf("a"), utf("b"))).expectHex("b0 05 00 02 00 00 11");
            four.send(subscribe4(1, "a", 0)).expectHex("90 03 00 01 00");
            four.send(packet(0xA2, u16(2), utf("a"))).expectHex("b0 02 00 02");
            put("a", "x");
            five.send(Packets.PINGREQ).expect(Packets.PINGRESP);
            four.send(Packets.PINGREQ).expect(Packets.PINGRESP);
        }
    }

    @Test
    @DisplayName("[MQTT-4.7.2-1] filters that begin with a wildcard do not match topics that begin with $")
    void wildcardsDoNotMatchSystemTopics() {
        try (RawPeer peer = mqtt.client4("c")) {
            peer.send(subscribe4(1, "#", 0)).expectHex("90 03 00 01 00");
            put("$sys/x", "hidden");
            put("/a", "shown");
            peer.expect(publish4(0, "/a", 0, "shown"));
        }
    }

    @Test
    void missingGrantIsToldForTheFilter() {
        mqtt.host().faults().guard((who, grant, target) -> !target.startsWith("secret"));
        try (RawPeer five = mqtt.client5("five", property(0x17, bytes(0)));
                RawPeer four = mqtt.client4("four")) {
            five.send(packet(0x82, u16(1), bytes(0), utf("secret/#"), bytes(0), utf("a"), bytes(0)))
                    .expectHex("90 05 00 01 00 87 00");
            four.send(subscribe4(1, "secret/#", 0)).expectHex("90 03 00 01 80");
            five.send(subscribe5(2, properties(), "$share/g/secret/a", 0)).expectHex("90 04 00 02 00 87");
        }
    }

    @Test
    void subscriptionsBeyondTheLimitAreRefused() throws Exception {
        try (MqttHost small = MqttHost.start("max-subscriptions", "1");
                RawPeer peer = small.client5("c", property(0x17, bytes(0)))) {
            peer.send(packet(0x82, u16(1), bytes(0), utf("a"), bytes(0), utf("b"), bytes(0), utf("a"), bytes(1)))
                    .expectHex("90 06 00 01 00 00 97 01");
        }
    }

    @Test
    @DisplayName("[MQTT-3.3.2-5], [MQTT-3.3.2-6] message expiry is counted down, and expired messages are not sent")
    void messageExpiryIsCountedDown() throws Exception {
        AtomicReference<Instant> now = new AtomicReference<>(Instant.parse("2030-01-01T00:00:00Z"));
        Clock clock = new Clock() {
            @Override
            public java.time.ZoneId getZone() {
                return ZoneOffset.UTC;
            }

            @Override
            public Clock withZone(java.time.ZoneId zone) {
                return this;
            }

            @Override
            public Instant instant() {
                return now.get();
            }
        };
        try (MqttHost timed = MqttHost.start(InMemoryHost.Options.DEFAULT.withClock(clock));
                RawPeer peer = timed.client5("c")) {
            peer.send(publish5(0x03, "a", 1, properties(property(0x02, u32(100))), "x"))
                    .expectHex("40 02 00 01");
            now.set(now.get().plusSeconds(40));
            peer.send(subscribe5(2, properties(), "a", 0))
                    .expectHex("90 04 00 02 00 00")
                    .expect(publish5(0x01, "a", 0, properties(property(0x02, u32(60))), "x"));
            now.set(now.get().plusSeconds(60));
            peer.send(subscribe5(3, properties(), "a", 0)).expectHex("90 04 00 03 00 00");
            peer.send(Packets.PINGREQ).expect(Packets.PINGRESP);
        }
    }

    @Test
    void contentTypeIsToldUnlessItIsUnknown() {
        try (RawPeer peer = mqtt.client5("c")) {
            peer.send(subscribe5(1, properties(), "a", 0)).expectHex("90 04 00 01 00 00");
            peer.send(publish5(0, "a", 0, properties(), "{}"))
                    .expect(publish5(0, "a", 0, properties(property(0x03, utf("application/json"))), "{}"));
            peer.send(publish5(0, "a", 0, properties(), "{")).expect(publish5(0, "a", 0, properties(), "{"));
        }
    }

    @Test
    void opaqueListenerTakesEverythingAsBytes() throws Exception {
        try (MqttHost opaque = MqttHost.start("content", "opaque");
                RawPeer peer = opaque.client4("c")) {
            peer.send(publish4(0x03, "a", 1, "{}")).expectHex("40 02 00 01");
            assertThat(opaque.host().record("a").orElseThrow().content().mediaType())
                    .isEqualTo(MediaType.OCTET_STREAM);
        }
    }

    @Test
    void unknownAcceptIsRefused() {
        try (RawPeer peer = mqtt.client5("c", property(0x17, bytes(0)));
                RawPeer connecting = mqtt.peer()) {
            peer.send(subscribe5(1, properties(Packets.userProperty("accept", "text/html")), "a", 0))
                    .expectHex("90 04 00 01 00 83");
            connecting.send(
                    Packets.connect5("x", Packets.CLEAN, properties(Packets.userProperty("accept", "nonsense"))));
            expectFarewell(connecting, 0x20, 0, 0x83);
        }
    }

    @Test
    void slowSubscriberDoesNotHoldUpOthers() throws Exception {
        try (MqttHost small = MqttHost.start("subscription-window", "64", "max-waiting", "64KiB");
                RawPeer slow = RawPeer.connect(small.host().address("mqtt"), 4096);
                RawPeer fast = small.client4("fast");
                RawPeer publisher = small.client4("publisher")) {
            slow.send(Packets.connect4("slow", Packets.CLEAN)).expectHex("20 02 00 00");
            slow.send(subscribe4(1, "load/#", 0)).expectHex("90 03 00 01 00");
            fast.send(subscribe4(1, "load/#", 0)).expectHex("90 03 00 01 00");
            String payload = "x".repeat(16_000);
            int sent = 1000;
            for (int i = 0; i < sent; i++) {
                publisher.send(publish4(0, "load/" + i, 0, payload));
                fast.expect(publish4(0, "load/" + i, 0, payload));
            }
            assertThat(small.host().metric("mqtt", "messages_sent")).isLessThan(2L * sent - 200);
            // What the slow one gets is in order, and it is alive.
            slow.expect(publish4(0, "load/0", 0, payload)).expect(publish4(0, "load/1", 0, payload));
        }
    }
}
