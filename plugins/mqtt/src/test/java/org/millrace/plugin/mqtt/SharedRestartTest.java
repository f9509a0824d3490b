package org.millrace.plugin.mqtt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.millrace.plugin.mqtt.Packets.acknowledgement;
import static org.millrace.plugin.mqtt.Packets.bytes;
import static org.millrace.plugin.mqtt.Packets.publish4;
import static org.millrace.plugin.mqtt.Packets.subscribe4;
import static org.millrace.plugin.mqtt.Packets.utf;

import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.millrace.testkit.RawPeer;

/** What a shared subscription of lasting sessions knows while its members are away, and after the server was. */
class SharedRestartTest {
    private static final String SHARED = "$share/workers/jobs/#";

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
        return mqtt.lasting(clientId, false).send(subscribe4(1, SHARED, qos)).expect(bytes(0x90, 3, 0, 1, qos));
    }

    private void publish(String... payloads) {
        for (String payload : payloads) {
            mqtt.publish("jobs/a", 1, payload);
        }
    }

    private void leaves(RawPeer peer) {
        int before = mqtt.host().connections("mqtt");
        peer.send(Packets.DISCONNECT).expectClosed();
        Awaitility.await()
                .atMost(Duration.ofSeconds(10))
                .until(() -> mqtt.host().connections("mqtt") < before);
    }

    private static byte[] qos1(int packetId, String payload) {
        return publish4(0x02, "jobs/a", packetId, payload);
    }

    @Test
    void whatIsPublishedWhileAllMembersAreAwayWaitsForThem() {
        leaves(member("one", 1));
        publish("x", "y");

        mqtt.lasting("one", true).expect(qos1(1, "x")).expect(qos1(2, "y"));
    }

    @Test
    void whatIsPublishedWhileAllMembersAreAwayOutlivesACrash() throws Exception {
        leaves(member("one", 1));
        publish("x");

        mqtt.startAfterCrash();
        publish("y");

        mqtt.lasting("one", true).expect(qos1(1, "x")).expect(qos1(2, "y"));
    }

    @Test
    void anotherMemberGetsWhatWasPublishedWhileAllWereAway() throws Exception {
        leaves(member("one", 1));
        leaves(member("two", 1));
        publish("x");

        mqtt.restart();

        mqtt.lasting("two", true).expect(qos1(1, "x")).send(acknowledgement(0x40, 1));
        MqttHost.expectSilence(mqtt.lasting("one", true));
    }

    @Test
    void whatWasNotAcknowledgedGoesToAnotherMemberAfterACrash() throws Exception {
        RawPeer one = member("one", 1);
        publish("x", "y");
        one.expect(qos1(1, "x")).expect(qos1(2, "y"));
        leaves(member("two", 1));

        mqtt.startAfterCrash();

        RawPeer two = mqtt.lasting("two", true).expect(qos1(1, "x")).expect(qos1(2, "y"));
        two.send(acknowledgement(0x40, 1)).send(acknowledgement(0x40, 2));
        MqttHost.expectSilence(mqtt.lasting("one", true));
    }

    @Test
    void whatWasAcknowledgedIsNotSentAgainThoughSomethingBeforeItIs() throws Exception {
        RawPeer one = member("one", 1);
        publish("x", "y", "z");
        one.expect(qos1(1, "x")).expect(qos1(2, "y")).expect(qos1(3, "z"));
        one.send(acknowledgement(0x40, 2));
        MqttHost.expectSilence(one);

        mqtt.restart();

        MqttHost.expectSilence(mqtt.lasting("one", true).expect(qos1(1, "x")).expect(qos1(2, "z")));
    }

    @Test
    void aQos2MessageStaysWithTheMemberThatWasSentIt() throws Exception {
        RawPeer one = member("one", 2);
        publish("x");
        one.expect(publish4(0x04, "jobs/a", 1, "x"));
        leaves(member("two", 2));

        mqtt.startAfterCrash();

        MqttHost.expectSilence(mqtt.lasting("two", true));
        RawPeer again = mqtt.lasting("one", true).expect(publish4(0x0C, "jobs/a", 1, "x"));
        again.send(acknowledgement(0x50, 1)).expect(acknowledgement(0x62, 1));
    }

    @Test
    void aQos2MessageOfASessionThatIsOverGoesToNobody() throws Exception {
        RawPeer one = member("one", 2);
        publish("x");
        one.expect(publish4(0x04, "jobs/a", 1, "x"));
        RawPeer two = member("two", 2);
        leaves(one);

        mqtt.client4("one").close();

        MqttHost.expectSilence(two);
        leaves(two);
        mqtt.restart();
        MqttHost.expectSilence(mqtt.lasting("two", true));
    }

    @Test
    void aQos2MessageThatNoMemberWasSentYetGoesToTheFirst() throws Exception {
        leaves(member("one", 2));
        leaves(member("two", 2));
        publish("x");

        mqtt.startAfterCrash();

        RawPeer two = mqtt.lasting("two", true).expect(publish4(0x04, "jobs/a", 1, "x"));
        two.send(acknowledgement(0x50, 1)).expect(acknowledgement(0x62, 1));
        two.send(acknowledgement(0x70, 1));
        MqttHost.expectSilence(mqtt.lasting("one", true));
    }

    @Test
    void aGroupThatTheLastMemberHasUnsubscribedFromBeginsAnew() throws Exception {
        RawPeer one = member("one", 1);
        one.send(Packets.packet(0xA2, Packets.u16(2), utf(SHARED))).expectHex("B0 02 00 02");
        leaves(one);
        publish("x");

        mqtt.restart();

        RawPeer again = mqtt.lasting("one", true).send(subscribe4(1, SHARED, 1)).expect(bytes(0x90, 3, 0, 1, 1));
        MqttHost.expectSilence(again);
        publish("y");
        again.expect(qos1(1, "y"));
    }

    @Test
    void aGroupWhoseSessionsAreOverBeginsAnew() {
        leaves(member("one", 1));
        mqtt.client4("one").close();
        publish("x");

        MqttHost.expectSilence(member("one", 1));
    }

    @Test
    void aMemberThatGoesKeepsTheOthersFromNothing() {
        RawPeer one = member("one", 1);
        RawPeer two = member("two", 1);
        publish("w", "x", "y", "z");
        int size = qos1(1, "x").length;
        byte[] first = one.read(2 * size);
        byte[] second = two.read(2 * size);
        one.send(acknowledgement(0x40, 1)).send(acknowledgement(0x40, 2));
        MqttHost.expectSilence(one);
        leaves(two);

        byte[] redelivered = one.read(2 * size);

        assertThat(first).isNotEqualTo(second);
        assertThat(redelivered[size - 1]).isEqualTo(second[size - 1]);
        assertThat(redelivered[2 * size - 1]).isEqualTo(second[2 * size - 1]);
    }
}
