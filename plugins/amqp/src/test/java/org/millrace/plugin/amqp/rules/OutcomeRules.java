package org.millrace.plugin.amqp.rules;

import org.apache.qpid.protonj2.test.driver.actions.DispositionInjectAction;

/** What becomes of messages of queues by their receivers' outcomes, and how queues are shared. */
final class OutcomeRules {
    private static final String OUTCOMES = "outcomes";
    private static final String QUEUES = "queues";

    private OutcomeRules() {}

    static void add(Rules rules) {
        outcomes(rules);
        queues(rules);
    }

    private static DispositionInjectAction settle(Peer peer, int first, int last) {
        return peer.script
                .remoteDisposition()
                .withRole(true)
                .withFirst(first)
                .withLast(last)
                .withSettled(true);
    }

    /** A receiver that has got the messages, unsettled. */
    private static Peer with(RuleServer server, String... texts) throws Exception {
        server.send(server.queue(), texts);
        Peer peer = server.begun();
        peer.attach(peer.receiver("r", server.queue()));
        for (String text : texts) {
            peer.expectMessage(text);
        }
        return peer.credit(texts.length);
    }

    private static void outcomes(Rules rules) {
        rules.add(OUTCOMES, "accepted: the message is done", server -> {
            Peer peer = with(server, "a");
            settle(peer, 0, 0).withState().accepted().now();
            peer.credit(1, 1).quiet();
        });
        rules.add(OUTCOMES, "released: it comes again, not counted", server -> {
            Peer peer = with(server, "a");
            peer.expectMessage("a");
            settle(peer, 0, 0).withState().released().now();
            peer.credit(1, 1);
        });
        rules.add(OUTCOMES, "modified with delivery-failed: it comes again, and is counted", server -> {
            Peer peer = with(server, "a");
            peer.script.expectTransfer().withPayload(Peer.deliveredBefore(1));
            settle(peer, 0, 0).withState().modified(true).now();
            peer.credit(1, 1);
            peer.script.expectTransfer().withPayload(Peer.deliveredBefore(2));
            settle(peer, 1, 1).withState().modified(true).now();
            peer.credit(1, 2);
        });
        rules.add(OUTCOMES, "modified without delivery-failed: it comes again, not counted", server -> {
            Peer peer = with(server, "a");
            peer.expectMessage("a");
            settle(peer, 0, 0).withState().modified(false).now();
            peer.credit(1, 1);
        });
        rules.add(OUTCOMES, "modified as undeliverable here: it goes to another receiver only", server -> {
            Peer peer = with(server, "a", "b");
            settle(peer, 0, 1).withState().modified(true, true).now();
            peer.credit(5, 2).quiet();
            Peer other = server.begun();
            other.attach(other.receiver("other", server.queue()));
            other.expectMessage("a");
            other.expectMessage("b");
            other.credit(5);
        });
        rules.add(
                OUTCOMES, "rejected: it goes to the dead-letter table, with its address behind the table's", server -> {
                    Peer peer = with(server, "a");
                    Peer dead = server.begun();
                    dead.attach(dead.receiver("dead", "dead/" + server.queue()));
                    dead.credit(1);
                    dead.expectMessage("a");
                    settle(peer, 0, 0)
                            .withState()
                            .rejected("app:bad", "no good")
                            .now();
                    dead.done();
                    peer.credit(1, 1).quiet();
                });
        rules.add(OUTCOMES, "settled without an outcome: it is released, as if not looked at", server -> {
            Peer peer = with(server, "a");
            peer.expectMessage("a");
            settle(peer, 0, 0).now();
            peer.credit(1, 1);
        });
        rules.add(OUTCOMES, "an outcome that is not settled is settled by the server", server -> {
            Peer peer = with(server, "a");
            peer.expectAccepted(0);
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
        rules.add(OUTCOMES, "one disposition settles a range", server -> {
            Peer peer = with(server, "a", "b", "c");
            settle(peer, 0, 2).withState().accepted().now();
            peer.credit(1, 3).quiet();
        });
        rules.add(OUTCOMES, "a range that is released comes again in order", server -> {
            Peer peer = with(server, "a", "b", "c");
            peer.expectMessage("a");
            peer.expectMessage("b");
            peer.expectMessage("c");
            settle(peer, 0, 2).withState().released().now();
            peer.credit(3, 3);
        });
        rules.add(OUTCOMES, "outcomes may come in another order than the messages", server -> {
            Peer peer = with(server, "a", "b");
            settle(peer, 1, 1).withState().accepted().now();
            peer.expectMessage("a");
            settle(peer, 0, 0).withState().released().now();
            peer.credit(1, 2);
        });
        rules.add(OUTCOMES, "an outcome of a delivery there is not is left alone", server -> {
            Peer peer = with(server, "a");
            settle(peer, 7, 9).withState().accepted().now();
            peer.quiet();
            settle(peer, 0, 0).withState().accepted().now();
            peer.credit(1, 1).quiet();
        });
    }

    private static void queues(Rules rules) {
        rules.add(QUEUES, "messages that come before any receiver are kept", server -> {
            server.send(server.queue(), "a");
            Peer peer = server.begun();
            peer.attach(peer.receiver("r", server.queue()));
            peer.expectMessage("a");
            peer.credit(1);
        });
        rules.add(QUEUES, "capability queue makes any path one", server -> {
            Peer peer = server.begun();
            peer.attach(queue(peer, "r", server.path()));
            peer.script.expectDetach();
            peer.script.remoteDetach().withClosed(true).now();
            peer.done();
            server.send(server.path(), "kept");
            peer.attach(queue(peer, "again", server.path()));
            peer.expectMessage("kept");
            peer.credit(1);
        });
        rules.add(QUEUES, "receivers share the messages, each to one", server -> {
            Peer one = server.begun();
            Peer two = server.begun();
            one.attach(one.receiver("r", server.queue()));
            two.attach(two.receiver("r", server.queue()));
            one.credit(1);
            two.credit(1);
            one.script.expectTransfer();
            two.script.expectTransfer();
            server.send(server.queue(), "a", "b");
            one.done();
            two.done();
        });
        rules.add(QUEUES, "what a receiver leaves unsettled goes to another when it detaches, marked", server -> {
            Peer peer = with(server, "a");
            Peer other = server.begun();
            other.attach(other.receiver("other", server.queue()));
            other.credit(1);
            other.script.expectTransfer().withPayload(Peer.deliveredBefore(1));
            peer.script.expectDetach();
            peer.script.remoteDetach().withClosed(true).now();
            peer.done();
            other.done();
        });
        rules.add(QUEUES, "the end of a session gives back what its links left unsettled", server -> {
            Peer peer = with(server, "a");
            Peer other = server.begun();
            other.attach(other.receiver("other", server.queue()));
            other.credit(1);
            other.script.expectTransfer().withPayload(Peer.deliveredBefore(1));
            peer.script.expectEnd();
            peer.script.remoteEnd().now();
            peer.done();
            other.done();
        });
        rules.add(QUEUES, "a browser is shown the messages and leaves them", server -> {
            server.send(server.queue(), "a");
            Peer peer = server.begun();
            peer.attach(peer.script
                    .remoteAttach()
                    .ofReceiver()
                    .withName("browser")
                    .withSource()
                    .withAddress(server.queue())
                    .withDistributionMode("copy")
                    .and()
                    .withTarget()
                    .withAddress("here")
                    .and());
            peer.expectMessage("a");
            peer.credit(10);
            Peer other = server.begun();
            other.attach(other.receiver("r", server.queue()));
            other.expectMessage("a");
            other.credit(1);
        });
    }

    private static org.apache.qpid.protonj2.test.driver.actions.AttachInjectAction queue(
            Peer peer, String link, String address) {
        return peer.script
                .remoteAttach()
                .ofReceiver()
                .withName(link)
                .withSource()
                .withAddress(address)
                .withCapabilities("queue")
                .and()
                .withTarget()
                .withAddress("here")
                .and();
    }
}
