package org.millrace.plugin.mqtt;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.UncheckedIOException;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.millrace.testkit.RawPeer;

/** Legal packets with bytes altered, cut, repeated and shuffled: the server stays up and others are not disturbed. */
class RandomInputTest {
    private static MqttHost mqtt;

    @BeforeAll
    static void start() throws Exception {
        mqtt = MqttHost.start("max-packet-size", "2KiB");
    }

    @AfterAll
    static void stop() throws Exception {
        mqtt.close();
    }

    private static final List<byte[]> PACKETS = List.of(
            Packets.connect5("fuzz", Packets.CLEAN, Packets.properties(Packets.property(0x21, Packets.u16(3)))),
            Packets.connect4("fuzz", Packets.CLEAN),
            Packets.publish5(
                    0x02,
                    "a/b",
                    1,
                    Packets.properties(
                            Packets.property(0x03, Packets.utf("application/json")),
                            Packets.userProperty("k", "v"),
                            Packets.property(0x23, Packets.u16(1))),
                    "{\"a\":1}"),
            Packets.publish4(0x04, "a", 2, "x"),
            Packets.subscribe5(3, Packets.properties(Packets.bytes(0x0B, 1)), "a/#", 2),
            Packets.packet(0xA2, Packets.u16(4), Packets.bytes(0), Packets.utf("a/#")),
            Packets.acknowledgement(0x40, 1),
            Packets.acknowledgement(0x50, 1),
            Packets.acknowledgement(0x62, 1),
            Packets.acknowledgement(0x70, 1),
            Packets.PINGREQ,
            Packets.DISCONNECT,
            Packets.packet(0xF0, Packets.bytes(0x18, 0)));

    @ParameterizedTest
    @ValueSource(longs = {1, 20_261_124, 77_003})
    void serverSurvivesRandomInput(long seed) {
        Random random = new Random(seed);
        try (RawPeer bystander = mqtt.client5("bystander")) {
            for (int round = 0; round < 400; round++) {
                byte[] input = PACKETS.get(random.nextInt(2));
                for (int i = random.nextInt(6); i >= 0; i--) {
                    input = Packets.join(input, altered(random, PACKETS.get(random.nextInt(PACKETS.size()))));
                }
                try (RawPeer peer = mqtt.peer()) {
                    peer.send(input);
                    if (random.nextBoolean()) {
                        peer.halfClose().readAll();
                    }
                } catch (UncheckedIOException closedWhileSending) {
                    assertThat(closedWhileSending).hasMessageContaining("takes no more");
                }
            }
            bystander.send(Packets.PINGREQ).expect(Packets.PINGRESP);
        } catch (AssertionError e) {
            throw new AssertionError("with seed " + seed, e);
        }
    }

    private static byte[] altered(Random random, byte[] packet) {
        byte[] altered = packet.clone();
        for (int i = random.nextInt(3); i > 0; i--) {
            altered[random.nextInt(altered.length)] = (byte) random.nextInt();
        }
        return random.nextInt(4) == 0 ? java.util.Arrays.copyOf(altered, random.nextInt(altered.length + 1)) : altered;
    }
}
