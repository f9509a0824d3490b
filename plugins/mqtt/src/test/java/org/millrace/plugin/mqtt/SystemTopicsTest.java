package org.millrace.plugin.mqtt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.millrace.plugin.mqtt.Packets.bytes;
import static org.millrace.plugin.mqtt.Packets.packet;
import static org.millrace.plugin.mqtt.Packets.publish4;
import static org.millrace.plugin.mqtt.Packets.subscribe4;
import static org.millrace.plugin.mqtt.Packets.u16;
import static org.millrace.plugin.mqtt.Packets.utf;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.millrace.testkit.RawPeer;

/** The topics under {@code $SYS} that tools watch a broker by. */
class SystemTopicsTest {
    private MqttHost mqtt;

    @BeforeEach
    void start() throws Exception {
        mqtt = MqttHost.start("system-topics-interval", "1s");
    }

    @AfterEach
    void stop() throws Exception {
        mqtt.close();
    }

    private RawPeer watcher(String filter) {
        return mqtt.client4("watcher").send(subscribe4(1, filter, 0)).expectHex("90 03 0001 00");
    }

    /** Reads messages, topic and payload, until the figures are as wanted. */
    private static Map<String, String> read(RawPeer peer, Predicate<Map<String, String>> until) {
        Map<String, String> seen = new TreeMap<>();
        long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (!until.test(seen)) {
            assertThat(System.nanoTime()).as("in time, with " + seen).isLessThan(end);
            byte[] message = MqttHost.packet(peer);
            assertThat(message[0] & 0xFE).as("PUBLISH of QoS 0").isEqualTo(0x30);
            int length = message[3];
            String topic = new String(message, 4, length, StandardCharsets.UTF_8);
            seen.put(topic, new String(message, 4 + length, message.length - 4 - length, StandardCharsets.UTF_8));
        }
        return seen;
    }

    @Test
    void everyFigureIsShownAsARetainedMessageAtOnce() {
        try (RawPeer peer = watcher("$SYS/#")) {
            Map<String, String> seen = read(peer, s -> s.size() >= 45);
            assertThat(seen)
                    .containsEntry("$SYS/broker/version", "millrace version development")
                    .containsKeys(
                            "$SYS/broker/uptime",
                            "$SYS/broker/clients/connected",
                            "$SYS/broker/clients/disconnected",
                            "$SYS/broker/clients/total",
                            "$SYS/broker/clients/maximum",
                            "$SYS/broker/clients/expired",
                            "$SYS/broker/messages/received",
                            "$SYS/broker/messages/sent",
                            "$SYS/broker/bytes/received",
                            "$SYS/broker/bytes/sent",
                            "$SYS/broker/publish/messages/received",
                            "$SYS/broker/publish/messages/sent",
                            "$SYS/broker/publish/messages/dropped",
                            "$SYS/broker/subscriptions/count",
                            "$SYS/broker/shared_subscriptions/count",
                            "$SYS/broker/heap/current size",
                            "$SYS/broker/heap/maximum size",
                            "$SYS/broker/load/messages/received/1min",
                            "$SYS/broker/load/bytes/sent/5min",
                            "$SYS/broker/load/connections/15min");
        }
    }

    @Test
    void oneFigureComesWithTheRetainFlagFirstAndWithoutItWhenItChanges() {
        try (RawPeer peer = watcher("$SYS/broker/uptime")) {
            assertThat(MqttHost.packet(peer)[0]).isEqualTo((byte) 0x31);
            assertThat(MqttHost.packet(peer)[0]).isEqualTo((byte) 0x30);
        }
    }

    @Test
    void figuresFollowWhatClientsDo() {
        try (RawPeer peer = watcher("$SYS/broker/+/+");
                RawPeer shared = mqtt.client4("shared").send(subscribe4(1, "$share/g/x", 0));
                RawPeer publisher = mqtt.client4("publisher")) {
            shared.expectHex("90 03 0001 00");
            publisher.send(publish4(2, "a", 1, "x")).expectHex("40 02 0001");
            Map<String, String> seen = read(
                    peer,
                    s -> "3".equals(s.get("$SYS/broker/clients/connected"))
                            && "2".equals(s.get("$SYS/broker/subscriptions/count"))
                            && "1".equals(s.get("$SYS/broker/shared_subscriptions/count")));
            assertThat(Integer.parseInt(seen.get("$SYS/broker/bytes/received"))).isGreaterThan(40);
            publisher.close();
            shared.close();
            read(
                    peer,
                    s -> "1".equals(s.get("$SYS/broker/clients/connected"))
                            && "1".equals(s.get("$SYS/broker/subscriptions/count"))
                            && "0".equals(s.get("$SYS/broker/shared_subscriptions/count")));
        }
    }

    @Test
    void wildcardsOfTheFirstLevelDoNotShowThem() {
        try (RawPeer peer = watcher("#")) {
            peer.send(subscribe4(2, "+/broker/uptime", 0)).expectHex("90 03 0002 00");
            peer.expectSilence(Duration.ofMillis(2_500));
        }
    }

    @Test
    void onlyWhatIsGrantedIsShown() {
        mqtt.host()
                .faults()
                .guard((who, grant, target) -> target.equals("$SYS/broker/uptime") || target.equals("$SYS/#"));
        try (RawPeer peer = watcher("$SYS/#")) {
            assertThat(read(peer, s -> "2 seconds".equals(s.get("$SYS/broker/uptime"))))
                    .hasSize(1);
            peer.send(subscribe4(2, "$SYS/broker/version", 0)).expectHex("90 03 0002 80");
        }
    }

    @Test
    void unsubscribingEndsThem() {
        try (RawPeer peer = watcher("$SYS/broker/uptime")) {
            MqttHost.packet(peer);
            peer.send(packet(0xA2, u16(2), utf("$SYS/broker/uptime"))).readUntil("\u00b0\u0002\u0000\u0002");
            peer.expectSilence(Duration.ofMillis(1_500));
        }
    }

    @Test
    void lastingSessionGoesOnWithThem() {
        try (RawPeer first = mqtt.peer().send(Packets.connect4("keeper", 0)).expectHex("20 02 00 00")) {
            first.send(subscribe4(1, "$SYS/broker/version", 1)).expectHex("90 03 0001 01");
            MqttHost.packet(first);
            first.send(Packets.DISCONNECT).expectClosed();
        }
        try (RawPeer second = mqtt.peer().send(Packets.connect4("keeper", 0)).expectHex("20 02 01 00")) {
            assertThat(MqttHost.packet(second)[0]).isEqualTo((byte) 0x31);
        }
    }

    @Test
    void theyCannotBeSharedOrWritten() {
        try (RawPeer peer = mqtt.client4("c")) {
            peer.send(subscribe4(1, "$share/g/$SYS/#", 0)).expectHex("90 03 0001 80");
        }
    }

    @Test
    void theyCanBeTurnedOff() throws Exception {
        try (MqttHost without = MqttHost.start("system-topics-interval", "0s");
                RawPeer peer = without.client4("c").send(subscribe4(1, "$SYS/#", 0))) {
            peer.expect(packet(0x90, u16(1), bytes(0)));
            peer.expectSilence(Duration.ofMillis(100));
        }
    }
}
