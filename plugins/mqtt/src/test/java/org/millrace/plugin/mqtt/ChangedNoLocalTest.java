package org.millrace.plugin.mqtt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.millrace.plugin.mqtt.Packets.acknowledgement;
import static org.millrace.plugin.mqtt.Packets.bytes;
import static org.millrace.plugin.mqtt.Packets.properties;
import static org.millrace.plugin.mqtt.Packets.property;
import static org.millrace.plugin.mqtt.Packets.publish5;
import static org.millrace.plugin.mqtt.Packets.subscribe5;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.millrace.testkit.RawPeer;

/** No-local that is changed while one of two filters that overlap lags behind the other. */
class ChangedNoLocalTest {
    private static final int NO_LOCAL = 4;
    private static final int RETAIN_NOT = 0x20;
    /** More than a subscription may have under way at once. */
    private static final int LAG = 40;

    private final List<String> received = new ArrayList<>();

    @Test
    void itHoldsForWhatComesAfterTheChange() throws Exception {
        try (MqttHost mqtt = MqttHost.start("max-inflight", "4", "subscription-window", "16");
                RawPeer peer = mqtt.client5("c", property(0x17, bytes(0)))) {
            peer.send(subscribe5(1, properties(), "a/x", 1)).expectHex("90 04 00 01 00 01");
            peer.send(subscribe5(2, properties(), "#", 1)).expectHex("90 04 00 02 00 01");
            for (int i = 0; i < LAG; i++) {
                peer.send(publish5(0x02, "a/x", 100 + i, properties(), "m" + i));
            }
            int acknowledged = 0;
            List<Integer> waiting = new ArrayList<>();
            while (acknowledged < LAG) {
                byte[] packet = MqttHost.packet(peer);
                if (packet[0] == 0x40) {
                    acknowledged++;
                } else {
                    waiting.add(take(packet));
                }
            }

            peer.send(subscribe5(3, properties(), "a/x", 1 | NO_LOCAL | RETAIN_NOT));
            peer.send(subscribe5(4, properties(), "#", 1 | NO_LOCAL | RETAIN_NOT));
            peer.send(publish5(0x02, "a/x", 99, properties(), "not for itself"));
            waiting.forEach(id -> peer.send(acknowledgement(0x40, id)));
            while (received.size() < LAG) {
                byte[] packet = MqttHost.packet(peer);
                if ((packet[0] & 0xF0) == 0x30) {
                    peer.send(acknowledgement(0x40, take(packet)));
                }
            }
            peer.send(Packets.PINGREQ);
            byte[] packet = MqttHost.packet(peer);
            while (packet[0] != (byte) 0xD0) {
                assertThat(packet[0] & 0xF0).as("a message to itself").isNotEqualTo(0x30);
                packet = MqttHost.packet(peer);
            }

            assertThat(received)
                    .containsExactlyElementsOf(
                            IntStream.range(0, LAG).mapToObj(i -> "m" + i).toList());
        }
    }

    /** Notes the payload of a PUBLISH of QoS 1 to {@code a/x} without properties; gives its packet identifier. */
    private int take(byte[] packet) {
        received.add(new String(packet, 10, packet.length - 10, StandardCharsets.UTF_8));
        return (packet[7] & 0xff) << 8 | packet[8] & 0xff;
    }
}
