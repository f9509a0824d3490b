package org.millrace.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.millrace.testkit.RawPeer;

/** MQTT clients that do wrong, against an installed host: the right code, one line in the log, nobody else harmed. */
class MqttBadInputIT {
    private static final String CONNECT_5 = "10 12 0004 4d515454 05 02 003c 03 21 0005 00 02 ";

    @TempDir
    static Path folder;

    private static MillraceProcess host;
    private static RawPeer bystander;

    @BeforeAll
    static void startHost() {
        host = MillraceProcess.start(folder.resolve("data"), "--set", "mqtt.connect-timeout=2s");
        bystander = client("by");
    }

    @AfterAll
    static void stopHost() {
        bystander.close();
        assertThat(host.stop()).isZero();
    }

    private static RawPeer peer() {
        return RawPeer.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), host.port("mqtt")))
                .within(Duration.ofSeconds(30));
    }

    /** An MQTT 5 client; the identifier has two letters. */
    private static RawPeer client(String id) {
        RawPeer peer = peer().sendHex(CONNECT_5).send(id);
        byte[] head = peer.read(2);
        assertThat(head[0]).isEqualTo((byte) 0x20);
        assertThat(peer.read(head[1])[1]).isZero();
        return peer;
    }

    private static long linesAbout(String what) {
        return host.log().lines().filter(line -> line.contains(what)).count();
    }

    /** Expects the connection to end with a packet and code, one line in the log, and the bystander served. */
    private static void ends(RawPeer peer, String id, int first, int code) {
        endsAbout(peer, "'" + id + "'", first, code);
    }

    /** As {@link #ends}; the line is known by a part of it. */
    private static void endsAbout(RawPeer peer, String about, int first, int code) {
        byte[] farewell = peer.readAll().getBytes(StandardCharsets.ISO_8859_1);
        int at = farewell[1] < 0 ? 3 : 2;
        assertThat(farewell[0]).isEqualTo((byte) first);
        assertThat(farewell[first == 0x20 ? at + 1 : at]).isEqualTo((byte) code);
        peer.close();
        oneLineAbout(about);
        bystander.sendHex("c000").expectHex("d000");
    }

    private static void oneLineAbout(String what) {
        Awaitility.await().atMost(10, TimeUnit.SECONDS).until(() -> linesAbout(what) >= 1);
        assertThat(linesAbout(what)).isEqualTo(1);
    }

    @Test
    void oversizedPacketIsRefusedByItsHeader() {
        ends(client("a1").sendHex("30 ffffff7f"), "a1", 0xE0, 0x95);
    }

    @Test
    void illFormedTextEndsTheConnection() {
        ends(client("a2").sendHex("30 05 0002 c328 00"), "a2", 0xE0, 0x81);
        ends(client("b2").sendHex("82 08 0001 00 0002 c328 00"), "b2", 0xE0, 0x81);
        ends(client("c2").sendHex("30 06 0003 eda080 00"), "c2", 0xE0, 0x81); // a surrogate
        ends(client("d2").sendHex("30 06 0003 610061 00"), "d2", 0xE0, 0x81); // U+0000
        ends(client("e2").sendHex("a2 07 0001 00 0002 c328"), "e2", 0xE0, 0x81);
        ends(client("f2").sendHex("30 0c 0001 61 07 26 0002 c328 0000 78"), "f2", 0xE0, 0x81);
    }

    /** Whose client id is not known yet is named by the address. */
    @Test
    void illFormedTextInConnectIsRefusedAndTheLineNamesThePeer() throws IOException {
        for (String connect : List.of(
                "10 0f 0004 4d515454 05 02 003c 00 0002 c328", // the client id
                "10 19 0004 4d515454 05 06 003c 00 0002 7131 00 0002 c328 0003 627965", // the will's topic
                "10 13 0004 4d515454 05 82 003c 00 0002 7132 0002 c328")) { // the user name
            assertThat(answer(connect)).startsWith(0x20).containsSubsequence(0x00, 0x81);
        }
        assertThat(answer("10 0e 0004 4d515454 04 02 003c 0002 c328")).isEmpty(); // 3.1.1 has no code for it
        bystander.sendHex("c000").expectHex("d000");
    }

    /** Sends one packet; gives all that comes until the connection ends, which one line in the log tells. */
    private static byte[] answer(String packet) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), host.port("mqtt"))) {
            socket.setSoTimeout(30_000);
            socket.getOutputStream().write(HexFormat.of().parseHex(packet.replace(" ", "")));
            byte[] answer = socket.getInputStream().readAllBytes();
            oneLineAbout("mqtt client 127.0.0.1:" + socket.getLocalPort() + ": invalid UTF-8");
            oneLineAbout("127.0.0.1:" + socket.getLocalPort());
            return answer;
        }
    }

    /** MQTT 3.1.1 has no code for the end of a connection: it is closed ([MQTT-4.8.0-1]). */
    @Test
    void olderClientsAreClosedWithOneLine() {
        closesOlder("g1", "30 ffffff7f"); // oversized
        closesOlder("h1", "30 05 0002 c328 78"); // illegal UTF-8
        closesOlder("i1", "30 05 0003 612f23"); // a wildcard in a topic name
        closesOlder("j1", "82 07 0001 0002 c328 00"); // illegal UTF-8 in a filter
        closesOlder("k1", "36 05 0001 61 0001"); // QoS 3
        closesOlder("l1", "10 0e 0004 4d515454 04 02 003c 0002 6c31"); // a second CONNECT
        closesOlder("m1", "f0 00"); // AUTH is of MQTT 5
    }

    private static void closesOlder(String id, String packet) {
        RawPeer peer = olderClient(id);
        peer.sendHex(packet).expectClosed();
        peer.close();
        oneLineAbout("'" + id + "'");
        bystander.sendHex("c000").expectHex("d000");
    }

    private static RawPeer olderClient(String id) {
        return peer().sendHex("10 0e 0004 4d515454 04 02 003c 0002").send(id).expectHex("20 02 00 00");
    }

    /** SUBACK has a code for a filter that fails, and the only one it has ([MQTT-3.9.3-2]). */
    @Test
    void invalidFiltersOfOlderClientsAreRefusedAndTheConnectionGoesOn() {
        try (RawPeer peer = olderClient("n1")) {
            peer.sendHex("82 07 0001 0002 6123 00").expectHex("90 03 0001 80");
            peer.sendHex("c000").expectHex("d000");
            oneLineAbout("'n1'");
        }
    }

    @Test
    void wrongProtocolNamesAndLevelsAreRefused() {
        endsAbout(peer().sendHex("10 0f 0004 4d515458 05 02 003c 00 0002 6133"), "protocol 'MQTX' level 5", 0x20, 0x84);
        endsAbout(peer().sendHex("10 0f 0004 4d515454 09 02 003c 00 0002 6133"), "protocol 'MQTT' level 9", 0x20, 0x84);
        endsAbout(peer().sendHex("10 0e 0004 4d515454 03 02 003c 0002 6133"), "protocol 'MQTT' level 3", 0x20, 1);
        endsAbout(peer().sendHex("10 10 0006 4d5149736470 03 02 003c 0002 6133"), "protocol 'MQIsdp' level 3", 0x20, 1);
    }

    @Test
    void invalidFiltersAreRefusedAndTheConnectionGoesOn() {
        try (RawPeer peer = client("a4")) {
            for (String filter : List.of("a#", "a+/b", "#/a", "$share/g")) {
                byte[] text = filter.getBytes(StandardCharsets.UTF_8);
                peer.send(new byte[] {(byte) 0x82, (byte) (6 + text.length), 0, 1, 0, 0, (byte) text.length});
                peer.send(text).send(new byte[] {0});
                byte[] head = peer.read(2);
                byte[] suback = peer.read(head[1] < 0 ? (head[1] & 0x7f) + 128 * peer.read(1)[0] : head[1]);
                assertThat(suback[suback.length - 1]).as(filter).isEqualTo((byte) 0x8F);
            }
            peer.sendHex("c000").expectHex("d000");
            oneLineAbout("'a4'");
            bystander.sendHex("c000").expectHex("d000");
        }
    }

    @Test
    void systemTopicsOfClientsAreRefusedWithOneLine() {
        try (RawPeer peer = client("a5")) {
            for (int i = 0; i < 5; i++) {
                peer.sendHex("32 0a 0004 2473782f 0001 00 78").expectHex("40 03 00 01 90");
            }
            oneLineAbout("'a5'");
            bystander.sendHex("c000").expectHex("d000");
        }
    }

    @Test
    void slowConnectsAndSilentSocketsAreClosedInTime() {
        List<RawPeer> slow = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            slow.add(i % 2 == 0 ? peer() : peer().sendHex("10 12 0004 4d51"));
        }
        bystander.sendHex("c000").expectHex("d000");
        slow.forEach(RawPeer::readAll);
        slow.forEach(RawPeer::close);
        assertThat(linesAbout("sent no CONNECT in")).isEqualTo(200);
        bystander.sendHex("c000").expectHex("d000");
    }

    @Test
    void halfOpenSocketEndsAndItsWillIsPublished() {
        try (RawPeer watcher = client("w7").sendHex("82 09 0001 00 0003 7737 74 00")) {
            watcher.expectHex("90 04 0001 00 00");
            RawPeer half = peer().sendHex("10 19 0004 4d515454 05 06 003c 00 0002 6137 00 0003 773774 0002 6279");
            half.read(2);
            half.halfClose();
            watcher.expectHex("30 08 0003 773774 00 6279");
            half.close();
        }
    }

    /** What was sent to it is never acknowledged, not even by its TCP, and nothing tells that it has gone. */
    @Test
    void vanishedPeerThatMessagesWaitForEndsByItsKeepAliveAndItsWillIsPublished() {
        try (RawPeer watcher = client("w6").sendHex("82 09 0001 00 0003 7736 74 00")) {
            watcher.expectHex("90 04 0001 00 00");
            RawPeer vanished =
                    RawPeer.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), host.port("mqtt")), 4096);
            vanished.sendHex("10 19 0004 4d515454 05 06 0001 00 0002 6136 00 0003 773674 0002 6279");
            vanished.sendHex("82 0a 0001 00 0004 76362f23 00");
            for (int i = 0; i < 64; i++) {
                byte[] payload = new byte[65_536];
                bystander.sendHex("30 88 80 04 0004 76362f61 00").send(payload).send(new byte[1]);
            }
            watcher.within(Duration.ofSeconds(30)).expectHex("30 08 0003 773674 00 6279");
            oneLineAbout("'a6'");
            bystander.sendHex("c000").expectHex("d000");
            vanished.close();
        }
    }

    @Test
    void silentSocketEndsByItsKeepAliveAndItsWillIsPublished() {
        try (RawPeer watcher = client("w9").sendHex("82 09 0001 00 0003 7739 74 00")) {
            watcher.expectHex("90 04 0001 00 00");
            RawPeer silent = peer().sendHex("10 19 0004 4d515454 05 06 0001 00 0002 6139 00 0003 773974 0002 6279");
            byte[] head = silent.read(2);
            silent.read(head[1]);
            ends(silent, "a9", 0xE0, 0x8D);
            watcher.expectHex("30 08 0003 773974 00 6279");
        }
    }

    @Test
    void hundredThousandSubscriptionsOfOneClientStopAtTheLimit() {
        try (RawPeer peer = client("a8")) {
            int granted = 0;
            int refused = 0;
            for (int packet = 0; packet < 1_000; packet++) {
                ByteArrayOutputStream body = new ByteArrayOutputStream();
                body.writeBytes(HexFormat.of().parseHex("000100"));
                for (int i = 0; i < 100; i++) {
                    byte[] filter = ("f/" + packet + "/" + i).getBytes(StandardCharsets.UTF_8);
                    body.write(0);
                    body.write(filter.length);
                    body.writeBytes(filter);
                    body.write(0);
                }
                int length = body.size();
                peer.send(new byte[] {(byte) 0x82, (byte) (length & 0x7f | 0x80), (byte) (length >> 7)});
                peer.send(body.toByteArray());
                byte[] head = peer.read(2);
                int remaining = head[1] < 0 ? (head[1] & 0x7f) + 128 * peer.read(1)[0] : head[1];
                byte[] suback = peer.read(remaining);
                for (int i = suback.length - 100; i < suback.length; i++) {
                    if (suback[i] == 0) {
                        granted++;
                    } else {
                        assertThat(suback[i]).isEqualTo((byte) 0x97);
                        refused++;
                    }
                }
            }
            assertThat(granted).isEqualTo(1_000);
            assertThat(refused).isEqualTo(99_000);
            oneLineAbout("'a8'");
        }
        bystander.sendHex("c000").expectHex("d000");
    }
}
