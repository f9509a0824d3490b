package org.millrace.plugin.mqtt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.millrace.plugin.mqtt.Packets.acknowledgement;
import static org.millrace.plugin.mqtt.Packets.bytes;
import static org.millrace.plugin.mqtt.Packets.connect4;
import static org.millrace.plugin.mqtt.Packets.publish4;
import static org.millrace.plugin.mqtt.Packets.subscribe4;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.millrace.testkit.InMemoryHost;
import org.millrace.testkit.RawPeer;

/** What becomes of a shared subscription's messages while the disk takes its time over the group's place. */
class SharedHandoverTest {
    private static final int EVENT_LOOPS = 16;

    private static final String SHARED = "$share/g/jobs/#";
    private static final Duration LONG = Duration.ofSeconds(20);

    private final InMemoryHost host = InMemoryHost.create();
    private WaitingStore store;

    @BeforeEach
    void start() throws Exception {
        var context = host.context("mqtt", Map.of("port", "0"));
        store = new WaitingStore(context.store());
        new MqttPlugin().start(new WatchedContext(context, store));
    }

    /** What waits to be written is lost. */
    private void startAfterCrash() throws Exception {
        host.crash("mqtt");
        start();
    }

    @AfterEach
    void stop() throws Exception {
        host.close();
    }

    private RawPeer connected(String clientId, int flags, boolean present) {
        return RawPeer.connect(host.address("mqtt"))
                .send(connect4(clientId, flags))
                .expect(bytes(0x20, 2, present ? 1 : 0, 0));
    }

    private void publish(String payload) {
        try (RawPeer publisher = connected("publisher", Packets.CLEAN, false)) {
            publisher.send(publish4(0x04, "jobs/a", 1, payload)).expect(acknowledgement(0x50, 1));
            publisher.send(acknowledgement(0x62, 1)).expect(acknowledgement(0x70, 1));
        }
    }

    private RawPeer member(String clientId) {
        return connected(clientId, 0, false).send(subscribe4(1, SHARED, 2)).expect(bytes(0x90, 3, 0, 1, 2));
    }

    private void leaves(RawPeer peer) {
        int before = host.connections("mqtt");
        peer.close();
        Awaitility.await().atMost(LONG).until(() -> host.connections("mqtt") < before);
        passOverEventLoops();
    }

    /** Every event loop has done what it was given before. */
    private void passOverEventLoops() {
        for (int i = 0; i < EVENT_LOOPS; i++) {
            try (RawPeer peer = connected("passing", Packets.CLEAN, false)) {
                MqttHost.expectSilence(peer);
            }
        }
    }

    @Test
    void whatAMemberHadAtQos2WhenItsConnectionBrokeIsNotForgottenForAnEarlierState() {
        RawPeer member = member("one");
        store.hold("group/");
        publish("x");
        Awaitility.await().atMost(LONG).until(store::isHolding);
        publish("y");
        passOverEventLoops();
        leaves(member);

        store.letGo();
        passOverEventLoops();

        RawPeer again = connected("one", 0, true);
        int size = publish4(0x04, "jobs/a", 1, "x").length;
        byte[] first = again.read(size);
        byte[] second = again.read(size);
        assertThat(first[size - 1]).isEqualTo((byte) 'x');
        assertThat(second[size - 1]).isEqualTo((byte) 'y');
    }

    @Test
    void whatAMemberWasNotSentYetWhenItsConnectionBrokeIsHandedOutOnceAfterACrash() throws Exception {
        RawPeer member = member("one");
        store.hold("group/");
        publish("x");
        Awaitility.await().atMost(LONG).until(store::isHolding);
        leaves(member);

        startAfterCrash();
        publish("y");

        RawPeer again = connected("one", 0, true);
        again.expect(publish4(0x04, "jobs/a", 1, "x")).expect(publish4(0x04, "jobs/a", 2, "y"));
        MqttHost.expectSilence(again);
    }

    @Test
    void whatAMemberHasHadIsNotHandedOutAgainAfterACrashThoughItsGroupHadNotForgottenItYet() throws Exception {
        RawPeer member = member("one");
        publish("x");
        member.expect(publish4(0x04, "jobs/a", 1, "x"));
        store.hold("group/");
        member.send(acknowledgement(0x50, 1)).expect(acknowledgement(0x62, 1));
        member.send(acknowledgement(0x70, 1));
        MqttHost.expectSilence(member);
        leaves(member);

        startAfterCrash();
        publish("y");

        connected("one", 0, true).expect(publish4(0x04, "jobs/a", 1, "y"));
    }

    @Test
    void aMemberIsForgottenWhenItsGroupHasForgottenWhatIsReservedToIt() {
        RawPeer one = member("one");
        RawPeer two = member("two");
        store.hold("group/");
        one.send(Packets.packet(0xA2, Packets.u16(2), Packets.utf(SHARED))).expectHex("B0 02 00 02");
        leaves(two);
        Awaitility.await().atMost(LONG).until(store::isHolding);
        assertThat(members()).isEqualTo(2);

        store.letGo();

        Awaitility.await().atMost(LONG).until(() -> members() == 1);
    }

    private int members() {
        List<String> keys = new ArrayList<>();
        store.forEach("member/", (key, value) -> keys.add(key));
        return keys.size();
    }
}
