package org.millrace.plugin.amqp.rules;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.qpid.protonj2.test.driver.codec.messaging.Source;
import org.apache.qpid.protonj2.test.driver.codec.messaging.Target;
import org.apache.qpid.protonj2.test.driver.codec.primitives.Symbol;
import org.apache.qpid.protonj2.test.driver.codec.primitives.UnknownDescribedType;

/** Addresses and what is refused there, filters, dynamic nodes. */
final class AddressRules {
    private static final String ADDRESSES = "addresses";
    private static final String FILTERS = "filters";
    private static final String DYNAMIC = "dynamic nodes";
    private static final String SELECTOR = "apache.org:selector-filter:string";

    private AddressRules() {}

    static void add(Rules rules) {
        addresses(rules);
        permissions(rules);
        filters(rules);
        dynamicNodes(rules);
    }

    private static void refusedSender(Peer peer, String condition) {
        peer.script.expectAttach().withNullTarget();
        peer.script.expectDetach().withClosed(true).withError(condition);
    }

    private static void addresses(Rules rules) {
        rules.add(
                ADDRESSES, "a bad address refuses its link with amqp:invalid-field and leaves the session", server -> {
                    Peer peer = server.begun();
                    LinkRules.refused(peer, "amqp:invalid-field");
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
            peer.attachSenderWithoutTarget("s");
            peer.done();
        });
        rules.add(ADDRESSES, "an act that is not permitted refuses its link with amqp:unauthorized-access", server -> {
            server.host()
                    .faults()
                    .guard((_, grant, target) -> !grant.equals("subscribe") || !target.equals(server.path()));
            Peer peer = server.begun();
            LinkRules.refused(peer, "amqp:unauthorized-access");
            peer.receiver("r", server.path()).now();
            peer.done();
        });
    }

    private static void permissions(Rules rules) {
        rules.add(ADDRESSES, "a sender that may send nothing is refused with amqp:unauthorized-access", server -> {
            server.host().faults().guard((_, _, target) -> !target.equals(server.path()));
            Peer peer = server.begun();
            refusedSender(peer, "amqp:unauthorized-access");
            peer.sender("s", server.path()).now();
            peer.done();
        });
        rules.add(ADDRESSES, "an address that is to be queue and topic is refused with amqp:invalid-field", server -> {
            Peer peer = server.begun();
            LinkRules.refused(peer, "amqp:invalid-field");
            peer.script
                    .remoteAttach()
                    .ofReceiver()
                    .withName("r")
                    .withSource()
                    .withAddress(server.path())
                    .withCapabilities("queue", "topic")
                    .and()
                    .withTarget()
                    .withAddress("here")
                    .and()
                    .now();
            peer.done();
        });
        rules.add(ADDRESSES, "a capability there is not is left out of those that are granted", server -> {
            Peer peer = server.begun();
            peer.script.expectAttach().withPredicate(a -> a.getSource().getCapabilities().length == 1);
            peer.script
                    .remoteAttach()
                    .ofReceiver()
                    .withName("r")
                    .withSource()
                    .withAddress(server.path())
                    .withCapabilities("topic", "no-such-capability")
                    .and()
                    .withTarget()
                    .withAddress("here")
                    .and()
                    .now();
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
            LinkRules.refused(peer, "amqp:invalid-field");
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
}
