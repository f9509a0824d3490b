package org.millrace.plugin.amqp.rules;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.qpid.protonj2.test.driver.codec.primitives.UnsignedLong;
import org.apache.qpid.protonj2.test.driver.codec.transport.Transfer;

/** Messages in both directions, in one frame or many. */
final class TransferRules {
    private static final String TRANSFERS = "transfers";
    private static final String SIZES = "message sizes";

    private TransferRules() {}

    static void add(Rules rules) {
        transfers(rules);
        sizes(rules);
    }

    private static void transfers(Rules rules) {
        rules.add(TRANSFERS, "an unsettled message is accepted and settled", server -> {
            Peer peer = server.begun();
            peer.attachSender("s", server.path());
            peer.expectAccepted(0);
            peer.transfer(0, "a").withSettled(false).now();
            peer.done();
        });
        rules.add(TRANSFERS, "a settled message is answered by nothing", server -> {
            Peer peer = server.begun();
            peer.attach(peer.receiver("r", server.path()));
            peer.attachSender("s", server.path());
            peer.transfer(0, "a").withSettled(true).now();
            peer.quiet();
        });
        rules.add(TRANSFERS, "settled and unsettled messages may be mixed on a link", server -> {
            Peer peer = server.begun();
            peer.attachSender("s", server.queue());
            peer.expectAccepted(1);
            peer.transfer(0, "a").withSettled(true).now();
            peer.transfer(1, "b").withSettled(false).now();
            peer.done();
            peer.attach(peer.receiver("r", server.queue()));
            peer.expectMessage("a");
            peer.expectMessage("b");
            peer.credit(10);
        });
        rules.add(TRANSFERS, "acceptance comes only once the message is on disk", server -> {
            Peer peer = server.begun();
            peer.attachSender("s", server.path());
            server.host().faults().holdAcknowledgements();
            peer.transfer(0, "a").withSettled(false).now();
            peer.quiet();
            peer.expectAccepted(0);
            server.host().faults().releaseAcknowledgements();
            peer.done();
        });
        rules.add(TRANSFERS, "a message in several frames is one message", server -> {
            Peer peer = server.begun();
            peer.attachSender("s", server.queue());
            byte[] message = Peer.message("in three parts");
            peer.expectAccepted(0);
            peer.script
                    .remoteTransfer()
                    .withDeliveryId(0)
                    .withDeliveryTag(new byte[] {1})
                    .withMore(true)
                    .withPayload(Arrays.copyOfRange(message, 0, 3))
                    .now();
            peer.script
                    .remoteTransfer()
                    .withDeliveryId(0)
                    .withDeliveryTag(new byte[] {1})
                    .withMore(true)
                    .withPayload(Arrays.copyOfRange(message, 3, 9))
                    .now();
            peer.script
                    .remoteTransfer()
                    .withDeliveryId(0)
                    .withDeliveryTag(new byte[] {1})
                    .withMore(false)
                    .withPayload(Arrays.copyOfRange(message, 9, message.length))
                    .now();
            peer.done();
            peer.attach(peer.receiver("r", server.queue()));
            peer.expectMessage("in three parts");
            peer.credit(1);
        });
        rules.add(TRANSFERS, "a message that is aborted half way is forgotten", server -> {
            Peer peer = server.begun();
            peer.attachSender("s", server.queue());
            peer.script
                    .remoteTransfer()
                    .withDeliveryId(0)
                    .withDeliveryTag(new byte[] {1})
                    .withMore(true)
                    .withPayload(Peer.message("never"))
                    .now();
            peer.script
                    .remoteTransfer()
                    .withDeliveryId(0)
                    .withDeliveryTag(new byte[] {1})
                    .withAborted(true)
                    .now();
            peer.quiet();
            peer.expectAccepted(1);
            peer.transfer(1, "whole").now();
            peer.done();
            peer.attach(peer.receiver("r", server.queue()));
            peer.expectMessage("whole");
            peer.credit(10).quiet();
        });
        rules.add(TRANSFERS, "a message half sent when its link goes is forgotten", server -> {
            Peer peer = server.begun();
            peer.attachSender("s", server.queue());
            peer.script
                    .remoteTransfer()
                    .withDeliveryId(0)
                    .withDeliveryTag(new byte[] {1})
                    .withMore(true)
                    .withPayload(Peer.message("never"))
                    .now();
            peer.script.expectDisposition().optional();
            peer.script.expectDetach();
            peer.script.remoteDetach().withClosed(true).now();
            peer.done();
            server.send(server.queue(), "whole");
            peer.attach(peer.receiver("r", server.queue()));
            peer.expectMessage("whole");
            peer.script
                    .remoteFlow()
                    .withNextOutgoingId(1)
                    .withLinkCredit(10)
                    .withDeliveryCount(0)
                    .now();
            peer.done().quiet();
        });
        rules.add(TRANSFERS, "a transfer on a handle that is not attached ends the session", server -> {
            Peer peer = server.begun();
            peer.script.expectEnd().withError("amqp:session:unattached-handle");
            peer.transfer(0, "a").withHandle(9).now();
            peer.done();
        });
        rules.add(TRANSFERS, "a message that cannot be decoded is rejected, and the link goes on", server -> {
            Peer peer = server.begun();
            peer.attachSender("s", server.path());
            peer.script
                    .expectDisposition()
                    .withFirst(0)
                    .withSettled(true)
                    .withState()
                    .rejected("amqp:invalid-field");
            peer.transfer(0, "")
                    .withPayload(new byte[] {0, 0x53, 0x77, (byte) 0xb1, 1})
                    .now();
            peer.done();
            peer.expectAccepted(1);
            peer.transfer(1, "good").now();
            peer.done();
        });
        rules.add(TRANSFERS, "deliveries of a link have tags and ids of their own", server -> {
            server.send(server.queue(), "a", "b");
            Peer peer = server.begun();
            peer.attach(peer.receiver("r", server.queue()));
            List<Transfer> got = new ArrayList<>();
            peer.expectMessage("a").withCapture(got::add);
            peer.expectMessage("b").withCapture(got::add);
            peer.credit(2);
            assertThat(got.get(0).getDeliveryTag()).isNotEqualTo(got.get(1).getDeliveryTag());
            assertThat(got.get(1).getDeliveryId().intValue())
                    .isEqualTo(got.get(0).getDeliveryId().intValue() + 1);
        });
    }

    private static void sizes(Rules rules) {
        rules.addStrict(
                SIZES, "a message beyond max-message-size is refused: amqp:link:message-size-exceeded", server -> {
                    Peer peer = server.begun();
                    peer.attachSender("s", server.path());
                    peer.script.expectDisposition().withState().rejected("amqp:link:message-size-exceeded");
                    peer.script.expectDetach().withClosed(true).withError("amqp:link:message-size-exceeded");
                    peer.transfer(0, "")
                            .withPayload(new byte[RulesTest.STRICT_MESSAGE + 1])
                            .now();
                    peer.done();
                });
        rules.add(SIZES, "a receiver is not sent more than its own max-message-size", server -> {
            server.send(server.queue(), "x".repeat(200));
            Peer peer = server.begun();
            peer.attach(peer.receiver("r", server.queue()).withMaxMessageSize(UnsignedLong.valueOf(100)));
            peer.script.expectDetach().withClosed(true).withError("amqp:link:message-size-exceeded");
            peer.credit(1);
            peer.attach(peer.receiver("large", server.queue()));
            peer.expectMessage("xxx");
            peer.credit(1);
        });
        rules.add(SIZES, "a message is divided as the client's max-frame-size asks", server -> {
            server.send(server.queue(), "y".repeat(1500));
            Peer peer = server.connected();
            peer.script.expectOpen();
            peer.script
                    .remoteOpen()
                    .withContainerId("small")
                    .withMaxFrameSize(512)
                    .now();
            peer.done().begin();
            peer.attach(peer.receiver("r", server.queue()));
            for (int i = 0; i < 3; i++) {
                peer.script.expectTransfer().withMore(true).withPayload(Peer.holding("yyy"));
            }
            peer.script.expectTransfer().withPredicate(t -> !Boolean.TRUE.equals(t.getMore()));
            peer.credit(1);
        });
        rules.add(SIZES, "a frame beyond the server's max-frame-size closes: amqp:connection:framing-error", server -> {
            Peer peer = server.begun();
            peer.attachSender("s", server.path());
            peer.script.expectClose().withError("amqp:connection:framing-error");
            peer.transfer(0, "").withPayload(new byte[200_000]).now();
            peer.done();
            server.awaitNoConnection();
        });
    }
}
