package org.millrace.plugin.mqtt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.millrace.plugin.mqtt.Packets.acknowledgement;
import static org.millrace.plugin.mqtt.Packets.connect5;
import static org.millrace.plugin.mqtt.Packets.properties;
import static org.millrace.plugin.mqtt.Packets.property;
import static org.millrace.plugin.mqtt.Packets.publish5;
import static org.millrace.plugin.mqtt.Packets.subscribe5;
import static org.millrace.plugin.mqtt.Packets.u32;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.millrace.testkit.RawPeer;

/** No-local of a session that goes on over another connection while there is something behind. */
class NoLocalSessionTest {
    private static final int NO_LOCAL = 4;
    private static final int RETAIN_NOT = 0x20;
    /** As many as the client may have unacknowledged; what comes after them lags. */
    private static final int AHEAD = 4;

    private MqttHost mqtt;
    private RawPeer peer;
    private RawPeer other;
    private int lastPacketId;

    @BeforeEach
    void start() throws Exception {
        mqtt = MqttHost.start("max-inflight", "" + AHEAD);
        other = mqtt.client5("other");
        peer = mqtt.peer();
        connect(false);
    }

    @AfterEach
    void stop() throws Exception {
        mqtt.close();
    }

    private void connect(boolean present) {
        peer.send(connect5("c", 0, properties(property(0x11, u32(600)))));
        assertThat(MqttHost.packet(peer)[2]).as("session present").isEqualTo((byte) (present ? 1 : 0));
    }

    private void subscribe(int options) {
        peer.send(subscribe5(++lastPacketId, properties(), "a/#", options));
        readUntil(0x90);
    }

    /** Another client's messages take up what the client may have under way; it acknowledges none of them. */
    private void fallBehind() {
        for (int i = 0; i < AHEAD; i++) {
            publish(other, "theirs" + i);
        }
    }

    private void publish(RawPeer by, String payload) {
        by.send(publish5(0x02, "a/x", ++lastPacketId, properties(), payload));
        if (by == peer) {
            readUntil(0x40);
        } else {
            by.expect(acknowledgement(0x40, lastPacketId));
        }
    }

    private void readUntil(int type) {
        byte[] packet = MqttHost.packet(peer);
        while ((packet[0] & 0xF0) != type) {
            packet = MqttHost.packet(peer);
        }
    }

    /** The payloads that come when the client acknowledges all, each once. */
    private List<String> receiveAll() {
        Set<String> received = new LinkedHashSet<>();
        publish(other, "last");
        while (!received.contains("last")) {
            byte[] packet = MqttHost.packet(peer);
            if ((packet[0] & 0xF0) == 0x30) {
                received.add(new String(packet, 10, packet.length - 10, StandardCharsets.UTF_8));
                peer.send(acknowledgement(0x40, (packet[7] & 0xff) << 8 | packet[8] & 0xff));
            }
        }
        return new ArrayList<>(received);
    }

    private static List<String> theirsAnd(String... more) {
        List<String> all = new ArrayList<>();
        for (int i = 0; i < AHEAD; i++) {
            all.add("theirs" + i);
        }
        all.addAll(List.of(more));
        return all;
    }

    private void reconnect() {
        peer.close();
        peer = mqtt.peer();
        connect(true);
    }

    private void reconnectAfterCrash() throws Exception {
        other.close();
        mqtt.startAfterCrash();
        other = mqtt.client5("other");
        reconnect();
    }

    @Test
    void ownMessagesDoNotComeBackToASessionThatGoesOn() {
        subscribe(1 | NO_LOCAL);
        fallBehind();
        publish(peer, "own");

        reconnect();

        assertThat(receiveAll()).isEqualTo(theirsAnd("last"));
    }

    @Test
    void ownMessagesDoNotComeBackAfterACrash() throws Exception {
        subscribe(1 | NO_LOCAL);
        fallBehind();
        publish(peer, "own");

        reconnectAfterCrash();

        assertThat(receiveAll()).isEqualTo(theirsAnd("last"));
    }

    @Test
    void ownMessagesPublishedOnTheNextConnectionDoNotComeEither() {
        subscribe(1 | NO_LOCAL);
        reconnect();
        publish(peer, "own");

        assertThat(receiveAll()).containsExactly("last");
    }

    @Test
    void whatNoLocalHasLeftOutIsNotShownByAReconnectAfterItIsTurnedOff() {
        subscribe(1 | NO_LOCAL);
        fallBehind();
        publish(peer, "left out");
        subscribe(1 | RETAIN_NOT);
        publish(peer, "wanted");

        reconnect();

        assertThat(receiveAll()).isEqualTo(theirsAnd("wanted", "last"));
    }

    @Test
    void whatNoLocalHasLeftOutIsNotShownAfterACrashEither() throws Exception {
        subscribe(1 | NO_LOCAL);
        fallBehind();
        publish(peer, "left out");
        subscribe(1 | RETAIN_NOT);
        publish(peer, "wanted");

        reconnectAfterCrash();

        assertThat(receiveAll()).isEqualTo(theirsAnd("wanted", "last"));
    }

    @Test
    void whatWasWantedBeforeNoLocalIsTurnedOnComesAfterAReconnect() {
        subscribe(1);
        fallBehind();
        publish(peer, "wanted");
        subscribe(1 | NO_LOCAL | RETAIN_NOT);
        publish(peer, "left out");

        reconnect();

        assertThat(receiveAll()).isEqualTo(theirsAnd("wanted", "last"));
    }
}
