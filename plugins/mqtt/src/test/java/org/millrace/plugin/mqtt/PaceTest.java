package org.millrace.plugin.mqtt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.millrace.plugin.mqtt.MqttHost.expectFarewell;
import static org.millrace.plugin.mqtt.Packets.CLEAN;
import static org.millrace.plugin.mqtt.Packets.connect4;
import static org.millrace.plugin.mqtt.Packets.connect5;
import static org.millrace.plugin.mqtt.Packets.join;
import static org.millrace.plugin.mqtt.Packets.properties;
import static org.millrace.plugin.mqtt.Packets.publish4;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.millrace.testkit.RawPeer;

/** Clients that publish or connect faster than they may. */
class PaceTest {
    private static byte[] messages(int n) {
        byte[] all = {};
        for (int i = 1; i <= n; i++) {
            all = join(all, publish4(2, "a", i, "x"));
        }
        return all;
    }

    @ParameterizedTest
    @ValueSource(strings = {"max-publish-rate", "max-total-publish-rate"})
    void fastPublisherIsReadMoreSlowlyAndLosesNothing(String limit) throws Exception {
        try (MqttHost mqtt = MqttHost.start(limit, "50");
                RawPeer publisher = mqtt.client4("fast");
                RawPeer bystander = mqtt.client4("by")) {
            long start = System.nanoTime();
            publisher.send(messages(150));
            bystander.send(Packets.PINGREQ).expect(Packets.PINGRESP);
            for (int i = 1; i <= 150; i++) {
                publisher.expect(Packets.acknowledgement(0x40, i));
            }
            // Fifty at once, the others at fifty a second.
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThan(Duration.ofMillis(1_900));
            publisher.send(Packets.PINGREQ).expect(Packets.PINGRESP);
        }
    }

    @Test
    void publisherWithinItsRateIsNotHeldUp() throws Exception {
        try (MqttHost mqtt = MqttHost.start("max-publish-rate", "1000");
                RawPeer publisher = mqtt.client4("c")) {
            publisher.send(messages(500));
            for (int i = 1; i <= 500; i++) {
                publisher.expect(Packets.acknowledgement(0x40, i));
            }
        }
    }

    @Test
    void clientsThatConnectTooOftenAreRefusedAndOthersServed() throws Exception {
        try (MqttHost mqtt = MqttHost.start("max-connect-rate", "1");
                RawPeer first = mqtt.client5("twin")) {
            try (RawPeer five = mqtt.peer().send(connect5("twin", CLEAN, properties()))) {
                expectFarewell(five, 0x20, 0, 0x9F);
            }
            try (RawPeer four = mqtt.peer().send(connect4("twin", CLEAN))) {
                four.expectHex("20 02 00 03").expectClosed();
            }
            first.send(Packets.PINGREQ).expect(Packets.PINGRESP);
            mqtt.client4("other").close();
            mqtt.client4("").close();
            mqtt.client4("").close();
        }
    }

    @Test
    void connectionsBeyondTheRateOfAllAreRefused() throws Exception {
        try (MqttHost mqtt = MqttHost.start("max-total-connect-rate", "3")) {
            int refused = 0;
            for (int i = 0; i < 20; i++) {
                try (RawPeer peer = mqtt.peer().send(connect4("c" + i, CLEAN))) {
                    byte[] connack = MqttHost.packet(peer);
                    assertThat(connack[3]).isIn((byte) 0, (byte) 3);
                    refused += connack[3] == 3 ? 1 : 0;
                }
            }
            assertThat(refused).isPositive();
        }
    }
}
