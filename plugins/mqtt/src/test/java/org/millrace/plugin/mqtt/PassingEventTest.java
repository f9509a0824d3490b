package org.millrace.plugin.mqtt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.millrace.plugin.mqtt.Packets.acknowledgement;
import static org.millrace.plugin.mqtt.Packets.properties;
import static org.millrace.plugin.mqtt.Packets.property;
import static org.millrace.plugin.mqtt.Packets.publish5;
import static org.millrace.plugin.mqtt.Packets.subscribe5;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.millrace.testkit.RawPeer;

/** Events of QoS 0, which are journaled nowhere, and a client of whose filters several match. */
class PassingEventTest {
    private static final int WINDOW = 16;
    /** No present state, which would have to be shown before what happens. */
    private static final int RETAIN_NOT = 0x20;

    private static final byte[] FIRST_ID = property(0x0B, new byte[] {1});
    private static final byte[] SECOND_ID = property(0x0B, new byte[] {2});

    private MqttHost mqtt;
    private RawPeer peer;
    private RawPeer publisher;
    private final List<String> received = new ArrayList<>();
    private final List<Integer> unacknowledged = new ArrayList<>();

    @BeforeEach
    void start() throws Exception {
        mqtt = MqttHost.start("max-inflight", "4", "subscription-window", "" + WINDOW);
        peer = mqtt.client5("c");
        publisher = mqtt.client5("publisher");
    }

    @AfterEach
    void stop() throws Exception {
        mqtt.close();
    }

    private void subscribe(int packetId, String filter, byte[]... properties) {
        peer.send(subscribe5(packetId, properties(properties), filter, 1 | RETAIN_NOT));
        readUntil(0x90);
    }

    /** Uses up what the older filter may have under way; the client acknowledges nothing. */
    private void starveTheOlder() {
        for (int i = 0; i < WINDOW; i++) {
            publisher.send(publish5(0x02, "a/x", i + 1, properties(), "q" + i)).expect(acknowledgement(0x40, i + 1));
        }
        pump();
    }

    private void event(String payload) {
        publisher.send(publish5(0, "a/x", 0, properties(), payload));
        publisher.send(Packets.PINGREQ).expect(Packets.PINGRESP);
    }

    private void pump() {
        peer.send(Packets.PINGREQ);
        readUntil(0xD0);
    }

    private void readUntil(int type) {
        byte[] packet = MqttHost.packet(peer);
        while ((packet[0] & 0xF0) != type) {
            take(packet);
            packet = MqttHost.packet(peer);
        }
    }

    private void take(byte[] packet) {
        assertThat(packet[0] & 0xF0).as("a PUBLISH").isEqualTo(0x30);
        int at = 4 + packet[3];
        if ((packet[0] & 0x06) != 0) {
            unacknowledged.add((packet[at] & 0xff) << 8 | packet[at + 1] & 0xff);
            at += 2;
        }
        at += 1 + packet[at];
        received.add(new String(packet, at, packet.length - at, StandardCharsets.UTF_8));
    }

    /** Acknowledges everything, until a message has come that is sent behind all others. */
    private void receiveAll() {
        publisher.send(publish5(0x02, "a/x", 99, properties(), "end")).expect(acknowledgement(0x40, 99));
        while (!received.contains("end")) {
            unacknowledged.forEach(id -> peer.send(acknowledgement(0x40, id)));
            unacknowledged.clear();
            take(MqttHost.packet(peer));
        }
        received.remove("end");
        unacknowledged.forEach(id -> peer.send(acknowledgement(0x40, id)));
        unacknowledged.clear();
    }

    @Test
    void anEventComesOnceWithTheIdentifiersOfAllFilters() {
        subscribe(1, "a/x", FIRST_ID);
        subscribe(2, "a/#", SECOND_ID);

        event("e");

        peer.expect(publish5(0, "a/x", 0, properties(FIRST_ID, SECOND_ID), "e"));
        peer.send(Packets.PINGREQ).expect(Packets.PINGRESP);
    }

    @Test
    void anEventThatTheOldestFilterHasNoDemandForComesByAnother() {
        subscribe(1, "a/x");
        starveTheOlder();
        subscribe(2, "a/#");

        event("e");
        receiveAll();

        assertThat(received).filteredOn("e"::equals).hasSize(1);
        assertThat(received).filteredOn(payload -> payload.startsWith("q")).hasSize(WINDOW);
    }

    @Test
    void afterItNoEventComesTwice() {
        subscribe(1, "a/x");
        starveTheOlder();
        subscribe(2, "a/#");
        event("missed by one");
        receiveAll();

        for (int i = 0; i < 3; i++) {
            event("e" + i);
        }
        receiveAll();

        assertThat(received).endsWith("e0", "e1", "e2").doesNotHaveDuplicates();
    }

    @Test
    void anEventThatWaitsForTheSocketSurvivesTheEndOfTheFilterThatBroughtIt() {
        subscribe(1, "a/x");
        subscribe(2, "a/#");
        subscribe(3, "b");
        for (int i = 0; i < 5; i++) { // one more than may be unacknowledged: it waits, and so does what follows
            publisher.send(publish5(0x02, "b", i + 1, properties(), "q" + i)).expect(acknowledgement(0x40, i + 1));
        }
        event("e");
        peer.send(Packets.packet(0xA2, Packets.u16(4), properties(), Packets.utf("a/x")));
        readUntil(0xB0);

        receiveAll();

        assertThat(received).filteredOn("e"::equals).hasSize(1);
    }
}
