package org.millrace.plugin.amqp;

import static org.assertj.core.api.Assertions.assertThat;

import org.apache.qpid.protonj2.client.Message;
import org.apache.qpid.protonj2.client.Receiver;
import org.apache.qpid.protonj2.client.Sender;
import org.apache.qpid.protonj2.client.Session;
import org.junit.jupiter.api.Test;

class TransactionTest extends AmqpTestBase {
    @Test
    void messagesOfATransactionComeWithItsCommit() throws Exception {
        Receiver receiver = connection.openReceiver("orders/#");
        receiver.openFuture().get();
        Session session = connection.openSession();
        Sender sender = session.openSender("orders/1");
        session.beginTransaction();
        sender.send(Message.create("a"));
        sender.send(Message.create("b"));
        nothing(receiver);
        session.commitTransaction();

        assertThat(text(next(receiver))).isEqualTo("a");
        assertThat(text(next(receiver))).isEqualTo("b");
    }

    @Test
    void messagesOfARolledBackTransactionNeverCome() throws Exception {
        Receiver receiver = connection.openReceiver("orders/#");
        receiver.openFuture().get();
        Session session = connection.openSession();
        Sender sender = session.openSender("orders/1");
        session.beginTransaction();
        sender.send(Message.create("a"));
        session.rollbackTransaction();
        send("orders/1", "after");

        assertThat(text(next(receiver))).isEqualTo("after");
    }

    @Test
    void acceptanceInARolledBackTransactionDoesNotCount() throws Exception {
        send("queues/orders", "a");
        Session session = connection.openSession();
        Receiver receiver = session.openReceiver("queues/orders", byHand());
        session.beginTransaction();
        next(receiver).accept();
        session.rollbackTransaction();
        receiver.close();

        Receiver again = connection.openReceiver("queues/orders", byHand());
        assertThat(text(next(again))).isEqualTo("a");
    }

    @Test
    void acceptanceInACommittedTransactionCounts() throws Exception {
        send("queues/orders", "a", "b");
        Session session = connection.openSession();
        Receiver receiver = session.openReceiver("queues/orders", byHand());
        session.beginTransaction();
        next(receiver).accept();
        session.commitTransaction();
        receiver.close();

        assertThat(text(next(connection.openReceiver("queues/orders", byHand()))))
                .isEqualTo("b");
    }
}
