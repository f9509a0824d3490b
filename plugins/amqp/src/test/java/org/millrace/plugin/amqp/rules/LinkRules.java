package org.millrace.plugin.amqp.rules;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.qpid.protonj2.test.driver.codec.messaging.Source;
import org.apache.qpid.protonj2.test.driver.codec.messaging.Target;
import org.apache.qpid.protonj2.test.driver.codec.primitives.Symbol;
import org.apache.qpid.protonj2.test.driver.codec.primitives.UnknownDescribedType;
import org.apache.qpid.protonj2.test.driver.codec.transport.ReceiverSettleMode;
import org.apache.qpid.protonj2.test.driver.codec.transport.SenderSettleMode;

/** Attach and detach, addresses, filters, dynamic nodes, durable links and their recovery. */
final class LinkRules {
    private static final String ADDRESSES = "addresses";
    private static final String LINKS = "links";
    private static final String FILTERS = "filters";
    private static final String DYNAMIC = "dynamic nodes";
    private static final String DURABLE = "durable subscriptions";
    private static final String SELECTOR = "apache.org:selector-filter:string";

    private LinkRules() {}

    static void add(Rules rules) {
        links(rules);
        addresses(rules);
        filters(rules);
        dynamicNodes(rules);
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
        rules.add(LINKS, "a sender is told that its receiver settles first", server -> {
            Peer peer = server.begun();
            peer.script
                    .expectAttach()
                    .withPredicate(a -> a.getReceiverSettleMode() == null
                            || ReceiverSettleMode.FIRST.getValue().equals(a.getReceiverSettleMode()));
            peer.script.expectFlow();
            peer.sender("s", server.path()).withReceivervSettlesSecond().now();
            peer.done();
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

    private static void refusedSender(Peer peer, String condition) {
        peer.script.expectAttach().withNullTarget();
        peer.script.expectDetach().withClosed(true).withError(condition);
    }

    private static void addresses(Rules rules) {
        rules.add(
                ADDRESSES, "a bad address refuses its link with amqp:invalid-field and leaves the session", server -> {
                    Peer peer = server.begun();
                    refused(peer, "amqp:invalid-field");
                    peer.receiver("bad", "a/#/b").now();
                    peer.done();
                    refusedSender(peer, "amqp:invalid-field");
                    peer.sender("wild", "a/+/b").now();
                    peer.done();
                    peer.attach(peer.receiver("good", server.path()));
                });
        rules.add(ADDRESSES, "an address nobody used before is made by using it", server -> {
            Peer peer = server.begun();
            peer.attachSender("s", server.path());
        });
        rules.add(ADDRESSES, "a sender without a target address says in 'to' where its messages go", server -> {
            Peer peer = server.begun();
            peer.attach(peer.receiver("r", server.path()));
            peer.expectAttached();
            peer.script.expectFlow();
            peer.script
                    .remoteAttach()
                    .ofSender()
                    .withName("s")
                    .withInitialDeliveryCount(0)
                    .withSource()
                    .withAddress("here")
                    .and()
                    .withTarget()
                    .and()
                    .now();
            peer.done();
            peer.script.expectDisposition().withSettled(true).withState().accepted();
            peer.script
                    .remoteTransfer()
                    .withDeliveryId(0)
                    .withProperties()
                    .withTo(server.path())
                    .also()
                    .withBody()
                    .withString("routed")
                    .also()
                    .now();
            peer.done();
        });
        rules.add(ADDRESSES, "a message of such a sender without 'to' is rejected with amqp:not-found", server -> {
            Peer peer = server.begun();
            peer.expectAttached();
            peer.script.expectFlow();
            peer.script
                    .remoteAttach()
                    .ofSender()
                    .withName("s")
                    .withInitialDeliveryCount(0)
                    .withSource()
                    .withAddress("here")
                    .and()
                    .withTarget()
                    .and()
                    .now();
            peer.done();
            peer.script.expectDisposition().withSettled(true).withState().rejected("amqp:not-found");
            peer.transfer(0, "lost").now();
            peer.done();
            peer.script.expectDisposition().withSettled(true).withState().rejected("amqp:not-found");
            peer.transfer(1, "lost again").now();
            peer.done();
        });
        rules.add(ADDRESSES, "an attach without any target is refused with amqp:not-found", server -> {
            Peer peer = server.begun();
            refusedSender(peer, "amqp:not-found");
            peer.script
                    .remoteAttach()
                    .ofSender()
                    .withName("s")
                    .withInitialDeliveryCount(0)
                    .withSource()
                    .withAddress("here")
                    .and()
                    .withNullTarget()
                    .now();
            peer.done();
        });
        rules.add(ADDRESSES, "an act that is not permitted refuses its link with amqp:unauthorized-access", server -> {
            server.host()
                    .faults()
                    .guard((_, grant, target) -> !grant.equals("subscribe") || !target.equals(server.path()));
            Peer peer = server.begun();
            refused(peer, "amqp:unauthorized-access");
            peer.receiver("r", server.path()).now();
            peer.done();
        });
    }

    private static void filters(Rules rules) {
        rules.add(FILTERS, "a selector is applied and echoed", server -> {
            Peer peer = server.begun();
            peer.script
                    .expectAttach()
                    .withPredicate(a -> a.getSource().getFilter().containsKey(Symbol.valueOf("jms-selector")));
            peer.script
                    .remoteAttach()
                    .ofReceiver()
                    .withName("r")
                    .withSource()
                    .withAddress(server.path())
                    .withJMSSelector("color = 'red'")
                    .and()
                    .withTarget()
                    .withAddress("here")
                    .and()
                    .now();
            peer.done();
            server.send(server.path(), "no color");
            peer.credit(1).quiet();
        });
        rules.add(FILTERS, "a bad selector refuses the link with amqp:invalid-field", server -> {
            Peer peer = server.begun();
            refused(peer, "amqp:invalid-field");
            peer.script
                    .remoteAttach()
                    .ofReceiver()
                    .withName("r")
                    .withSource()
                    .withAddress(server.path())
                    .withJMSSelector("color =")
                    .and()
                    .withTarget()
                    .withAddress("here")
                    .and()
                    .now();
            peer.done();
        });
        rules.add(FILTERS, "an unknown filter is left out of the echo, and a known one beside it is not", server -> {
            Peer peer = server.begun();
            List<Source> granted = new ArrayList<>();
            peer.script.expectAttach().withCapture(a -> granted.add(a.getSource()));
            peer.script
                    .remoteAttach()
                    .ofReceiver()
                    .withName("r")
                    .withSource()
                    .withAddress(server.path())
                    .withFilterMap(Map.of(
                            "com.example:unknown", described("com.example:unknown"), SELECTOR, described(SELECTOR)))
                    .and()
                    .withTarget()
                    .withAddress("here")
                    .and()
                    .now();
            peer.done();
            assertThat(granted.getFirst().getFilter()).containsOnlyKeys(Symbol.valueOf(SELECTOR));
        });
    }

    private static UnknownDescribedType described(String name) {
        return new UnknownDescribedType(Symbol.valueOf(name), "a = 1");
    }

    private static void dynamicNodes(Rules rules) {
        rules.add(DYNAMIC, "a dynamic source gets an address of the server's", server -> {
            Peer peer = server.begun();
            peer.script
                    .expectAttach()
                    .withPredicate(a -> a.getSource().getDynamic()
                            && !a.getSource().getAddress().isEmpty());
            peer.script
                    .remoteAttach()
                    .ofReceiver()
                    .withName("r")
                    .withSource()
                    .withDynamic(true)
                    .and()
                    .withTarget()
                    .withAddress("here")
                    .and()
                    .now();
            peer.done();
        });
        rules.add(DYNAMIC, "what is sent to a dynamic source's address comes to it", server -> {
            Peer peer = server.begun();
            List<String> address = new ArrayList<>();
            peer.script
                    .expectAttach()
                    .withCapture(a -> address.add(a.getSource().getAddress()));
            peer.script
                    .remoteAttach()
                    .ofReceiver()
                    .withName("r".repeat(300))
                    .withSource()
                    .withDynamic(true)
                    .and()
                    .withTarget()
                    .withAddress("here")
                    .and()
                    .now();
            peer.done();
            server.send(address.getFirst(), "answer");
            peer.expectMessage("answer");
            peer.credit(1);
        });
        rules.add(DYNAMIC, "a dynamic target gets an address of the server's", server -> {
            Peer peer = server.begun();
            peer.script
                    .expectAttach()
                    .withPredicate(a ->
                            a.getTarget() instanceof Target t && !t.getAddress().isEmpty() && t.getDynamic());
            peer.script.expectFlow();
            peer.script
                    .remoteAttach()
                    .ofSender()
                    .withName("s")
                    .withInitialDeliveryCount(0)
                    .withSource()
                    .withAddress("here")
                    .and()
                    .withTarget()
                    .withDynamic(true)
                    .and()
                    .now();
            peer.done();
        });
    }

    private static org.apache.qpid.protonj2.test.driver.actions.AttachInjectAction durable(
            Peer peer, RuleServer server) {
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

    private static void durable(Rules rules) {
        rules.add(DURABLE, "what came while the link was detached comes when it is attached again", server -> {
            Peer peer = server.begun();
            peer.attach(durable(peer, server));
            peer.script.expectDetach();
            peer.script.remoteDetach().withClosed(false).now();
            peer.done();
            server.send(server.path(), "missed");
            peer.attach(durable(peer, server));
            peer.expectMessage("missed");
            peer.credit(1);
        });
        rules.add(DURABLE, "an attach without a source recovers the subscription, and shows its source", server -> {
            Peer peer = server.begun();
            peer.attach(durable(peer, server));
            peer.script.expectDetach();
            peer.script.remoteDetach().withClosed(false).now();
            peer.done();
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
}
