package org.millrace.plugin.amqp;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.apache.qpid.protonj2.client.Connection;
import org.apache.qpid.protonj2.client.Message;
import org.apache.qpid.protonj2.client.Receiver;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.millrace.testkit.RawPeer;

/** What breaks the protocol ends its own connection, with a condition where there is one, and no other. */
class BadInputTest extends AmqpTestBase {
    private static byte[] frame(int channel, String performative) {
        return Frames.frame(0, channel, HexFormat.of().parseHex(performative));
    }

    private RawPeer opened() {
        return amqp.peer().send(Frames.HEADER).send(Frames.open()).expect(Frames.HEADER);
    }

    private RawPeer sending(String address) {
        return attached(amqp, address);
    }

    /** A sender that has credit. */
    private static RawPeer attached(AmqpHost host, String address) {
        RawPeer peer = host.peer()
                .send(Frames.HEADER)
                .send(Frames.open())
                .expect(Frames.HEADER)
                .send(Frames.begin(0))
                .send(Frames.attachSender(0, address));
        peer.readUntil("link0");
        return peer;
    }

    @Test
    void otherProtocolsAreShownTheHeader() {
        RawPeer peer = amqp.peer().send("GET / HTTP/1.1\r\n\r\n");

        assertThat(peer.readAll()).startsWith("AMQP");
    }

    @Test
    void anOversizedFrameEndsTheConnectionWithAFramingError() {
        RawPeer peer = opened().sendHex("7fffffff02000000");

        assertThat(peer.readAll()).contains("amqp:connection:framing-error");
    }

    @Test
    void aFrameSmallerThanItsHeaderEndsTheConnection() {
        assertThat(opened().sendHex("0000000402000000").readAll()).contains("amqp:connection:framing-error");
    }

    @Test
    void anUnknownPerformativeEndsTheConnection() {
        assertThat(opened().send(frame(0, "0053ff45")).readAll()).contains("amqp:");
    }

    @Test
    void aTransferOnAChannelWithoutASessionEndsTheConnection() {
        assertThat(opened().send(frame(5, "005314c0070443520040 40".replace(" ", "")))
                        .readAll())
                .contains("amqp:");
    }

    @Test
    void moreTransfersThanTheSessionsWindowEndTheConnection() throws Exception {
        try (AmqpHost narrow = AmqpHost.start("session-window", "16")) {
            ByteArrayOutputStream frames = new ByteArrayOutputStream();
            for (int i = 0; i < 17; i++) {
                frames.writeBytes(Frames.transfer(0, 0, true, (byte) 0));
            }
            RawPeer peer = attached(narrow, "bad/window").send(frames.toByteArray());

            assertThat(peer.readAll()).contains("amqp:session:window-violation");
        }
    }

    @Test
    void framesBeforeOpenEndTheConnection() {
        assertThat(amqp.peer().send(Frames.HEADER).send(Frames.begin(0)).readAll())
                .contains("amqp:connection:framing-error");
    }

    @Test
    void aPerformativeWithoutWhatItNeedsEndsTheConnection() {
        // begin without any field, attach without any field
        assertThat(opened().send(frame(0, "00531145")).readAll()).contains("amqp:decode-error");
        assertThat(opened().send(Frames.begin(0)).send(frame(0, "00531245")).readAll())
                .contains("amqp:decode-error");
    }

    @Test
    void aListOfMoreElementsThanThereAreBytesEndsTheConnection() {
        // open whose list says that it has two billion elements
        assertThat(amqp.peer()
                        .send(Frames.HEADER)
                        .send(frame(0, "005310d0000000087fffffff40404040"))
                        .readAll())
                .contains("amqp:");
    }

    @Test
    void anArrayOfElementsWithoutBytesIsNotMade() throws Exception {
        // a message whose value is an array of two billion times true
        byte[] bomb = HexFormat.of().parseHex("005377f0000000057fffffff41");
        RawPeer peer = sending("bad/array").send(Frames.transfer(0, 0, false, bomb));

        assertThat(peer.readUntil("amqp:invalid-field")).isNotEmpty();
        peer.close();
        send("bad/array", "the host is well");
    }

    @Test
    void saslGarbageEndsInAnOutcomeOrTheEnd() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int i = 0; i < 100; i++) {
            byte[] garbage = new byte[1 + random.nextInt(60)];
            random.nextBytes(garbage);
            try (RawPeer peer = amqp.peer().send(Frames.SASL_HEADER).send(Frames.frame(1, 0, garbage))) {
                assertThat(peer.readAll()).as("seed %d", seed).startsWith("AMQP");
            }
        }
    }

    @Test
    void aSaslFrameOfManyBytesIsNotTaken() {
        RawPeer peer = amqp.peer().send(Frames.SASL_HEADER).sendHex("7fffffff02010000");

        assertThat(peer.readAll()).startsWith("AMQP");
    }

    @Test
    void framesThatEndHalfWayAreForgottenWithTheirConnection() {
        byte[] whole =
                Frames.together(Frames.HEADER, Frames.open(), Frames.begin(0), Frames.attachSender(0, "bad/half"));
        for (int length = 1; length < whole.length; length++) {
            amqp.peer().send(Arrays.copyOf(whole, length)).reset();
        }
        Awaitility.await()
                .atMost(20, TimeUnit.SECONDS)
                .untilAsserted(() -> assertThat(amqp.host().connections("amqp")).isEqualTo(1));
    }

    @Test
    void abandonedMessagesAreForgottenWithTheirConnection() throws Exception {
        for (int i = 0; i < 50; i++) {
            RawPeer peer = sending("bad/abandoned");
            for (int part = 0; part < 10; part++) {
                peer.send(Frames.transfer(0, 0, true, new byte[50_000]));
            }
            peer.reset();
        }
        send("bad/abandoned", "the host is well");
        Awaitility.await()
                .atMost(20, TimeUnit.SECONDS)
                .untilAsserted(() -> assertThat(amqp.host().connections("amqp")).isEqualTo(1));
    }

    @Test
    void aMessageOfEndlesslyManyEmptyFramesEndsTheConnection() {
        RawPeer peer = sending("bad/endless");
        byte[] parts =
                Frames.together(Frames.transfer(0, 0, true), Frames.transfer(0, 0, true), Frames.transfer(0, 0, true));
        String answer = "";
        try {
            for (int i = 0; i < 100_000; i++) {
                peer.send(parts);
            }
        } catch (UncheckedIOException closed) {
            answer = "closed";
        }
        assertThat(answer.isEmpty() ? peer.readAll() : answer).isNotEmpty();
    }

    @Test
    void tenThousandLinksArePossibleAndNoMore() throws Exception {
        RawPeer peer = opened().send(Frames.begin(0));
        ByteArrayOutputStream attaches = new ByteArrayOutputStream();
        for (int i = 0; i <= 10_000; i++) {
            attaches.writeBytes(Frames.attachReceiver(i, "many/" + i));
        }
        peer.send(attaches.toByteArray());

        assertThat(peer.within(java.time.Duration.ofSeconds(60)).readUntil("amqp:resource-limit-exceeded"))
                .contains("amqp:resource-limit-exceeded");
        peer.reset();
        send("many/0", "the host is well");
    }

    @Test
    void deeplyNestedTypesEndTheConnection() {
        StringBuilder nested = new StringBuilder("005310");
        for (int i = 0; i < 2000; i++) {
            nested.append("d0000000ff00000001");
        }
        RawPeer peer = amqp.peer().send(Frames.HEADER).send(frame(0, nested.toString()));

        assertThat(peer.readAll()).contains("amqp:decode-error");
    }

    @Test
    void aMessageOfDeeplyNestedListsIsRejected() throws Exception {
        int depth = 10_000;
        java.nio.ByteBuffer nested = java.nio.ByteBuffer.allocate(3 + 9 * depth + 1);
        nested.put(HexFormat.of().parseHex("005377"));
        for (int i = depth; i > 0; i--) {
            nested.put((byte) 0xd0).putInt(4 + 9 * (i - 1) + 1).putInt(1);
        }
        nested.put((byte) 0x40);
        RawPeer peer = sending("bad/deep").send(Frames.transfer(0, 0, false, nested.array()));

        assertThat(peer.readUntil("amqp:invalid-field")).isNotEmpty();
        peer.close();
        send("bad/deep", "the host is well");
    }

    @Test
    void randomBytesBehindTheHeaderHurtNobody() throws Exception {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        Receiver receiver = connection.openReceiver("still/here");
        receiver.openFuture().get();
        for (int i = 0; i < 200; i++) {
            byte[] garbage = new byte[1 + random.nextInt(200)];
            random.nextBytes(garbage);
            RawPeer peer = random.nextBoolean() ? opened() : amqp.peer().send(Frames.SASL_HEADER);
            if (random.nextBoolean()) {
                byte[] framed = frame(random.nextInt(3), HexFormat.of().formatHex(garbage));
                peer.send(framed);
            } else {
                peer.send(garbage);
            }
            peer.close();
        }
        send("still/here", "yes");

        assertThat(text(next(receiver))).as("seed %d", seed).isEqualTo("yes");
        Awaitility.await()
                .untilAsserted(() -> assertThat(amqp.host().connections("amqp"))
                        .as("seed %d", seed)
                        .isEqualTo(1));
    }

    @Test
    void mutatedTrafficHurtsNobody() throws Exception {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int i = 0; i < 300; i++) {
            byte[] begin = Frames.begin(0);
            byte[] first = Frames.attachSender(0, "x");
            byte[] second = Frames.transfer(0, 0, false, HexFormat.of().parseHex("005375a00178"));
            byte[] victim = random.nextBoolean() ? first : second;
            victim[8 + random.nextInt(victim.length - 8)] = (byte) random.nextInt();
            try (RawPeer peer = opened()) {
                peer.send(begin).send(first).send(second);
            } catch (UncheckedIOException closedAlready) {
                assertThat(closedAlready).as("seed %d", seed).hasMessage("the other side takes no more");
            }
        }
        try (Connection other = amqp.connectAs("other")) {
            Receiver receiver = other.openReceiver("still/here");
            receiver.openFuture().get();
            connection.openSender("still/here").send(Message.create("yes"));
            assertThat(text(next(receiver))).as("seed %d", seed).isEqualTo("yes");
        }
    }

    @Test
    void abandonedConnectionsAreForgotten() {
        for (int i = 0; i < 50; i++) {
            opened().reset();
        }
        Awaitility.await()
                .untilAsserted(() -> assertThat(amqp.host().connections("amqp")).isEqualTo(1));
    }
}
