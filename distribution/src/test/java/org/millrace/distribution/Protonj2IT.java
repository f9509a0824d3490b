package org.millrace.distribution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.millrace.distribution.Http.JSON;

import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.apache.qpid.protonj2.client.Client;
import org.apache.qpid.protonj2.client.ClientOptions;
import org.apache.qpid.protonj2.client.Connection;
import org.apache.qpid.protonj2.client.Delivery;
import org.apache.qpid.protonj2.client.DeliveryMode;
import org.apache.qpid.protonj2.client.DistributionMode;
import org.apache.qpid.protonj2.client.DurabilityMode;
import org.apache.qpid.protonj2.client.ExpiryPolicy;
import org.apache.qpid.protonj2.client.Message;
import org.apache.qpid.protonj2.client.OutputStreamOptions;
import org.apache.qpid.protonj2.client.Receiver;
import org.apache.qpid.protonj2.client.ReceiverOptions;
import org.apache.qpid.protonj2.client.Sender;
import org.apache.qpid.protonj2.client.SenderOptions;
import org.apache.qpid.protonj2.client.Session;
import org.apache.qpid.protonj2.client.StreamReceiver;
import org.apache.qpid.protonj2.client.StreamSender;
import org.apache.qpid.protonj2.client.StreamSenderMessage;
import org.apache.qpid.protonj2.client.exceptions.ClientException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;

/** The protonj2 client against an installed host; each test uses addresses of its own. */
class Protonj2IT {
    @TempDir
    static Path folder;

    private static MillraceProcess host;

    private String name;
    private Client client;
    private Connection connection;

    @BeforeAll
    static void startHost() {
        host = MillraceProcess.start(folder.resolve("data"));
    }

    @AfterAll
    static void stopHost() {
        assertThat(host.stop()).isZero();
    }

    @BeforeEach
    void connect(TestInfo test) throws ClientException {
        name = test.getTestMethod().orElseThrow().getName();
        client = Client.create(new ClientOptions().id(name));
        connection = client.connect("127.0.0.1", host.port("amqp"));
    }

    @AfterEach
    void disconnect() {
        connection.close();
        client.close();
    }

    private static void send(Sender sender, String... texts) throws ClientException {
        for (String text : texts) {
            sender.send(Message.create(text)).awaitAccepted(20, TimeUnit.SECONDS);
        }
    }

    private static Delivery next(Receiver receiver) throws ClientException {
        Delivery delivery = receiver.receive(20, TimeUnit.SECONDS);
        assertThat(delivery).as("a delivery in time").isNotNull();
        return delivery;
    }

    private static Object body(Receiver receiver) throws ClientException {
        return next(receiver).message().body();
    }

    private static ReceiverOptions byHand() {
        return new ReceiverOptions().autoAccept(false);
    }

    @Test
    void aQueueKeepsMessagesAndGivesThemAgainUntilTheyAreAccepted() throws ClientException {
        send(connection.openSender("queues/" + name), "a", "b");
        try (Receiver receiver = connection.openReceiver("queues/" + name, byHand())) {
            assertThat((Object) next(receiver).message().body()).isEqualTo("a");
            next(receiver).accept();
        }
        Receiver again = connection.openReceiver("queues/" + name, byHand());
        Delivery back = next(again);
        assertThat((Object) back.message().body()).isEqualTo("a");
        assertThat(back.message().deliveryCount()).isPositive();
        back.accept();
        assertThat(again.receive(300, TimeUnit.MILLISECONDS)).isNull();
    }

    @Test
    void aBrowserLooksAndLeaves() throws ClientException {
        send(connection.openSender("queues/" + name), "a", "b");
        ReceiverOptions browsing = new ReceiverOptions();
        browsing.sourceOptions().distributionMode(DistributionMode.COPY);
        try (Receiver browser = connection.openReceiver("queues/" + name, browsing)) {
            assertThat(body(browser)).isEqualTo("a");
            assertThat(body(browser)).isEqualTo("b");
        }
        assertThat(body(connection.openReceiver("queues/" + name))).isEqualTo("a");
    }

    @Test
    void aDurableReceiverGetsWhatItMissed() throws Exception {
        ReceiverOptions durable = new ReceiverOptions().linkName(name);
        durable.sourceOptions().durabilityMode(DurabilityMode.UNSETTLED_STATE).expiryPolicy(ExpiryPolicy.NEVER);
        connection.openReceiver("news/#", durable).openFuture().get(20, TimeUnit.SECONDS);
        connection.close();
        connection = client.connect("127.0.0.1", host.port("amqp"));
        send(connection.openSender("news/today"), "missed");

        assertThat(body(connection.openReceiver("news/#", durable))).isEqualTo("missed");
    }

    @Test
    void aTransactionIsAllOrNothing() throws ClientException {
        Session session = connection.openSession();
        Sender sender = session.openSender("queues/" + name);
        session.beginTransaction();
        sender.send(Message.create("lost"));
        session.rollbackTransaction();
        session.beginTransaction();
        sender.send(Message.create("kept"));
        session.commitTransaction();

        Receiver receiver = session.openReceiver("queues/" + name);
        assertThat(body(receiver)).isEqualTo("kept");
        assertThat(receiver.receive(300, TimeUnit.MILLISECONDS)).isNull();
    }

    @Test
    void aMessageIsStreamedInAndOut() throws Exception {
        byte[] large = new byte[900_000];
        new Random(7).nextBytes(large);
        StreamReceiver receiver = connection.openStreamReceiver("streamed/" + name);
        receiver.openFuture().get(20, TimeUnit.SECONDS);
        StreamSender sender = connection.openStreamSender("streamed/" + name);
        StreamSenderMessage message = sender.beginMessage();
        try (OutputStream out = message.body(new OutputStreamOptions().bodyLength(large.length))) {
            out.write(large);
        }
        message.tracker().awaitAccepted(20, TimeUnit.SECONDS);

        try (InputStream in = receiver.receive(20, TimeUnit.SECONDS).message().body()) {
            assertThat(in.readNBytes(large.length)).isEqualTo(large);
        }
    }

    @Test
    void aRequestIsAnsweredAtADynamicAddress() throws ClientException {
        Receiver answers = connection.openDynamicReceiver();
        Sender requests = connection.openSender("$resources");
        Http.put(host, "/asked/1", JSON, "{\"a\":1}");
        requests.send(Message.create("")
                        .subject("get")
                        .to("asked/1")
                        .replyTo(answers.address())
                        .correlationId("c-1"))
                .awaitAccepted(20, TimeUnit.SECONDS);

        Message<Object> answer = next(answers).message();
        assertThat(answer.correlationId()).isEqualTo("c-1");
        assertThat(answer.property("statusCode")).isEqualTo(200);
        assertThat((byte[]) answer.body()).asString().isEqualTo("{\"a\":1}");
    }

    @Test
    void anAnonymousSenderSaysInEachMessageWhereItGoes() throws ClientException {
        Receiver receiver = connection.openReceiver("to/#");
        Sender sender = connection.openAnonymousSender();
        sender.send(Message.create("a").to("to/1")).awaitAccepted(20, TimeUnit.SECONDS);

        Message<Object> got = next(receiver).message();
        assertThat((Object) got.body()).isEqualTo("a");
        assertThat(got.annotation("x-opt-millrace-path")).isEqualTo("to/1");
    }

    @Test
    void aDrainedReceiverIsToldThatThereIsNoMore() throws Exception {
        Receiver receiver = connection.openReceiver("drained/" + name, new ReceiverOptions().creditWindow(0));
        receiver.addCredit(5);
        receiver.drain().get(20, TimeUnit.SECONDS);

        assertThat(receiver.tryReceive()).isNull();
    }

    @Test
    void unsettledAndSettledSendersReachMqtt() throws ClientException {
        try (Mosquitto.Subscriber subscriber = new Mosquitto(host.port("mqtt")).subscribe("-t", "both/+")) {
            send(connection.openSender("both/1", new SenderOptions().deliveryMode(DeliveryMode.AT_LEAST_ONCE)), "x");
            subscriber.await("both/1 x");
            connection
                    .openSender("both/2", new SenderOptions().deliveryMode(DeliveryMode.AT_MOST_ONCE))
                    .send(Message.create("y"));
            subscriber.await("both/1 x", "both/2 y");
        }
    }

    @Test
    void aRefusedAddressLeavesTheSessionAlone() throws Exception {
        Receiver refused = connection.openReceiver("a/#/b");
        assertThatThrownBy(() -> refused.openFuture().get(20, TimeUnit.SECONDS)).hasMessageContaining("a/#/b");

        send(connection.openSender("after/refusal"), "x");
    }
}
