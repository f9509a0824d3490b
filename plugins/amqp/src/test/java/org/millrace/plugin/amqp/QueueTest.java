package org.millrace.plugin.amqp;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.qpid.protonj2.client.Connection;
import org.apache.qpid.protonj2.client.Delivery;
import org.apache.qpid.protonj2.client.DistributionMode;
import org.apache.qpid.protonj2.client.Receiver;
import org.apache.qpid.protonj2.client.ReceiverOptions;
import org.apache.qpid.protonj2.client.exceptions.ClientException;
import org.junit.jupiter.api.Test;

class QueueTest extends AmqpTestBase {
    @Test
    void messagesWaitForTheFirstConsumer() throws Exception {
        send("queues/jobs", "a", "b");
        Receiver receiver = connection.openReceiver("queues/jobs");

        assertThat(text(next(receiver))).isEqualTo("a");
        assertThat(text(next(receiver))).isEqualTo("b");
        nothing(receiver);
    }

    @Test
    void aConsumerThatComesWithTheFirstMessageGetsIt() throws Exception {
        Connection other = amqp.connectAs("second");
        for (int i = 0; i < 100; i++) {
            String queue = "queues/new" + i;
            CompletableFuture<Receiver> comes = CompletableFuture.supplyAsync(() -> {
                try {
                    return other.openReceiver(queue);
                } catch (ClientException e) {
                    throw new IllegalStateException(e);
                }
            });
            send(queue, "first");

            assertThat(text(next(comes.get()))).as(queue).isEqualTo("first");
            comes.get().close();
        }
        other.close();
    }

    @Test
    void consumersShareTheMessages() throws Exception {
        Receiver one = connection.openReceiver("queue://jobs/1", new ReceiverOptions().creditWindow(10));
        Connection other = amqp.connectAs("second");
        Receiver two = other.openReceiver("queue://jobs/1", new ReceiverOptions().creditWindow(10));
        one.openFuture().get();
        two.openFuture().get();
        List<String> sent = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            sent.add("m" + i);
        }
        send("queue://jobs/1", sent.toArray(String[]::new));

        TreeSet<String> seen = new TreeSet<>();
        int[] counts = new int[2];
        while (seen.size() < 20) {
            Delivery a = one.receive(100, TimeUnit.MILLISECONDS);
            Delivery b = two.receive(100, TimeUnit.MILLISECONDS);
            if (a != null) {
                assertThat(seen.add(text(a))).isTrue();
                counts[0]++;
            }
            if (b != null) {
                assertThat(seen.add(text(b))).isTrue();
                counts[1]++;
            }
        }
        assertThat(counts[0]).isPositive();
        assertThat(counts[1]).isPositive();
        other.close();
    }

    @Test
    void whatAConsumerLeavesUnsettledComesToTheNextMarked() throws Exception {
        send("queues/jobs", "a");
        Connection other = amqp.connectAs("second");
        next(other.openReceiver("queues/jobs", byHand()));
        other.close();

        Delivery again = next(connection.openReceiver("queues/jobs", byHand()));
        assertThat(text(again)).isEqualTo("a");
        assertThat(again.message().deliveryCount()).isEqualTo(1);
        again.accept();
    }

    @Test
    void acceptedMessagesDoNotComeAgainAndOthersDo() throws Exception {
        send("queues/jobs", "a", "b", "c");
        Receiver first = connection.openReceiver("queues/jobs", byHand());
        next(first);
        next(first).accept();
        next(first);
        first.close();

        Receiver second = connection.openReceiver("queues/jobs", byHand());
        assertThat(text(next(second))).isEqualTo("a");
        assertThat(text(next(second))).isEqualTo("c");
        nothing(second);
    }

    @Test
    void aRejectedMessageGoesToTheDeadLetterTable() throws Exception {
        Receiver dead = connection.openReceiver("dead/#");
        dead.openFuture().get();
        send("queues/jobs", "bad", "good");
        Receiver receiver = connection.openReceiver("queues/jobs", byHand());
        next(receiver).reject("app:bad", "no good");

        assertThat(text(next(dead))).isEqualTo("bad");
        assertThat(text(next(receiver))).isEqualTo("good");
        nothing(receiver);
    }

    @Test
    void aMessageThatFailsTooOftenIsRejected() throws Exception {
        Receiver dead = connection.openReceiver("dead/#");
        dead.openFuture().get();
        send("queues/jobs", "poison");
        Receiver receiver = connection.openReceiver("queues/jobs", byHand());
        for (int i = 0; i < 3; i++) {
            Delivery delivery = next(receiver);
            assertThat(delivery.message().deliveryCount()).isEqualTo(i);
            delivery.modified(true, false);
        }

        assertThat(text(next(dead))).isEqualTo("poison");
        nothing(receiver);
    }

    @Test
    void aBrowserSeesMessagesAndLeavesThem() throws Exception {
        send("queues/jobs", "a", "b");
        ReceiverOptions browsing = new ReceiverOptions().creditWindow(0);
        browsing.sourceOptions().distributionMode(DistributionMode.COPY);
        Receiver browser = connection.openReceiver("queues/jobs", browsing);
        browser.addCredit(10);
        browser.drain().get(10, TimeUnit.SECONDS);
        assertThat(browser.queuedDeliveries()).isEqualTo(2);

        Receiver receiver = connection.openReceiver("queues/jobs");
        assertThat(text(next(receiver))).isEqualTo("a");
        assertThat(text(next(receiver))).isEqualTo("b");
    }

    @Test
    void aDrainedConsumerOfAnEmptyQueueIsToldSo() throws Exception {
        Receiver receiver = connection.openReceiver("queues/empty", new ReceiverOptions().creditWindow(0));
        receiver.addCredit(5);
        receiver.drain().get(10, TimeUnit.SECONDS);

        assertThat(receiver.queuedDeliveries()).isZero();
    }

    @Test
    void aConsumerThatTakesItsCreditBackLeavesTheMessagesToOthers() throws Exception {
        Receiver lazy = connection.openReceiver("queues/jobs", new ReceiverOptions().creditWindow(0));
        lazy.addCredit(5);
        lazy.drain().get(10, TimeUnit.SECONDS);
        Receiver eager = connection.openReceiver("queues/jobs");
        eager.openFuture().get();
        send("queues/jobs", "a");

        assertThat(text(next(eager))).isEqualTo("a");
    }
}
