package org.millrace.plugin.mqtt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.millrace.plugin.mqtt.Packets.publish4;
import static org.millrace.plugin.mqtt.Packets.subscribe4;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.millrace.testkit.RawPeer;

/** Clients that read more slowly, or send faster, than others. */
class BackPressureTest {
    private static final int TOPICS = 8;
    private static final int ROUNDS = 500;

    /** A message of some length whose first characters tell its round. */
    private static String payload(int round) {
        return String.format("%06d", round) + "x".repeat(2_000);
    }

    @Test
    void aSlowSubscriberAtQos0GetsTheNewestOfEachTopic() throws Exception {
        assertNewest(0);
    }

    @Test
    void aSlowSubscriberAtQos0GetsTheNewestStateOfEachRecord() throws Exception {
        assertNewest(1);
    }

    private static void assertNewest(int retain) throws Exception {
        try (MqttHost mqtt = MqttHost.start("latest-beyond", "16");
                RawPeer slow = RawPeer.connect(mqtt.host().address("mqtt"), 4096);
                RawPeer fast = mqtt.client4("fast");
                RawPeer publisher = mqtt.client4("publisher")) {
            slow.send(Packets.connect4("slow", Packets.CLEAN)).expectHex("20 02 00 00");
            slow.send(subscribe4(1, "t/#", 0)).expectHex("90 03 00 01 00");
            fast.send(subscribe4(1, "t/#", 0)).expectHex("90 03 00 01 00");
            for (int round = 0; round < ROUNDS; round++) {
                for (int topic = 0; topic < TOPICS; topic++) {
                    publisher.send(publish4(retain, "t/" + topic, 0, payload(round)));
                    fast.expect(publish4(0, "t/" + topic, 0, payload(round)));
                }
            }

            Map<String, Integer> last = new HashMap<>();
            int received = 0;
            while (last.values().stream().filter(r -> r == ROUNDS - 1).count() < TOPICS) {
                Message message = next(slow);
                Integer before = last.put(message.topic(), message.round());
                assertThat(before == null || before < message.round())
                        .as("%s of round %d after that of %s", message.topic(), message.round(), before)
                        .isTrue();
                received++;
            }
            assertThat(received).as("messages").isLessThan(TOPICS * ROUNDS);
            assertThat(mqtt.host().metric("mqtt", "messages_dropped")).isPositive();
        }
    }

    @Test
    void aSlowSubscriberAtQos1GetsAll() throws Exception {
        try (MqttHost mqtt = MqttHost.start("latest-beyond", "16", "subscription-window", "64");
                RawPeer slow = RawPeer.connect(mqtt.host().address("mqtt"), 4096);
                RawPeer publisher = mqtt.client4("publisher")) {
            slow.send(Packets.connect4("slow", Packets.CLEAN)).expectHex("20 02 00 00");
            slow.send(subscribe4(1, "t", 1)).expectHex("90 03 00 01 01");
            for (int round = 0; round < ROUNDS; round++) {
                publisher.send(publish4(0x02, "t", 1, payload(round))).expectHex("40 02 00 01");
            }

            for (int round = 0; round < ROUNDS; round++) {
                slow.expect(publish4(0x02, "t", round + 1, payload(round)));
                slow.send(Packets.acknowledgement(0x40, round + 1));
            }
        }
    }

    @Test
    void aClientThatSendsWithoutPauseDoesNotKeepOthersFromBeingServed() throws Exception {
        try (MqttHost mqtt = MqttHost.start();
                RawPeer flood = mqtt.client4("flood");
                RawPeer other = mqtt.client4("other")) {
            ByteArrayOutputStream burst = new ByteArrayOutputStream();
            for (int i = 0; i < 1_000; i++) {
                burst.writeBytes(publish4(0, "t", 0, "x"));
            }
            int bursts = 300;
            Thread flooding = Thread.ofVirtual().start(() -> {
                for (int i = 0; i < bursts; i++) {
                    flood.send(burst.toByteArray());
                }
            });
            int answered = 0;
            while (mqtt.host().metric("mqtt", "messages_received") < bursts * 1_000L) {
                other.send(Packets.PINGREQ).expect(Packets.PINGRESP);
                answered++;
            }
            flooding.join();
            assertThat(answered).as("answers while the flood lasted").isGreaterThan(10);
        }
    }

    private record Message(String topic, int round) {}

    private static Message next(RawPeer peer) {
        byte[] head = peer.read(2);
        int length = head[1] & 0x7F;
        if (head[1] < 0) {
            length |= peer.read(1)[0] << 7;
        }
        byte[] rest = peer.read(length);
        int topic = ByteBuffer.wrap(rest).getShort();
        return new Message(
                new String(rest, 2, topic, StandardCharsets.UTF_8),
                Integer.parseInt(new String(rest, 2 + topic, 6, StandardCharsets.US_ASCII)));
    }
}
