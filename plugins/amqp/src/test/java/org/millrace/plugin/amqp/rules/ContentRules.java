package org.millrace.plugin.amqp.rules;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.not;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;

/** What is in a message, and what becomes of it on its way through the server. */
final class ContentRules {
    private static final String CONTENT = "content";

    private ContentRules() {}

    static void add(Rules rules) {
        rules.add(CONTENT, "the bare message comes out byte for byte as it went in", server -> {
            Peer peer = server.begun();
            peer.attachSender("s", server.queue());
            byte[] bare = {
                0,
                0x53,
                0x73,
                (byte) 0xd0,
                0,
                0,
                0,
                7,
                0,
                0,
                0,
                1,
                (byte) 0xa1,
                1,
                'i', // properties, a wide list
                0,
                0x53,
                0x75,
                (byte) 0xb0,
                0,
                0,
                0,
                3,
                'a',
                'b',
                'c' // data, a wide binary
            };
            peer.script.expectDisposition().withState().accepted();
            peer.transfer(0, "").withPayload(bare).now();
            peer.done();
            peer.attach(peer.receiver("r", server.queue()));
            peer.script
                    .expectTransfer()
                    .withPayload(Peer.holding(new String(bare, 0, 15, StandardCharsets.ISO_8859_1)));
            peer.credit(1);
        });
        rules.add(CONTENT, "deliveries carry x-opt-sequence-number, x-opt-offset and x-opt-enqueued-time", server -> {
            server.send(server.queue(), "a", "b", "c");
            Peer peer = server.begun();
            peer.attach(peer.receiver("r", server.queue()));
            for (String annotation : List.of("x-opt-sequence-number", "x-opt-offset", "x-opt-enqueued-time")) {
                peer.expectMessage(annotation);
            }
            peer.credit(3);
        });
        rules.add(CONTENT, "a message's time to live is counted down, and what is over is not delivered", server -> {
            Peer peer = server.begun();
            peer.attachSender("s", server.queue());
            for (int i = 0; i < 2; i++) {
                peer.script.expectDisposition().withState().accepted();
            }
            peer.script
                    .remoteTransfer()
                    .withDeliveryId(0)
                    .withHeader()
                    .withTimeToLive(50)
                    .also()
                    .withBody()
                    .withString("short")
                    .also()
                    .now();
            peer.script
                    .remoteTransfer()
                    .withDeliveryId(1)
                    .withHeader()
                    .withTimeToLive(100_000)
                    .also()
                    .withBody()
                    .withString("long")
                    .also()
                    .now();
            peer.done();
            TimeUnit.MILLISECONDS.sleep(80);
            peer.attach(peer.receiver("r", server.queue()));
            peer.expectMessage("long");
            peer.credit(10).quiet();
        });
        rules.add(CONTENT, "a reserved annotation of the server's does not survive from a client", server -> {
            Peer peer = server.begun();
            peer.attachSender("s", server.queue());
            peer.script.expectDisposition().withState().accepted();
            peer.script
                    .remoteTransfer()
                    .withDeliveryId(0)
                    .withMessageAnnotations()
                    .withAnnotation("x-opt-offset", "forged")
                    .also()
                    .withBody()
                    .withString("a")
                    .also()
                    .now();
            peer.done();
            peer.attach(peer.receiver("r", server.queue()));
            peer.script.expectTransfer().withPayload(not(Peer.holding("forged")));
            peer.credit(1);
        });
        rules.add(CONTENT, "an annotation makes a message a write of the record", server -> {
            Peer peer = server.begun();
            peer.attachSender("s", server.path());
            peer.script.expectDisposition().withState().accepted();
            peer.script
                    .remoteTransfer()
                    .withDeliveryId(0)
                    .withMessageAnnotations()
                    .withAnnotation("x-opt-millrace-op", "put")
                    .also()
                    .withBody()
                    .withString("{\"a\":1}")
                    .also()
                    .now();
            peer.done();
            Awaitility.await()
                    .atMost(5, TimeUnit.SECONDS)
                    .untilAsserted(() ->
                            assertThat(server.host().record(server.path())).isPresent());
        });
    }
}
