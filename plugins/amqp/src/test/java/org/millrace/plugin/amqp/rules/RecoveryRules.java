package org.millrace.plugin.amqp.rules;

import java.util.Map;
import org.apache.qpid.protonj2.test.driver.codec.messaging.Accepted;
import org.apache.qpid.protonj2.test.driver.codec.primitives.Binary;
import org.apache.qpid.protonj2.test.driver.codec.transport.Attach;
import org.apache.qpid.protonj2.test.driver.codec.transport.DeliveryState;

/** Links that are attached again by clients that remember deliveries (AMQP 1.0 section 2.6.13). */
final class RecoveryRules {
    private static final String RECOVERY = "link recovery";

    private RecoveryRules() {}

    static void add(Rules rules) {
        rules.add(
                RECOVERY,
                "a sender's map of unsettled deliveries is answered by none, so it sends them anew",
                server -> {
                    Peer peer = server.begun();
                    peer.script.expectAttach().withPredicate(RecoveryRules::knowsNone);
                    peer.script.expectFlow();
                    peer.sender("s", server.queue())
                            .withUnsettled(unsettled(new byte[] {0}))
                            .now();
                    peer.done();
                    accepted(peer, 0);
                    peer.transfer(0, "a").now();
                    peer.done();
                });
        rules.add(RECOVERY, "a receiver's map is answered by none; what was unsettled comes anew, marked", server -> {
            Peer peer = server.begun();
            peer.attach(LinkRules.durable(peer, server));
            server.send(server.path(), "a");
            peer.expectMessage("a");
            peer.credit(1);
            peer.script.expectDetach();
            peer.script.remoteDetach().withClosed(false).now();
            peer.done();
            peer.script.expectAttach().withPredicate(RecoveryRules::knowsNone);
            LinkRules.durable(peer, server)
                    .withUnsettled(unsettled(new byte[Long.BYTES]))
                    .now();
            peer.done();
            peer.script
                    .expectTransfer()
                    .withResume(org.hamcrest.CoreMatchers.not(true))
                    .withPayload(Peer.deliveredBefore(1));
            peer.credit(1);
        });
        rules.add(RECOVERY, "a transfer that resumes a delivery there is not is left alone", server -> {
            Peer peer = server.begun();
            peer.attachSender("s", server.queue());
            peer.transfer(0, "resumed").withResume(true).now();
            accepted(peer, 1);
            peer.transfer(1, "new").now();
            peer.done();
            peer.attach(peer.receiver("r", server.queue()));
            peer.expectMessage("new");
            peer.credit(2).quiet();
        });
        rules.add(RECOVERY, "so is a resumed delivery of several frames", server -> {
            Peer peer = server.begun();
            peer.attachSender("s", server.queue());
            peer.transfer(0, "resumed").withResume(true).withMore(true).now();
            peer.transfer(0, "more").withMore(true).now();
            peer.transfer(0, "end").now();
            accepted(peer, 1);
            peer.transfer(1, "new").now();
            peer.done();
            peer.attach(peer.receiver("r", server.queue()));
            peer.expectMessage("new");
            peer.credit(2).quiet();
        });
    }

    private static Map<Binary, DeliveryState> unsettled(byte... tag) {
        return Map.of(new Binary(tag), new Accepted());
    }

    private static boolean knowsNone(Attach attach) {
        return attach.getUnsettled() == null && !Boolean.TRUE.equals(attach.getIncompleteUnsettled());
    }

    private static void accepted(Peer peer, int delivery) {
        peer.script
                .expectDisposition()
                .withFirst(delivery)
                .withSettled(true)
                .withState()
                .accepted();
    }
}
