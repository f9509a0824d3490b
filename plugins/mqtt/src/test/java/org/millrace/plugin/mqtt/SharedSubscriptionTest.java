package org.millrace.plugin.mqtt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.millrace.plugin.mqtt.Packets.acknowledgement;
import static org.millrace.plugin.mqtt.Packets.bytes;
import static org.millrace.plugin.mqtt.Packets.properties;
import static org.millrace.plugin.mqtt.Packets.property;
import static org.millrace.plugin.mqtt.Packets.publish4;
import static org.millrace.plugin.mqtt.Packets.subscribe4;
import static org.millrace.plugin.mqtt.Packets.subscribe5;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.millrace.testkit.RawPeer;

class SharedSubscriptionTest {
    private MqttHost mqtt;

    @BeforeEach
    void start() throws Exception {
        mqtt = MqttHost.start();
    }

    @AfterEach
    void stop() throws Exception {
        mqtt.close();
    }

    private RawPeer member(String clientId, int qos) {
        return mqtt.client4(clientId)
                .send(subscribe4(1, "$share/workers/jobs/#", qos))
                .expect(bytes(0x90, 3, 0, 1, qos));
    }

    @Test
    @DisplayName("section 4.8.2: each message goes to one member, in turn")
    void messagesGoToOneMemberEach() {
        try (RawPeer one = member("one", 1);
                RawPeer two = member("two", 1);
                RawPeer apart = mqtt.client4("apart")) {
            apart.send(subscribe4(1, "jobs/#", 0)).expectHex("90 03 00 01 00");
            try (RawPeer publisher = mqtt.client4("p")) {
                for (int i = 0; i < 4; i++) {
                    publisher.send(publish4(0x02, "jobs/a", i + 1, "" + i)).expect(acknowledgement(0x40, i + 1));
                    apart.expect(publish4(0, "jobs/a", 0, "" + i));
                }
            }
            int size = publish4(0x02, "jobs/a", 1, "0").length;
            byte[] first = one.read(2 * size);
            byte[] second = two.read(2 * size);
            assertThat(new byte[] {first[size - 1], first[2 * size - 1], second[size - 1], second[2 * size - 1]})
                    .containsExactlyInAnyOrder(bytes('0', '1', '2', '3'));
            one.send(Packets.PINGREQ).expect(Packets.PINGRESP);
        }
    }

    @Test
    @DisplayName("section 4.8.2: what a member that left did not acknowledge goes to another")
    void unacknowledgedMessagesGoToAnotherMember() {
        try (RawPeer one = member("one", 1);
                RawPeer publisher = mqtt.client4("p")) {
            publisher.send(publish4(0x02, "jobs/a", 1, "x")).expectHex("40 02 00 01");
            one.expect(publish4(0x02, "jobs/a", 1, "x"));
            try (RawPeer two = member("two", 1)) {
                one.reset();
                two.expect(publish4(0x02, "jobs/a", 1, "x"));
            }
        }
    }

    @Test
    @DisplayName("[MQTT-4.8.2-1], [MQTT-4.8.2-2] share names are not empty and hold no wildcard")
    void badShareNamesAreRefused() {
        try (RawPeer peer = mqtt.client5("c", property(0x17, bytes(0)))) {
            peer.send(subscribe5(1, properties(), "$share//a", 0)).expectHex("90 04 00 01 00 8f");
            peer.send(subscribe5(2, properties(), "$share/a+/a", 0)).expectHex("90 04 00 02 00 8f");
            peer.send(subscribe5(3, properties(), "$share/a", 0)).expectHex("90 04 00 03 00 8f");
            peer.send(subscribe5(4, properties(), "$share/a/", 0)).expectHex("90 04 00 04 00 8f");
        }
    }

    @Test
    @DisplayName("section 3.8.3.1: a shared subscription gets no retained messages")
    void sharedSubscriptionGetsNoRetainedMessages() {
        try (RawPeer publisher = mqtt.client4("p")) {
            publisher.send(publish4(0x03, "jobs/a", 1, "kept")).expectHex("40 02 00 01");
            try (RawPeer one = member("one", 0)) {
                one.send(Packets.PINGREQ).expect(Packets.PINGRESP);
            }
        }
    }
}
