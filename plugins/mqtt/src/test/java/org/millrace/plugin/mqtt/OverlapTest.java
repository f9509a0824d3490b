package org.millrace.plugin.mqtt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.millrace.plugin.mqtt.Packets.acknowledgement;
import static org.millrace.plugin.mqtt.Packets.connect4;
import static org.millrace.plugin.mqtt.Packets.packet;
import static org.millrace.plugin.mqtt.Packets.subscribe4;
import static org.millrace.plugin.mqtt.Packets.u16;
import static org.millrace.plugin.mqtt.Packets.utf;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.millrace.spi.content.Content;
import org.millrace.spi.resource.Path;
import org.millrace.spi.resource.Qos;
import org.millrace.spi.resource.Resources;
import org.millrace.spi.resource.TopicFilter;
import org.millrace.spi.resource.Write;
import org.millrace.spi.resource.WriteOptions;
import org.millrace.testkit.RawPeer;

/** Filters of one client that overlap, come and go while the client lags: each message once, whatever has ended. */
class OverlapTest {
    private static final String[] TOPICS = {"a", "a/x", "a/y", "b/x", "c"};
    private static final String[] FILTERS = {"#", "a/#", "a/+", "a/x", "+/x", "b/#"};
    private static final int STEPS = 400;

    /** More than a subscription may have under way at once. */
    private static final int LAG = 40;

    @Test
    void whatANewerSubscriptionLeftToAnOlderOneIsDeliveredAfterTheOlderOneEnds() throws Exception {
        try (Play play = new Play(1, true)) {
            play.connect();
            play.subscribe("a/x");
            play.subscribe("#");
            for (int i = 0; i < LAG; i++) {
                play.publish("a/x", false);
            }
            play.pump();
            play.unsubscribe("a/x");
            play.expectAll();
        }
    }

    @Test
    void whatAnEndedSubscriptionHasDeliveredIsNotDeliveredByAnotherThatCameToItLater() throws Exception {
        try (Play play = new Play(1, true)) {
            play.connect();
            play.subscribe("a/x");
            play.subscribe("#");
            for (int i = 0; i < LAG; i++) {
                play.publish("c", false);
            }
            play.publish("a/x", false);
            play.pump();
            play.unsubscribe("a/x");
            play.expectAll();
        }
    }

    static LongStream seeds() {
        long first = System.nanoTime();
        return LongStream.range(first, first + 12);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void nothingIsLostOrRepeatedWhileFiltersComeAndGo(long seed) throws Exception {
        try (Play play = new Play(seed, seed % 3 != 0)) {
            play.connect();
            for (int i = 0; i < STEPS; i++) {
                play.step();
            }
            play.expectAll();
        }
    }

    /** A published message: whoever has one of these filters to the end has to get it. */
    private record Sent(String payload, Set<String> filters) {}

    /** One client and what was published to it. */
    private static final class Play implements AutoCloseable {
        private final long seed;
        private final Random random;
        private final boolean persistent;
        private final MqttHost mqtt;
        private RawPeer peer;
        private boolean session;
        private int lastPacketId;

        private final Set<String> filters = new HashSet<>();
        private final List<Sent> sent = new ArrayList<>();
        private final Map<String, Integer> live = new HashMap<>();
        private final Set<String> seen = new HashSet<>();
        /** QoS 2 packet identifiers in use; the value says whether PUBREC was sent. */
        private final Map<Integer, Boolean> exchanges = new LinkedHashMap<>();

        Play(long seed, boolean persistent) throws Exception {
            this.seed = seed;
            this.random = new Random(seed);
            this.persistent = persistent;
            this.mqtt = MqttHost.start("max-inflight", "4", "subscription-window", "16");
            this.peer = mqtt.peer();
        }

        void connect() {
            peer.send(connect4("c", persistent ? 0 : Packets.CLEAN));
            peer.expectHex(session ? "20 02 01 00" : "20 02 00 00");
            session = persistent;
        }

        void step() throws Exception {
            int choice = random.nextInt(100);
            if (choice < 50) {
                publish(TOPICS[random.nextInt(TOPICS.length)], random.nextInt(4) == 0);
            } else if (choice < 60) {
                subscribe(FILTERS[random.nextInt(FILTERS.length)]);
            } else if (choice < 70) {
                unsubscribe(FILTERS[random.nextInt(FILTERS.length)]);
            } else if (choice < 95) {
                pump();
                for (int i = random.nextInt(4); i > 0; i--) {
                    acknowledgeOne();
                }
            } else if (persistent && choice < 98) {
                reconnect(() -> {});
            } else if (persistent && choice == 98) {
                reconnect(mqtt::startAfterCrash);
            }
        }

        interface Meanwhile {
            void run() throws Exception;
        }

        private void reconnect(Meanwhile meanwhile) throws Exception {
            peer.close();
            meanwhile.run();
            peer = mqtt.peer();
            // What was acknowledged just before may not have arrived; the server then asks again.
            connect();
        }

        void publish(String topic, boolean record) {
            String payload = "m" + sent.size();
            Content content = mqtt.host().contents().detect(payload.getBytes(StandardCharsets.UTF_8));
            WriteOptions options = WriteOptions.DEFAULT.withQos(Qos.EXACTLY_ONCE);
            Path path = Path.of(topic);
            sent.add(new Sent(
                    payload,
                    filters.stream()
                            .filter(f -> TopicFilter.of(f).matches(path))
                            .collect(Collectors.toSet())));
            try (Resources resources = mqtt.host().resources("publisher")) {
                resources
                        .write(
                                record
                                        ? new Write.Put(path, content, options)
                                        : new Write.Publish(path, content, options))
                        .toCompletableFuture()
                        .join();
            }
        }

        void subscribe(String filter) {
            lastPacketId++;
            peer.send(subscribe4(lastPacketId, filter, 2));
            readUntil(0x90);
            filters.add(filter);
        }

        void unsubscribe(String filter) {
            lastPacketId++;
            peer.send(packet(0xA2, u16(lastPacketId), utf(filter)));
            readUntil(0xB0);
            filters.remove(filter);
            for (int i = 0; i < sent.size(); i++) {
                sent.get(i).filters().remove(filter);
            }
        }

        void pump() {
            peer.send(Packets.PINGREQ);
            readUntil(0xD0);
        }

        private void readUntil(int type) {
            while (true) {
                byte[] packet = MqttHost.packet(peer);
                int first = packet[0] & 0xF0;
                if (first == 0x30) {
                    received(packet);
                } else if (first == 0x60) {
                    int packetId = ByteBuffer.wrap(packet).getShort(2) & 0xFFFF;
                    exchanges.remove(packetId);
                    peer.send(acknowledgement(0x70, packetId));
                } else if (first == type) {
                    return;
                }
            }
        }

        private void received(byte[] packet) {
            int topic = ByteBuffer.wrap(packet).getShort(2);
            int packetId = ByteBuffer.wrap(packet).getShort(4 + topic) & 0xFFFF;
            String payload = new String(Arrays.copyOfRange(packet, 6 + topic, packet.length), StandardCharsets.UTF_8);
            if (exchanges.containsKey(packetId)) {
                exchanges.put(packetId, false);
                return;
            }
            exchanges.put(packetId, false);
            seen.add(payload);
            if ((packet[0] & 1) == 0) {
                int times = live.merge(payload, 1, Integer::sum);
                assertThat(times).as("deliveries of %s, seed %s", payload, seed).isEqualTo(1);
            }
        }

        private void acknowledgeOne() {
            exchanges.entrySet().stream().filter(e -> !e.getValue()).findFirst().ifPresent(e -> {
                e.setValue(true);
                peer.send(acknowledgement(0x50, e.getKey()));
            });
        }

        void expectAll() {
            Awaitility.await()
                    .atMost(Duration.ofSeconds(20))
                    .pollInterval(Duration.ofMillis(5))
                    .untilAsserted(() -> {
                        for (int i = 0; i < 4; i++) {
                            acknowledgeOne();
                        }
                        pump();
                        assertThat(sent.stream()
                                        .filter(s -> !s.filters().isEmpty())
                                        .map(Sent::payload)
                                        .filter(p -> !seen.contains(p)))
                                .as("lost, seed %s", seed)
                                .isEmpty();
                    });
        }

        @Override
        public void close() throws Exception {
            peer.close();
            mqtt.close();
        }
    }
}
