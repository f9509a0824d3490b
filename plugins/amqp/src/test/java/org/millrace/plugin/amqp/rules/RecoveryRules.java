package org.millrace.plugin.amqp.rules;

import static org.hamcrest.CoreMatchers.allOf;

import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import org.apache.qpid.protonj2.test.driver.actions.AttachInjectAction;
import org.apache.qpid.protonj2.test.driver.codec.messaging.Accepted;
import org.apache.qpid.protonj2.test.driver.codec.messaging.Released;
import org.apache.qpid.protonj2.test.driver.codec.messaging.Target;
import org.apache.qpid.protonj2.test.driver.codec.messaging.TerminusExpiryPolicy;
import org.apache.qpid.protonj2.test.driver.codec.primitives.Binary;
import org.apache.qpid.protonj2.test.driver.codec.transport.Attach;
import org.apache.qpid.protonj2.test.driver.codec.transport.DeliveryState;
import org.apache.qpid.protonj2.test.driver.codec.transport.Transfer;
import org.jspecify.annotations.Nullable;

/** Links that are attached again by clients that remember deliveries (AMQP 1.0 section 2.6.13). */
final class RecoveryRules {
    private static final String RECOVERY = "link recovery";

    private RecoveryRules() {}

    static void add(Rules rules) {
        rules.add(
                RECOVERY,
                "a sender's map is answered by none if its target ends with the session, so it sends them anew",
                server -> {
                    Peer peer = server.begun();
                    peer.script.expectAttach().withPredicate(RecoveryRules::knowsNone);
                    peer.script.expectFlow();
                    peer.sender("s", server.queue())
                            .withUnsettled(unsettled(new Accepted(), 0))
                            .now();
                    peer.done();
                    peer.expectAccepted(0);
                    peer.transfer(0, "a").now();
                    peer.done();
                });
        rules.add(RECOVERY, "a receiver's map is answered by none; what was unsettled comes anew, marked", server -> {
            Peer peer = server.begun();
            peer.attach(LinkRules.durable(peer, server));
            server.send(server.path(), "a");
            peer.expectMessage("a");
            peer.credit(1);
            peer.detach();
            peer.script.expectAttach().withPredicate(RecoveryRules::knowsNone);
            LinkRules.durable(peer, server)
                    .withUnsettled(Map.of(new Binary(new byte[Long.BYTES]), new Accepted()))
                    .now();
            peer.done();
            peer.script
                    .expectTransfer()
                    .withResume(org.hamcrest.CoreMatchers.not(true))
                    .withPayload(Peer.deliveredBefore(1));
            peer.credit(1);
        });
        rules.add(RECOVERY, "what a receiver accepted and could not tell is done when it is attached again", server -> {
            Peer peer = server.begun();
            peer.attach(LinkRules.durable(peer, server));
            server.send(server.path(), "a", "b");
            Map<Binary, DeliveryState> unsettled = new HashMap<>();
            peer.expectMessage("a").withPredicate(transfer -> remember(transfer, unsettled, new Accepted()));
            peer.expectMessage("b").withPredicate(transfer -> remember(transfer, unsettled, null));
            peer.credit(2);
            Peer again = server.begunAfter(peer);
            again.script.expectAttach().withPredicate(RecoveryRules::knowsNone);
            LinkRules.durable(again, server).withUnsettled(unsettled).now();
            again.done();
            again.script.expectTransfer().withPayload(allOf(Peer.holding("b"), Peer.deliveredBefore(1)));
            again.credit(2).quiet();
        });
        rules.add(RECOVERY, "so it is with a receiver of a queue", server -> {
            server.send(server.queue(), "a", "b");
            Peer peer = server.begun();
            peer.attach(peer.receiver("r", server.queue()));
            Map<Binary, DeliveryState> unsettled = new HashMap<>();
            peer.expectMessage("a").withPredicate(transfer -> remember(transfer, unsettled, new Accepted()));
            peer.expectMessage("b").withPredicate(transfer -> remember(transfer, unsettled, new Released()));
            peer.credit(2);
            Peer again = server.begunAfter(peer);
            again.script.expectAttach().withPredicate(RecoveryRules::knowsNone);
            again.receiver("r", server.queue()).withUnsettled(unsettled).now();
            again.done();
            again.script.expectTransfer().withPayload(allOf(Peer.holding("b"), Peer.deliveredBefore(1)));
            again.credit(2).quiet();
        });
        rules.add(RECOVERY, "a receiver cannot settle what it never got", server -> {
            Peer peer = server.begun();
            peer.attach(LinkRules.durable(peer, server));
            server.send(server.path(), "a", "b");
            Map<Binary, DeliveryState> unsettled = new HashMap<>();
            peer.expectMessage("a").withPredicate(transfer -> remember(transfer, unsettled, new Accepted()));
            peer.credit(1);
            peer.close();
            server.awaitNoConnection();
            Binary got = unsettled.keySet().iterator().next();
            ByteBuffer place = ByteBuffer.wrap(got.arrayCopy());
            for (int further = 1; further < 8; further++) {
                ByteBuffer tag = ByteBuffer.allocate(got.getLength());
                tag.putLong(place.getLong(0)).putLong(place.getLong(Long.BYTES) + further);
                unsettled.put(new Binary(tag.array()), new Accepted());
            }
            Peer again = server.begun();
            again.attach(LinkRules.durable(again, server).withUnsettled(unsettled));
            again.expectMessage("b");
            again.credit(2).quiet();
        });
        rules.add(RECOVERY, "a sender of a lasting target learns what was accepted, and resumes it", server -> {
            Peer peer = server.begun();
            attachLasting(peer, server);
            peer.expectAccepted(0);
            peer.transfer(0, "a").now();
            peer.done();
            Peer again = server.begunAfter(peer);
            again.script.expectAttach().withPredicate(attach -> knows(attach, 0, Accepted.class));
            again.script.expectFlow();
            lasting(again, server).withUnsettled(unsettled(null, 0, 1)).now();
            again.done();
            again.expectAccepted(0);
            again.transfer(0, "a").withResume(true).now();
            again.done();
            again.expectAccepted(1);
            again.transfer(1, "b").now();
            again.done();
            // Having settled them, the client may use their tags again.
            again.expectAccepted(2);
            again.transfer(2, "c").withDeliveryTag(new byte[] {0}).now();
            again.done();
            again.attach(again.receiver("r", server.queue()));
            again.expectMessage("a");
            again.expectMessage("b");
            again.expectMessage("c");
            again.credit(4).quiet();
        });
        rules.add(RECOVERY, "a message resumed before it is on disk is accepted once it is", server -> {
            Peer peer = server.begun();
            attachLasting(peer, server);
            server.host().faults().holdAcknowledgements();
            peer.transfer(0, "a").now();
            peer.quiet();
            peer.detach();
            peer.script.expectAttach().withPredicate(attach -> knows(attach, 0, null));
            peer.script.expectFlow();
            lasting(peer, server).withUnsettled(unsettled(null, 0)).now();
            peer.done();
            peer.transfer(1, "a")
                    .withDeliveryTag(new byte[] {0})
                    .withResume(true)
                    .now();
            peer.quiet();
            peer.expectAccepted(1);
            server.host().faults().releaseAcknowledgements();
            peer.done();
            peer.attach(peer.receiver("r", server.queue()));
            peer.expectMessage("a");
            peer.credit(2).quiet();
        });
        rules.add(RECOVERY, "a lasting target is found again by a sender that names none", server -> {
            Peer peer = server.begun();
            attachLasting(peer, server);
            peer.detach();
            peer.script
                    .expectAttach()
                    .withPredicate(attach -> attach.getTarget() instanceof Target target
                            && server.queue().equals(target.getAddress()));
            peer.script.expectFlow();
            peer.attachSenderWithoutTarget("s");
            peer.done();
        });
        rules.add(RECOVERY, "closing the link ends what is known of its deliveries", server -> {
            Peer peer = server.begun();
            attachLasting(peer, server);
            peer.expectAccepted(0);
            peer.transfer(0, "a").now();
            peer.done();
            peer.script.expectDetach().withClosed(true);
            peer.script.remoteDetach().withClosed(true).now();
            peer.done();
            peer.script.expectAttach().withPredicate(RecoveryRules::knowsNone);
            peer.script.expectFlow();
            lasting(peer, server).withUnsettled(unsettled(null, 0)).now();
            peer.done();
        });
        rules.add(
                RECOVERY, "attaching a lasting target elsewhere steals it: the first gets amqp:link:stolen", server -> {
                    Peer first = server.begun();
                    attachLasting(first, server);
                    first.script.expectDetach().withClosed(true).withError("amqp:link:stolen");
                    Peer second = server.begun();
                    attachLasting(second, server);
                    first.done();
                });
        rules.add(RECOVERY, "a transfer that resumes a delivery there is not is left alone", server -> {
            Peer peer = server.begun();
            peer.attachSender("s", server.queue());
            peer.transfer(0, "resumed").withResume(true).now();
            peer.expectAccepted(1);
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
            peer.expectAccepted(1);
            peer.transfer(1, "new").now();
            peer.done();
            peer.attach(peer.receiver("r", server.queue()));
            peer.expectMessage("new");
            peer.credit(2).quiet();
        });
    }

    /** A sender whose target outlives its connection. */
    private static AttachInjectAction lasting(Peer peer, RuleServer server) {
        return peer.script
                .remoteAttach()
                .ofSender()
                .withName("s")
                .withInitialDeliveryCount(0)
                .withSource()
                .withAddress("here")
                .and()
                .withTarget()
                .withAddress(server.queue())
                .withExpiryPolicy(TerminusExpiryPolicy.NEVER)
                .and();
    }

    private static void attachLasting(Peer peer, RuleServer server) {
        peer.expectAttached();
        peer.script.expectFlow();
        lasting(peer, server).now();
        peer.done();
    }

    private static Map<Binary, DeliveryState> unsettled(@Nullable DeliveryState state, int... tags) {
        Map<Binary, DeliveryState> unsettled = new HashMap<>();
        for (int tag : tags) {
            unsettled.put(new Binary(new byte[] {(byte) tag}), state);
        }
        return unsettled;
    }

    private static boolean knows(Attach attach, int tag, @Nullable Class<?> outcome) {
        Map<?, ?> unsettled = attach.getUnsettled();
        if (unsettled == null || unsettled.size() != 1) {
            return false;
        }
        Map.Entry<?, ?> only = unsettled.entrySet().iterator().next();
        return new Binary(new byte[] {(byte) tag}).equals(only.getKey())
                && (outcome == null ? only.getValue() == null : outcome.isInstance(only.getValue()));
    }

    private static boolean remember(
            Transfer transfer, Map<Binary, DeliveryState> unsettled, @Nullable DeliveryState state) {
        unsettled.put(transfer.getDeliveryTag(), state);
        return true;
    }

    private static boolean knowsNone(Attach attach) {
        return attach.getUnsettled() == null && !Boolean.TRUE.equals(attach.getIncompleteUnsettled());
    }
}
