package org.millrace.plugin.mqtt;

import static org.millrace.plugin.mqtt.Packets.CLEAN;
import static org.millrace.plugin.mqtt.Packets.acknowledgement;
import static org.millrace.plugin.mqtt.Packets.connect4;
import static org.millrace.plugin.mqtt.Packets.publish4;
import static org.millrace.plugin.mqtt.Packets.subscribe4;
import static org.millrace.plugin.mqtt.Packets.utf;

import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.millrace.testkit.RawPeer;

/** What sessions know after the server was killed, or stopped in peace. */
class RestartTest {
    private MqttHost mqtt;

    @BeforeEach
    void start() throws Exception {
        mqtt = MqttHost.start();
    }

    @AfterEach
    void stop() throws Exception {
        mqtt.close();
    }

    private RawPeer subscribed(String filter, int qos) {
        return mqtt.lasting("c", false)
                .send(subscribe4(1, filter, qos))
                .expect(Packets.packet(0x90, Packets.u16(1), Packets.bytes(qos)));
    }

    @Test
    void aSubscriptionThatWasAcknowledgedSurvivesACrash() throws Exception {
        subscribed("a/#", 1);

        mqtt.startAfterCrash();
        mqtt.publish("a/b", 1, "x");

        mqtt.lasting("c", true).expect(publish4(0x02, "a/b", 1, "x"));
    }

    @Test
    void whatIsPublishedWhileTheClientIsAwayIsDeliveredAfterARestart() throws Exception {
        subscribed("a", 1).send(Packets.DISCONNECT).expectClosed();
        mqtt.publish("a", 1, "one");

        mqtt.restart();
        mqtt.publish("a", 2, "two");

        mqtt.lasting("c", true).expect(publish4(0x02, "a", 1, "one")).expect(publish4(0x02, "a", 2, "two"));
    }

    @Test
    void aQos1MessageThatWasNotAcknowledgedComesAgainAfterACrash() throws Exception {
        RawPeer first = subscribed("a", 1);
        mqtt.publish("a", 1, "x");
        first.expect(publish4(0x02, "a", 1, "x"));

        mqtt.startAfterCrash();

        mqtt.lasting("c", true).expect(publish4(0x02, "a", 1, "x"));
    }

    @Test
    void aQos2MessageKeepsItsPacketIdentifierOverACrash() throws Exception {
        RawPeer first = subscribed("a", 2);
        mqtt.publish("a", 1, "one");
        mqtt.publish("a", 2, "two");
        first.expect(publish4(0x04, "a", 1, "one")).expect(publish4(0x04, "a", 2, "two"));

        mqtt.startAfterCrash();

        mqtt.lasting("c", true).expect(publish4(0x0C, "a", 1, "one")).expect(publish4(0x0C, "a", 2, "two"));
    }

    @Test
    void aQos2MessageTheClientHasIsNotSentAgainAfterACrash() throws Exception {
        RawPeer first = subscribed("a", 2);
        mqtt.publish("a", 1, "one");
        mqtt.publish("a", 2, "two");
        first.expect(publish4(0x04, "a", 1, "one")).expect(publish4(0x04, "a", 2, "two"));
        first.send(acknowledgement(0x50, 1)).expect(acknowledgement(0x62, 1));

        mqtt.startAfterCrash();

        RawPeer second =
                mqtt.lasting("c", true).expect(acknowledgement(0x62, 1)).expect(publish4(0x0C, "a", 2, "two"));
        second.send(acknowledgement(0x70, 1));
        second.send(acknowledgement(0x50, 2)).expect(acknowledgement(0x62, 2));
        second.send(acknowledgement(0x70, 2));
        mqtt.publish("a", 3, "three");
        second.expect(publish4(0x04, "a", 3, "three"));
    }

    @Test
    void aQos2MessageThatIsOverIsNotSentAgainWhileAnEarlierOneIsNot() throws Exception {
        RawPeer first = subscribed("a", 2);
        mqtt.publish("a", 1, "one");
        mqtt.publish("a", 2, "two");
        mqtt.publish("a", 3, "three");
        first.expect(publish4(0x04, "a", 1, "one"))
                .expect(publish4(0x04, "a", 2, "two"))
                .expect(publish4(0x04, "a", 3, "three"));
        first.send(acknowledgement(0x50, 2)).expect(acknowledgement(0x62, 2));
        first.send(acknowledgement(0x70, 2));
        first.send(acknowledgement(0x50, 3)).expect(acknowledgement(0x62, 3));

        mqtt.startAfterCrash();

        RawPeer second =
                mqtt.lasting("c", true).expect(acknowledgement(0x62, 3)).expect(publish4(0x0C, "a", 1, "one"));
        MqttHost.expectSilence(second);
    }

    @Test
    void aQos2MessageOfAClientIsNotPublishedAgainAfterACrash() throws Exception {
        try (RawPeer watcher = mqtt.client4("w")) {
            watcher.send(subscribe4(1, "a", 0)).expectHex("90 03 00 01 00");
            mqtt.lasting("c", false).send(publish4(0x04, "a", 9, "once")).expectHex("50 02 00 09");
            watcher.expect(publish4(0, "a", 0, "once"));
        }

        mqtt.startAfterCrash();

        try (RawPeer watcher = mqtt.client4("w2")) {
            watcher.send(subscribe4(1, "a", 0)).expectHex("90 03 00 01 00");
            RawPeer second = mqtt.lasting("c", true);
            second.send(publish4(0x0C, "a", 9, "once")).expectHex("50 02 00 09");
            second.send(acknowledgement(0x62, 9)).expectHex("70 02 00 09");
            second.send(publish4(0x04, "a", 9, "another")).expectHex("50 02 00 09");
            watcher.expect(publish4(0, "a", 0, "another"));
        }
    }

    @Test
    void aPacketIdentifierThatWasReleasedIsFreeAfterACrash() throws Exception {
        RawPeer first = mqtt.lasting("c", false);
        first.send(publish4(0x04, "a", 9, "once")).expectHex("50 02 00 09");
        first.send(acknowledgement(0x62, 9)).expectHex("70 02 00 09");

        mqtt.startAfterCrash();

        try (RawPeer watcher = mqtt.client4("w")) {
            watcher.send(subscribe4(1, "a", 0)).expectHex("90 03 00 01 00");
            mqtt.lasting("c", true).send(publish4(0x0C, "a", 9, "another")).expectHex("50 02 00 09");
            watcher.expect(publish4(0, "a", 0, "another"));
        }
    }

    @Test
    void aRetainedMessageThatWasNotAcknowledgedComesAgainAfterACrash() throws Exception {
        try (RawPeer publisher = mqtt.client4("p")) {
            publisher.send(publish4(0x03, "a", 1, "kept")).expectHex("40 02 00 01");
        }
        subscribed("a", 1).expect(publish4(0x03, "a", 1, "kept"));

        mqtt.startAfterCrash();

        mqtt.lasting("c", true).expect(publish4(0x03, "a", 1, "kept"));
    }

    @Test
    void aRetainedQos2MessageKeepsItsPacketIdentifierOverARestart() throws Exception {
        try (RawPeer publisher = mqtt.client4("p")) {
            publisher.send(publish4(0x05, "a", 1, "kept")).expectHex("50 02 00 01");
        }
        subscribed("a", 2).expect(publish4(0x05, "a", 1, "kept")).reset();
        Awaitility.await()
                .atMost(Duration.ofSeconds(10))
                .until(() -> mqtt.host().connections("mqtt") == 0);

        mqtt.restart();

        RawPeer second = mqtt.lasting("c", true).expect(publish4(0x0D, "a", 1, "kept"));
        MqttHost.expectSilence(second);
    }

    @Test
    void aCleanStartForgetsWhatWasStored() throws Exception {
        subscribed("a", 1).send(Packets.DISCONNECT).expectClosed();
        mqtt.client4("c").close();

        mqtt.startAfterCrash();

        mqtt.lasting("c", false).close();
    }

    @Test
    void anUnsubscribedFilterStaysAwayAfterACrash() throws Exception {
        RawPeer first = subscribed("a", 1);
        first.send(Packets.packet(0xA2, Packets.u16(2), utf("a"))).expectHex("B0 02 00 02");

        mqtt.startAfterCrash();
        mqtt.publish("a", 1, "x");

        MqttHost.expectSilence(mqtt.lasting("c", true));
    }

    @Test
    void theWillOfAClientIsPublishedWhenTheServerComesBackWithoutIt() throws Exception {
        mqtt.peer().send(connect4("c", 0x0C, utf("wills/c"), utf("gone"))).expectHex("20 02 00 00");
        try (RawPeer watcher = mqtt.peer().send(connect4("w", 0)).expectHex("20 02 00 00")) {
            watcher.send(subscribe4(1, "wills/#", 1)).expectHex("90 03 00 01 01");
        }

        mqtt.startAfterCrash();

        RawPeer watcher = mqtt.lasting("w", true);
        watcher.expect(publish4(0x02, "wills/c", 1, "gone"));
    }

    @Test
    void aWillThatWasDroppedIsNotPublishedAfterARestart() throws Exception {
        try (RawPeer watcher = mqtt.peer().send(connect4("w", 0))) {
            watcher.expectHex("20 02 00 00").send(subscribe4(1, "wills/#", 1)).expectHex("90 03 00 01 01");
        }
        mqtt.peer()
                .send(connect4("c", 0x04, utf("wills/c"), utf("gone")))
                .expectHex("20 02 00 00")
                .send(Packets.DISCONNECT)
                .expectClosed();

        mqtt.restart();

        MqttHost.expectSilence(mqtt.lasting("w", true));
    }

    @Test
    void sessionsThatSleepAreTakenUpOneByOne() throws Exception {
        for (int i = 0; i < 300; i++) {
            try (RawPeer peer = mqtt.lasting("sleeper" + i, false)) {
                peer.send(subscribe4(1, "a", 1)).expectHex("90 03 00 01 01");
            }
        }
        mqtt.publish("a", 1, "x");

        mqtt.startAfterCrash();
        Awaitility.await().until(() -> mqtt.host().metric("mqtt", "sessions") == 300);
        mqtt.publish("a", 2, "y");

        mqtt.lasting("sleeper7", true).expect(publish4(0x02, "a", 1, "x")).expect(publish4(0x02, "a", 2, "y"));
        mqtt.client4("sleeper8").close();
        mqtt.lasting("sleeper8", false).close();
    }

    @Test
    void aSessionThatSleepsOverTwoRestartsIsStillThere() throws Exception {
        subscribed("a", 1).send(Packets.DISCONNECT).expectClosed();
        mqtt.restart();
        mqtt.publish("a", 1, "x");
        mqtt.startAfterCrash();

        mqtt.lasting("c", true).expect(publish4(0x02, "a", 1, "x"));
    }

    @Test
    void aSessionWhoseTimeRunsOutWhileItSleepsIsForgotten() throws Exception {
        RawPeer peer = mqtt.peer()
                .send(Packets.connect5("brief", 0, Packets.properties(Packets.property(0x11, Packets.u32(1)))));
        MqttHost.packet(peer);
        peer.reset();

        mqtt.startAfterCrash();

        Awaitility.await()
                .atMost(Duration.ofSeconds(20))
                .until(() -> mqtt.host().metric("mqtt", "sessions") == 0);
    }

    @Test
    void aWillIsHeldBackOverARestart() throws Exception {
        byte[] will =
                Packets.join(Packets.properties(Packets.property(0x18, Packets.u32(2))), utf("wills/c"), utf("gone"));
        byte[] expiry = Packets.properties(Packets.property(0x11, Packets.u32(300)));
        MqttHost.packet(mqtt.peer().send(Packets.connect5("c", 0x04, expiry, will)));

        mqtt.startAfterCrash();
        try (RawPeer watcher = mqtt.client4("w")) {
            watcher.send(subscribe4(1, "wills/#", 1)).expectHex("90 03 00 01 01");
            watcher.expect(publish4(0x00, "wills/c", 0, "gone"));
        }
    }

    @Test
    void sessionsOfBothKindsAreCounted() throws Exception {
        subscribed("a", 1);
        mqtt.peer().send(connect4("d", CLEAN)).expectHex("20 02 00 00");

        mqtt.startAfterCrash();

        Awaitility.await().until(() -> mqtt.host().metric("mqtt", "sessions") == 1);
    }
}
