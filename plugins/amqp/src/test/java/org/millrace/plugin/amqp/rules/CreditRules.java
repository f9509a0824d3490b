package org.millrace.plugin.amqp.rules;

/** Link credit, drain, echo, and the windows of sessions. */
final class CreditRules {
    private static final String CREDIT = "credit";
    private static final String DRAIN = "drain";
    private static final String ECHO = "echo";
    private static final String WINDOWS = "session windows";

    private CreditRules() {}

    static void add(Rules rules) {
        credit(rules);
        drain(rules);
        echo(rules);
        windows(rules);
    }

    private static void credit(Rules rules) {
        rules.add(CREDIT, "a receiver without credit gets nothing", server -> {
            Peer peer = server.begun();
            peer.attach(peer.receiver("r", server.queue()));
            server.send(server.queue(), "a");
            peer.quiet();
            peer.credit(0).quiet();
        });
        rules.add(CREDIT, "a receiver gets as many messages as it gives credit for, and no more", server -> {
            Peer peer = server.begun();
            peer.attach(peer.receiver("r", server.queue()));
            server.send(server.queue(), "a", "b", "c");
            peer.expectMessage("a");
            peer.expectMessage("b");
            peer.credit(2).quiet();
            peer.expectMessage("c");
            peer.credit(1, 2).quiet();
        });
        rules.add(CREDIT, "credit that is taken back is not used", server -> {
            Peer peer = server.begun();
            peer.attach(peer.receiver("r", server.queue()));
            peer.credit(10).quiet();
            peer.credit(0).quiet();
            server.send(server.queue(), "a");
            peer.quiet();
        });
        rules.add(CREDIT, "messages come over time while there is credit", server -> {
            Peer peer = server.begun();
            peer.attach(peer.receiver("r", server.queue()));
            peer.credit(10);
            for (int i = 0; i < 5; i++) {
                peer.expectMessage("m" + i);
                server.send(server.queue(), "m" + i);
                peer.done();
            }
        });
        rules.add(CREDIT, "the transfers a client got and its deliveryCount make up the credit together", server -> {
            Peer peer = server.begun();
            peer.attach(peer.receiver("r", server.queue()));
            server.send(server.queue(), "a", "b", "c");
            peer.expectMessage("a");
            peer.credit(1);
            // The flow says that the client has not seen the first transfer yet: one more is allowed, not two.
            peer.expectMessage("b");
            peer.credit(2, 0).quiet();
        });
        rules.add(CREDIT, "a sender's credit is topped up at half", server -> {
            Peer peer = server.begun();
            peer.attachSender("s", server.path());
            for (int i = 0; i < 499; i++) {
                peer.transfer(i, "x").withSettled(true).now();
            }
            peer.quiet();
            peer.script.expectFlow().withPredicate(f -> f.getLinkCredit().intValue() > 500);
            peer.transfer(499, "x").withSettled(true).now();
            peer.done();
        });
        rules.add(
                CREDIT, "a sender that sends without credit is detached: amqp:link:transfer-limit-exceeded", server -> {
                    Peer peer = server.begun();
                    peer.attachSender("s", server.path());
                    server.host().faults().saturate(true);
                    for (int i = 0; i < 1000; i++) {
                        peer.transfer(i, "x").withSettled(true).now();
                    }
                    peer.quiet();
                    peer.script.expectDetach().withClosed(true).withError("amqp:link:transfer-limit-exceeded");
                    peer.transfer(1000, "x").withSettled(true).now();
                    peer.done();
                    server.host().faults().saturate(false);
                });
        rules.add(CREDIT, "a sender gets no credit while the host is saturated, and some again afterwards", server -> {
            server.host().faults().saturate(true);
            Peer peer = server.begun();
            peer.attach(peer.sender("s", server.path()));
            peer.quiet();
            peer.script.expectFlow().withPredicate(f -> f.getLinkCredit().intValue() > 0);
            server.host().faults().saturate(false);
            peer.done();
        });
    }

    private static void drain(Rules rules) {
        rules.add(DRAIN, "a drained receiver of an empty queue is told that there is nothing", server -> {
            Peer peer = server.begun();
            peer.attach(peer.receiver("r", server.queue()));
            peer.script
                    .expectFlow()
                    .withPredicate(f -> f.getLinkCredit().intValue() == 0
                            && f.getDeliveryCount().intValue() == 10
                            && Boolean.TRUE.equals(f.getDrain()));
            peer.script
                    .remoteFlow()
                    .withLinkCredit(10)
                    .withDeliveryCount(0)
                    .withDrain(true)
                    .now();
            peer.done();
        });
        rules.add(DRAIN, "a drained receiver of a topic is told that there is nothing", server -> {
            Peer peer = server.begun();
            peer.attach(peer.receiver("r", server.path()));
            peer.script
                    .expectFlow()
                    .withPredicate(f -> f.getLinkCredit().intValue() == 0
                            && f.getDeliveryCount().intValue() == 10);
            peer.script
                    .remoteFlow()
                    .withLinkCredit(10)
                    .withDeliveryCount(0)
                    .withDrain(true)
                    .now();
            peer.done();
        });
        rules.add(DRAIN, "a drained receiver gets what there is first", server -> {
            server.send(server.queue(), "a", "b");
            Peer peer = server.begun();
            peer.attach(peer.receiver("r", server.queue()));
            peer.expectMessage("a");
            peer.expectMessage("b");
            peer.script
                    .expectFlow()
                    .withPredicate(f -> f.getLinkCredit().intValue() == 0
                            && f.getDeliveryCount().intValue() == 10);
            peer.script
                    .remoteFlow()
                    .withLinkCredit(10)
                    .withDeliveryCount(0)
                    .withDrain(true)
                    .now();
            peer.done();
        });
        rules.add(DRAIN, "a receiver is drained again and again", server -> {
            Peer peer = server.begun();
            peer.attach(peer.receiver("r", server.queue()));
            for (int i = 0; i < 20; i++) {
                int count = 10 * (i + 1);
                peer.script
                        .expectFlow()
                        .withPredicate(f -> f.getLinkCredit().intValue() == 0
                                && f.getDeliveryCount().intValue() == count);
                peer.script
                        .remoteFlow()
                        .withLinkCredit(10)
                        .withDeliveryCount(10 * i)
                        .withDrain(true)
                        .now();
                peer.done();
            }
        });
        rules.add(DRAIN, "credit works as ever after a drain", server -> {
            Peer peer = server.begun();
            peer.attach(peer.receiver("r", server.queue()));
            peer.script.expectFlow().withLinkCredit(0).withDeliveryCount(1);
            peer.script
                    .remoteFlow()
                    .withLinkCredit(1)
                    .withDeliveryCount(0)
                    .withDrain(true)
                    .now();
            peer.done();
            peer.credit(1, 1);
            peer.expectMessage("a");
            server.send(server.queue(), "a");
            peer.done();
        });
    }

    private static void echo(Rules rules) {
        rules.add(ECHO, "a flow with echo of a receiver is answered with the link's state", server -> {
            Peer peer = server.begun();
            peer.attach(peer.receiver("r", server.queue()));
            peer.script
                    .expectFlow()
                    .withPredicate(f -> f.getHandle() != null
                            && f.getLinkCredit().intValue() == 5
                            && f.getDeliveryCount().intValue() == 0);
            peer.script
                    .remoteFlow()
                    .withLinkCredit(5)
                    .withDeliveryCount(0)
                    .withEcho(true)
                    .now();
            peer.done();
        });
        rules.add(ECHO, "a flow with echo of a sender is answered with its credit", server -> {
            Peer peer = server.begun();
            peer.attachSender("s", server.path());
            peer.script
                    .expectFlow()
                    .withPredicate(
                            f -> f.getHandle() != null && f.getLinkCredit().intValue() == 1000);
            peer.script
                    .remoteFlow()
                    .withDeliveryCount(0)
                    .withLinkCredit(1000)
                    .withEcho(true)
                    .now();
            peer.done();
        });
        rules.add(ECHO, "a flow with echo of a session is answered with its windows", server -> {
            Peer peer = server.begun();
            peer.script
                    .expectFlow()
                    .withPredicate(
                            f -> f.getHandle() == null && f.getIncomingWindow().longValue() > 0);
            peer.script.remoteFlow().withNullHandle().withEcho(true).now();
            peer.done();
        });
    }

    private static void windows(Rules rules) {
        rules.add(WINDOWS, "no more transfers come than the session's window allows", server -> {
            server.send(server.queue(), "a", "b", "c");
            Peer peer = server.opened();
            peer.script.expectBegin();
            peer.script
                    .remoteBegin()
                    .withNextOutgoingId(0)
                    .withIncomingWindow(2)
                    .withOutgoingWindow(10)
                    .now();
            peer.done();
            peer.attach(peer.receiver("r", server.queue()));
            peer.expectMessage("a");
            peer.expectMessage("b");
            peer.script
                    .remoteFlow()
                    .withIncomingWindow(2)
                    .withLinkCredit(10)
                    .withDeliveryCount(0)
                    .now();
            peer.done().quiet();
            peer.expectMessage("c");
            peer.script
                    .remoteFlow()
                    .withNullHandle()
                    .withNextIncomingId(2)
                    .withIncomingWindow(2)
                    .now();
            peer.done();
        });
        rules.add(WINDOWS, "a link is detached while the window is closed", server -> {
            server.send(server.queue(), "a");
            Peer peer = server.opened();
            peer.script.expectBegin();
            peer.script
                    .remoteBegin()
                    .withNextOutgoingId(0)
                    .withIncomingWindow(0)
                    .withOutgoingWindow(10)
                    .now();
            peer.done();
            peer.attach(peer.receiver("r", server.queue()));
            peer.script
                    .remoteFlow()
                    .withIncomingWindow(0)
                    .withLinkCredit(10)
                    .withDeliveryCount(0)
                    .now();
            peer.quiet();
            peer.script.expectDetach();
            peer.script.remoteDetach().withClosed(true).now();
            peer.done();
        });
        rules.addStrict(WINDOWS, "the window opens again once a sender has used it up", server -> {
            Peer peer = server.begun();
            int window = RulesTest.STRICT_WINDOW;
            peer.attachSender("s", server.path());
            peer.script
                    .expectFlow()
                    .withPredicate(f -> f.getNextIncomingId().intValue() == window
                            && f.getIncomingWindow().intValue() == window);
            for (int i = 0; i < window; i++) {
                peer.transfer(i, "x").withSettled(true).now();
            }
            peer.done();
        });
    }
}
