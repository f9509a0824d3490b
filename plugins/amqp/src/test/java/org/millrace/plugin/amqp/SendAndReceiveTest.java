package org.millrace.plugin.amqp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.apache.qpid.protonj2.client.Connection;
import org.apache.qpid.protonj2.client.Delivery;
import org.apache.qpid.protonj2.client.DeliveryState;
import org.apache.qpid.protonj2.client.Message;
import org.apache.qpid.protonj2.client.Receiver;
import org.apache.qpid.protonj2.client.ReceiverOptions;
import org.apache.qpid.protonj2.client.Sender;
import org.apache.qpid.protonj2.client.SenderOptions;
import org.apache.qpid.protonj2.client.Tracker;
import org.apache.qpid.protonj2.client.exceptions.ClientException;
import org.apache.qpid.protonj2.client.impl.ClientDeliveryState;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.millrace.spi.content.MediaType;
import org.millrace.spi.resource.Path;
import org.millrace.spi.resource.WriteOptions;

class SendAndReceiveTest {
    private AmqpHost amqp;
    private Connection connection;

    @BeforeEach
    void start() throws Exception {
        amqp = AmqpHost.start();
        connection = amqp.connect();
    }

    @AfterEach
    void stop() throws Exception {
        connection.close();
        amqp.close();
    }

    private static Delivery next(Receiver receiver) throws Exception {
        Delivery delivery = receiver.receive(10, TimeUnit.SECONDS);
        assertThat(delivery).as("a delivery within 10 s").isNotNull();
        return delivery;
    }

    private static String text(Delivery delivery) throws Exception {
        Object body = delivery.message().body();
        return body instanceof byte[] bytes ? new String(bytes, StandardCharsets.UTF_8) : String.valueOf(body);
    }

    private void put(String path, String json) {
        amqp.host()
                .resources()
                .put(
                        Path.of(path),
                        amqp.host().contents().of(MediaType.JSON, json.getBytes(StandardCharsets.UTF_8)),
                        WriteOptions.DEFAULT)
                .toCompletableFuture()
                .join();
    }

    @Test
    void anEventReachesAReceiverAndIsAccepted() throws Exception {
        Receiver receiver = connection.openReceiver("rooms/hall");
        receiver.openFuture().get();
        Tracker sent = connection.openSender("rooms/hall").send(Message.create("hello"));

        assertThat(sent.awaitAccepted(10, TimeUnit.SECONDS).remoteState()).isEqualTo(DeliveryState.accepted());
        assertThat(text(next(receiver))).isEqualTo("hello");
        assertThat(amqp.host().record("rooms/hall")).isEmpty();
    }

    @Test
    void aSenderWithCapabilityRecordPutsTheRecord() throws Exception {
        Sender sender = connection.openSender("rooms/hall", recordSender());
        sender.send(Message.create("{\"temp\":21}")).awaitAccepted(10, TimeUnit.SECONDS);

        assertThat(amqp.host().record("rooms/hall").orElseThrow().content().mediaType())
                .isEqualTo(MediaType.JSON);
    }

    private static SenderOptions recordSender() {
        SenderOptions options = new SenderOptions();
        options.targetOptions().capabilities("record");
        return options;
    }

    @Test
    void anAnnotationSaysWhatAMessageDoes() throws Exception {
        Sender sender = connection.openSender("rooms/hall");
        sender.send(Message.create("{\"a\":1}").annotation("x-opt-millrace-op", "put"))
                .awaitAccepted(10, TimeUnit.SECONDS);
        assertThat(amqp.host().record("rooms/hall")).isPresent();

        sender.send(Message.create("").annotation("x-opt-millrace-op", "delete"))
                .awaitAccepted(10, TimeUnit.SECONDS);
        assertThat(amqp.host().record("rooms/hall")).isEmpty();
    }

    @Test
    void anUnknownOperationIsRejected() throws Exception {
        Sender sender = connection.openSender("rooms/hall");
        Tracker sent = sender.send(Message.create("x").annotation("x-opt-millrace-op", "upsert"));

        sent.awaitSettlement(10, TimeUnit.SECONDS);
        assertThat(sent.remoteState().getType()).isEqualTo(DeliveryState.Type.REJECTED);
    }

    @Test
    void aRefusalQuotesNoMoreThanFitsIntoAFrame() throws Exception {
        Sender sender = connection.openSender("rooms/hall");
        Tracker sent = sender.send(Message.create("x").annotation("x-opt-millrace-op", "z".repeat(300_000)));
        sent.awaitSettlement(10, TimeUnit.SECONDS);
        assertThat(((ClientDeliveryState.ClientRejected) sent.remoteState()).getDescription())
                .startsWith("there is no operation 'zzz")
                .hasSizeLessThan(400);
        sender.send(Message.create("y")).awaitAccepted(10, TimeUnit.SECONDS);
    }

    @Test
    void aRecordPutElsewhereIsShownFirstAndThenItsChanges() throws Exception {
        put("rooms/hall", "{\"temp\":1}");
        Receiver receiver = connection.openReceiver("rooms/hall");
        Delivery present = next(receiver);
        assertThat(text(present)).isEqualTo("{\"temp\":1}");
        assertThat(present.message().contentType()).isEqualTo("application/json");
        assertThat(present.message().to()).isEqualTo("rooms/hall");
        assertThat(present.message().annotation("x-opt-millrace-op")).isEqualTo("put");

        put("rooms/hall", "{\"temp\":2}");
        Delivery change = next(receiver);
        assertThat(text(change)).isEqualTo("{\"temp\":2}");
        assertThat(change.message().annotation("x-opt-offset")).isInstanceOf(String.class);
        assertThat((long) change.message().annotation("x-opt-sequence-number"))
                .isGreaterThan((long) present.message().annotation("x-opt-sequence-number"));
    }

    @Test
    void aFilterAndACollectionFollowChangesOnly() throws Exception {
        put("rooms/hall", "1");
        Receiver byFilter = connection.openReceiver("rooms/+");
        Receiver byCollection = connection.openReceiver("rooms/");
        byFilter.openFuture().get();
        byCollection.openFuture().get();
        put("rooms/yard", "2");

        assertThat(text(next(byFilter))).isEqualTo("2");
        assertThat(text(next(byCollection))).isEqualTo("2");
    }

    @Test
    void messagesToACollectionBecomeRecords() throws Exception {
        Receiver receiver = connection.openReceiver("notes/");
        receiver.openFuture().get();
        connection.openSender("notes/").send(Message.create("{\"n\":1}")).awaitAccepted(10, TimeUnit.SECONDS);

        Delivery made = next(receiver);
        assertThat(made.message().annotation("x-opt-millrace-op")).isEqualTo("put");
        String path = (String) made.message().annotation("x-opt-millrace-path");
        assertThat(amqp.host().record(path)).isPresent();
    }

    @Test
    void anAnonymousSendersMessagesGoWhereTheySay() throws Exception {
        Receiver receiver = connection.openReceiver("rooms/hall");
        receiver.openFuture().get();
        Sender sender = connection.openAnonymousSender();
        Tracker lost = sender.send(Message.create("nowhere"));
        lost.awaitSettlement(10, TimeUnit.SECONDS);
        assertThat(lost.remoteState().getType()).isEqualTo(DeliveryState.Type.REJECTED);
        sender.send(Message.create("here").to("rooms/hall")).awaitAccepted(10, TimeUnit.SECONDS);

        assertThat(text(next(receiver))).isEqualTo("here");
    }

    @Test
    void aBadAddressDetachesItsLinkAndNothingElse() throws Exception {
        Receiver receiver = connection.openReceiver("rooms/hall");
        receiver.openFuture().get();
        Sender bad = connection.openSender("rooms/+/temp");

        assertThatThrownBy(() -> bad.send(Message.create("x")).awaitSettlement(10, TimeUnit.SECONDS))
                .isInstanceOf(ClientException.class)
                .hasMessageContaining("'+'");
        connection.openSender("rooms/hall").send(Message.create("still here"));
        assertThat(text(next(receiver))).isEqualTo("still here");
    }

    @Test
    void aReceiverWithoutCreditGetsNothingAndOneWithCreditWhatItAskedFor() throws Exception {
        Receiver receiver = connection.openReceiver("rooms/#", new ReceiverOptions().creditWindow(0));
        receiver.openFuture().get();
        for (int i = 0; i < 5; i++) {
            put("rooms/" + i, String.valueOf(i));
        }
        assertThat(receiver.receive(300, TimeUnit.MILLISECONDS)).isNull();

        receiver.addCredit(2);
        assertThat(text(next(receiver))).isEqualTo("0");
        assertThat(text(next(receiver))).isEqualTo("1");
        assertThat(receiver.receive(300, TimeUnit.MILLISECONDS)).isNull();
    }

    @Test
    void aDrainedReceiverGetsWhatThereIsAndKnowsThatThereIsNoMore() throws Exception {
        Receiver receiver = connection.openReceiver("rooms/#", new ReceiverOptions().creditWindow(0));
        receiver.openFuture().get();
        for (int i = 0; i < 3; i++) {
            put("rooms/" + i, String.valueOf(i));
        }
        receiver.addCredit(10);
        receiver.drain().get(10, TimeUnit.SECONDS);

        assertThat(receiver.queuedDeliveries()).isEqualTo(3);
    }

    @Test
    void aReleasedMessageComesAgainAndAFailedOneIsCounted() throws Exception {
        Receiver receiver = connection.openReceiver("rooms/hall", new ReceiverOptions().autoAccept(false));
        receiver.openFuture().get();
        connection.openSender("rooms/hall").send(Message.create("again"));

        next(receiver).release();
        Delivery second = next(receiver);
        assertThat(text(second)).isEqualTo("again");
        second.modified(true, false);
        Delivery third = next(receiver);
        assertThat(third.message().deliveryCount()).isEqualTo(1);
        third.accept();
    }

    @Test
    void aMessageLargerThanAFrameArrivesWhole() throws Exception {
        byte[] large = new byte[700_000];
        new java.util.Random(7).nextBytes(large);
        Receiver receiver = connection.openReceiver("files/a");
        receiver.openFuture().get();
        connection.openSender("files/a").send(Message.create(large)).awaitAccepted(10, TimeUnit.SECONDS);

        assertThat((byte[]) next(receiver).message().body()).isEqualTo(large);
    }

    @Test
    void aDynamicSourceIsAnAddressForAnswers() throws Exception {
        Receiver answers = connection.openDynamicReceiver();
        String address = answers.address();
        connection.openAnonymousSender().send(Message.create("answer").to(address));

        assertThat(text(next(answers))).isEqualTo("answer");
    }

    @Test
    void tenThousandMessagesArriveInOrder() throws Exception {
        Receiver receiver = connection.openReceiver("load/1", new ReceiverOptions().creditWindow(500));
        receiver.openFuture().get();
        Sender sender = connection.openSender("load/1");
        Thread sending = Thread.ofVirtual().start(() -> {
            try {
                for (int i = 0; i < 10_000; i++) {
                    sender.send(Message.create("m" + i));
                }
            } catch (ClientException e) {
                throw new IllegalStateException(e);
            }
        });
        for (int i = 0; i < 10_000; i++) {
            assertThat(text(next(receiver))).isEqualTo("m" + i);
        }
        sending.join();
    }
}
