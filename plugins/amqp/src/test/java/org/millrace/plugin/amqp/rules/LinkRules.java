package org.millrace.plugin.amqp.rules;

import org.apache.qpid.protonj2.test.driver.codec.messaging.Target;
import org.apache.qpid.protonj2.test.driver.codec.transport.ReceiverSettleMode;
import org.apache.qpid.protonj2.test.driver.codec.transport.SenderSettleMode;

/** Attach and detach, durable links and their recovery. */
final class LinkRules {
    private static final String LINKS = "links";
    private static final String DURABLE = "durable subscriptions";

    private LinkRules() {}

    static void add(Rules rules) {
        links(rules);
        durable(rules);
    }

    private static void links(Rules rules) {
        rules.add(LINKS, "a sender's attach is answered with its target and max-message-size, and credit", server -> {
            Peer peer = server.begun();
            peer.script
                    .expectAttach()
                    .withPredicate(a -> a.getTarget() instanceof Target t
                            && t.getAddress().equals(server.path())
                            && a.getMaxMessageSize() != null
                            && a.getMaxMessageSize().longValue() > 0);
            peer.script.expectFlow().withPredicate(f -> f.getLinkCredit().intValue() == 1000);
            peer.sender("s", server.path()).now();
            peer.done();
        });
        rules.add(LINKS, "a receiver's attach is answered with its source", server -> {
            Peer peer = server.begun();
            peer.script
                    .expectAttach()
                    .withPredicate(a -> a.getSource().getAddress().equals(server.path()) && a.getTarget() != null);
            peer.receiver("r", server.path()).now();
            peer.done();
        });
        rules.add(LINKS, "a detach is answered in kind", server -> {
            Peer peer = server.begun();
            peer.attach(peer.receiver("r", server.path()));
            peer.script.expectDetach().withClosed(true);
            peer.script.remoteDetach().withClosed(true).now();
            peer.done();
            peer.attach(peer.receiver("r", server.path()));
            peer.script.expectDetach().withPredicate(d -> !Boolean.TRUE.equals(d.getClosed()));
            peer.script.remoteDetach().withClosed(false).now();
            peer.done();
        });
        rules.add(LINKS, "two sessions may have links of the same name that are not durable", server -> {
            Peer peer = server.begun();
            peer.attach(peer.receiver("r", server.path()));
            peer.script.expectBegin();
            peer.script
                    .remoteBegin()
                    .withNextOutgoingId(0)
                    .withIncomingWindow(10)
                    .withOutgoingWindow(10)
                    .onChannel(1)
                    .now();
            peer.done();
            peer.expectAttached();
            peer.receiver("r", server.path()).onChannel(1).now();
            peer.done().quiet();
        });
        rules.add(LINKS, "a sender and a receiver of one session may have the same name", server -> {
            Peer peer = server.begun();
            peer.attach(peer.receiver("same", server.path()));
            peer.attachSender("same", server.path());
        });
        rules.add(LINKS, "a handle that is in use ends the session with amqp:session:handle-in-use", server -> {
            Peer peer = server.begun();
            peer.attach(peer.receiver("r", server.path()));
            peer.script.expectEnd().withError("amqp:session:handle-in-use");
            peer.receiver("other", server.path()).withHandle(0).now();
            peer.done();
        });
        rules.add(LINKS, "a pre-settled receiver gets settled transfers", server -> {
            Peer peer = server.begun();
            peer.script
                    .expectAttach()
                    .withPredicate(a -> SenderSettleMode.SETTLED.getValue().equals(a.getSenderSettleMode()));
            peer.receiver("r", server.path()).withSenderSettleModeSettled().now();
            peer.done();
            server.send(server.path(), "a");
            peer.expectMessage("a").withSettled(true);
            peer.credit(1);
        });
        rules.add(LINKS, "a sender whose receiver settles second is told the outcome, and settles first", server -> {
            Peer peer = server.begun();
            peer.script
                    .expectAttach()
                    .withPredicate(a -> ReceiverSettleMode.SECOND.getValue().equals(a.getReceiverSettleMode()));
            peer.script.expectFlow();
            peer.sender("s", server.path()).withReceivervSettlesSecond().now();
            peer.done();
            peer.script
                    .expectDisposition()
                    .withFirst(0)
                    .withSettled(false)
                    .withState()
                    .accepted();
            peer.transfer(0, "a").now();
            peer.done();
            peer.script
                    .remoteDisposition()
                    .withRole(false)
                    .withFirst(0)
                    .withSettled(true)
                    .withState()
                    .accepted()
                    .now();
            peer.quiet();
        });
        rules.add(LINKS, "a receiver that settles second is settled by the server", server -> {
            Peer peer = server.begun();
            peer.script
                    .expectAttach()
                    .withPredicate(a -> ReceiverSettleMode.SECOND.getValue().equals(a.getReceiverSettleMode()));
            peer.receiver("r", server.queue()).withReceivervSettlesSecond().now();
            peer.done();
            server.send(server.queue(), "a");
            peer.expectMessage("a");
            peer.credit(1);
            peer.script.expectDisposition().withSettled(true).withState().accepted();
            peer.script
                    .remoteDisposition()
                    .withRole(true)
                    .withFirst(0)
                    .withSettled(false)
                    .withState()
                    .accepted()
                    .now();
            peer.done();
        });
        rules.addStrict(LINKS, "links beyond the limit are refused with amqp:resource-limit-exceeded", server -> {
            Peer peer = server.begun();
            for (int i = 0; i < RulesTest.STRICT_LINKS; i++) {
                peer.attach(peer.receiver("r" + i, server.path()));
            }
            refused(peer, "amqp:resource-limit-exceeded");
            peer.receiver("more", server.path()).now();
            peer.done();
        });
    }

    /** Expects an attach without a source, and the detach behind it. */
    static void refused(Peer peer, String condition) {
        peer.script.expectAttach().withNullSource();
        peer.script.expectDetach().withClosed(true).withError(condition);
    }

    private static void durable(Rules rules) {
        rules.add(DURABLE, "what came while the link was detached comes when it is attached again", server -> {
            Peer peer = server.begun();
            peer.attach(durable(peer, server));
            peer.detach();
            server.send(server.path(), "missed");
            peer.attach(durable(peer, server));
            peer.expectMessage("missed");
            peer.credit(1);
        });
        rules.add(DURABLE, "an attach without a source recovers the subscription, and shows its source", server -> {
            Peer peer = server.begun();
            peer.attach(durable(peer, server));
            peer.detach();
            server.send(server.path(), "missed");
            peer.script
                    .expectAttach()
                    .withPredicate(a ->
                            a.getSource() != null && a.getSource().getAddress().equals(server.path()));
            peer.script
                    .remoteAttach()
                    .ofReceiver()
                    .withName("subscription")
                    .withNullSource()
                    .withTarget()
                    .withAddress("here")
                    .and()
                    .now();
            peer.done();
            peer.expectMessage("missed");
            peer.credit(1);
        });
        rules.add(DURABLE, "an attach without a source where there is no subscription gets amqp:not-found", server -> {
            Peer peer = server.begun();
            refused(peer, "amqp:not-found");
            peer.script
                    .remoteAttach()
                    .ofReceiver()
                    .withName("subscription")
                    .withNullSource()
                    .withTarget()
                    .withAddress("here")
                    .and()
                    .now();
            peer.done();
        });
        rules.add(DURABLE, "closing the link ends the subscription", server -> {
            Peer peer = server.begun();
            peer.attach(durable(peer, server));
            peer.script.expectDetach().withClosed(true);
            peer.script.remoteDetach().withClosed(true).now();
            peer.done();
            server.send(server.path(), "lost");
            peer.attach(durable(peer, server));
            peer.credit(1).quiet();
        });
        rules.add(DURABLE, "attaching it elsewhere steals it: the first gets amqp:link:stolen", server -> {
            Peer first = server.begun();
            first.attach(durable(first, server));
            first.script.expectDetach().withClosed(true).withError("amqp:link:stolen");
            Peer second = server.begun();
            second.attach(durable(second, server));
            first.done();
            server.send(server.path(), "a");
            second.expectMessage("a");
            second.credit(1);
        });
        rules.add(DURABLE, "a link that was unsettled when its connection broke is redelivered and marked", server -> {
            Peer peer = server.begun();
            peer.attach(durable(peer, server));
            server.send(server.path(), "a");
            peer.expectMessage("a");
            peer.credit(1);
            peer.close();
            Peer again = server.begun();
            again.attach(durable(again, server));
            again.script.expectTransfer().withPayload(Peer.deliveredBefore(1));
            again.credit(1);
        });
    }

    /** The attach of a durable subscription that is not sent yet. */
    static org.apache.qpid.protonj2.test.driver.actions.AttachInjectAction durable(Peer peer, RuleServer server) {
        return peer.script
                .remoteAttach()
                .ofReceiver()
                .withName("subscription")
                .withSource()
                .withAddress(server.path())
                .withDurabilityOfUnsettledState()
                .withExpiryPolicyOfNever()
                .withCapabilities("topic")
                .and()
                .withTarget()
                .withAddress("here")
                .and();
    }
}
