package org.millrace.plugin.amqp;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.apache.qpid.protonj2.client.Connection;
import org.apache.qpid.protonj2.client.Delivery;
import org.apache.qpid.protonj2.client.DurabilityMode;
import org.apache.qpid.protonj2.client.ExpiryPolicy;
import org.apache.qpid.protonj2.client.Message;
import org.apache.qpid.protonj2.client.Receiver;
import org.apache.qpid.protonj2.client.ReceiverOptions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** A host and a connection to it. */
abstract class AmqpTestBase {
    AmqpHost amqp;
    Connection connection;

    @BeforeEach
    void start() throws Exception {
        amqp = AmqpHost.start("dead-letter-table", "dead", "max-deliveries", "3");
        connection = amqp.connectAs("first");
    }

    @AfterEach
    void stop() throws Exception {
        connection.close();
        amqp.close();
    }

    static Delivery next(Receiver receiver) throws Exception {
        Delivery delivery = receiver.receive(10, TimeUnit.SECONDS);
        assertThat(delivery).as("a delivery within 10 s").isNotNull();
        return delivery;
    }

    static void nothing(Receiver receiver) throws Exception {
        assertThat(receiver.receive(200, TimeUnit.MILLISECONDS)).isNull();
    }

    static String text(Delivery delivery) throws Exception {
        Object body = delivery.message().body();
        return body instanceof byte[] bytes ? new String(bytes, StandardCharsets.UTF_8) : String.valueOf(body);
    }

    void send(String address, String... texts) throws Exception {
        try (var sender = connection.openSender(address)) {
            for (String text : texts) {
                sender.send(Message.create(text)).awaitAccepted(10, TimeUnit.SECONDS);
            }
        }
    }

    static ReceiverOptions byHand() {
        return new ReceiverOptions().autoAccept(false);
    }

    static ReceiverOptions durable(String name) {
        ReceiverOptions options = byHand().linkName(name);
        options.sourceOptions().durabilityMode(DurabilityMode.UNSETTLED_STATE).expiryPolicy(ExpiryPolicy.NEVER);
        return options;
    }
}
