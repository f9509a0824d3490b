package org.millrace.plugin.amqp;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.UncheckedIOException;
import java.util.HexFormat;
import java.util.Random;
import org.apache.qpid.protonj2.client.Connection;
import org.apache.qpid.protonj2.client.Message;
import org.apache.qpid.protonj2.client.Receiver;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.millrace.testkit.RawPeer;

/** What breaks the protocol ends its own connection, with a condition where there is one, and no other. */
class BadInputTest extends AmqpTestBase {
    private static final String HEADER = "414d515000010000";
    /** Container id "a". */
    private static final String OPEN = "0000001102000000005310c00401a10161";

    private static byte[] frame(int channel, String performative) {
        byte[] body = HexFormat.of().parseHex(performative);
        byte[] frame = new byte[8 + body.length];
        frame[3] = (byte) frame.length;
        frame[2] = (byte) (frame.length >> 8);
        frame[4] = 2;
        frame[7] = (byte) channel;
        System.arraycopy(body, 0, frame, 8, body.length);
        return frame;
    }

    private RawPeer opened() {
        return amqp.peer().sendHex(HEADER).sendHex(OPEN).expectHex(HEADER);
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
    void deeplyNestedTypesEndTheConnection() {
        StringBuilder nested = new StringBuilder("005310");
        for (int i = 0; i < 2000; i++) {
            nested.append("d0000000ff00000001");
        }
        RawPeer peer = amqp.peer().sendHex(HEADER).send(frame(0, nested.toString()));

        assertThat(peer.readAll()).contains("AMQP");
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
            RawPeer peer = random.nextBoolean() ? opened() : amqp.peer().sendHex("414d515003010000");
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
        // attach as sender to "x", then one transfer
        String attach = "005312d0000000230000000aa1016c434250025000005328450053 29c00401a10178404043".replace(" ", "");
        String transfer = "005314c0090543 43a00101434200537 5a00178".replace(" ", "");
        for (int i = 0; i < 300; i++) {
            byte[] begin = frame(0, "005311c0090440520152645264".replace(" ", ""));
            byte[] first = frame(0, attach);
            byte[] second = frame(0, transfer);
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
