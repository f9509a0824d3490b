package org.millrace.plugin.amqp.rules;

import java.util.ArrayList;
import java.util.List;
import org.apache.qpid.protonj2.test.driver.codec.primitives.Binary;
import org.apache.qpid.protonj2.test.driver.codec.transactions.Declared;
import org.apache.qpid.protonj2.test.driver.codec.transactions.TransactionalState;

/** Transactions. */
final class TransactionRules {
    private static final String TRANSACTIONS = "transactions";

    private TransactionRules() {}

    /** A session with a coordinator, on handle 0, that has credit. */
    private static Peer coordinated(RuleServer server) throws Exception {
        Peer peer = server.begun();
        peer.script.expectAttach();
        peer.script.expectFlow().withPredicate(f -> f.getLinkCredit().intValue() > 0);
        peer.script
                .remoteAttach()
                .ofSender()
                .withName("coordinator")
                .withInitialDeliveryCount(0)
                .withSource()
                .withAddress("here")
                .and()
                .withCoordinator()
                .also()
                .now();
        return peer.done();
    }

    private static Binary declare(Peer peer, int deliveryId) {
        List<Binary> id = new ArrayList<>();
        peer.script
                .expectDisposition()
                .withSettled(true)
                .withPredicate(d -> d.getState() instanceof Declared declared && id.add(declared.getTxnId()));
        peer.script.remoteDeclare().withHandle(0).withDeliveryId(deliveryId).now();
        peer.done();
        return id.getFirst();
    }

    private static TransactionalState in(Binary id) {
        TransactionalState state = new TransactionalState();
        state.setTxnId(id);
        return state;
    }

    static void add(Rules rules) {
        rules.add(TRANSACTIONS, "declaring gives an id, and discharging it is accepted", server -> {
            Peer peer = coordinated(server);
            Binary id = declare(peer, 0);
            peer.expectAccepted(1);
            peer.script
                    .remoteDischarge()
                    .withFail(false)
                    .withTxnId(id)
                    .withHandle(0)
                    .withDeliveryId(1)
                    .now();
            peer.done();
        });
        rules.add(TRANSACTIONS, "discharging an id there is not is rejected: amqp:transaction:unknown-id", server -> {
            Peer peer = coordinated(server);
            peer.script
                    .expectDisposition()
                    .withFirst(0)
                    .withSettled(true)
                    .withState()
                    .rejected("amqp:transaction:unknown-id");
            peer.script
                    .remoteDischarge()
                    .withFail(false)
                    .withTxnId(new byte[] {1, 2, 3})
                    .withHandle(0)
                    .withDeliveryId(0)
                    .now();
            peer.done();
        });
        rules.add(TRANSACTIONS, "a message in a transaction comes once it is committed", server -> {
            Peer peer = coordinated(server);
            Binary id = declare(peer, 0);
            peer.attach(peer.receiver("r", server.queue()));
            peer.credit(10);
            peer.attachSender("s", server.queue());
            peer.script.expectDisposition().withFirst(1).withPredicate(d -> d.getState() instanceof TransactionalState);
            peer.transfer(1, "a").withState(in(id)).now();
            peer.done().quiet();
            peer.script.expectDisposition().withFirst(2).withState().accepted();
            peer.expectMessage("a");
            peer.script
                    .remoteDischarge()
                    .withFail(false)
                    .withTxnId(id)
                    .withHandle(0)
                    .withDeliveryId(2)
                    .now();
            peer.done();
        });
        rules.add(TRANSACTIONS, "a message in a transaction that is rolled back never comes", server -> {
            Peer peer = coordinated(server);
            Binary id = declare(peer, 0);
            peer.attach(peer.receiver("r", server.queue()));
            peer.credit(10);
            peer.attachSender("s", server.queue());
            peer.script.expectDisposition().withFirst(1);
            peer.transfer(1, "a").withState(in(id)).now();
            peer.done();
            peer.script.expectDisposition().withFirst(2).withState().accepted();
            peer.script
                    .remoteDischarge()
                    .withFail(true)
                    .withTxnId(id)
                    .withHandle(0)
                    .withDeliveryId(2)
                    .now();
            peer.done().quiet();
        });
        rules.add(TRANSACTIONS, "a message in a transaction there is not is rejected with amqp:not-found", server -> {
            Peer peer = server.begun();
            peer.attachSender("s", server.path());
            peer.script
                    .expectDisposition()
                    .withFirst(0)
                    .withPredicate(d -> String.valueOf(d.getState()).contains("amqp:not-found"));
            peer.transfer(0, "a").withState(in(new Binary(new byte[] {9}))).now();
            peer.done();
        });
        rules.add(TRANSACTIONS, "what is accepted in a transaction that is rolled back is not", server -> {
            server.send(server.queue(), "a");
            Peer peer = coordinated(server);
            Binary id = declare(peer, 0);
            peer.attach(peer.receiver("r", server.queue()));
            peer.expectMessage("a");
            peer.credit(1);
            TransactionalState accepted = in(id);
            accepted.setOutcome(org.apache.qpid.protonj2.test.driver.codec.messaging.Accepted.getInstance());
            peer.script
                    .remoteDisposition()
                    .withRole(true)
                    .withFirst(0)
                    .withSettled(true)
                    .withState(accepted)
                    .now();
            peer.quiet();
            peer.script.expectDisposition().withFirst(1).withState().accepted();
            peer.script
                    .remoteDischarge()
                    .withFail(true)
                    .withTxnId(id)
                    .withHandle(0)
                    .withDeliveryId(1)
                    .now();
            peer.done();
            peer.script.expectTransfer().withPayload(Peer.deliveredBefore(1));
            peer.credit(1, 1);
        });
    }
}
