package org.millrace.plugin.amqp;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.qpid.protonj2.client.Connection;
import org.apache.qpid.protonj2.client.Message;
import org.apache.qpid.protonj2.client.Receiver;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

class AbandonedTest {
    private static List<String> places(AmqpHost amqp) {
        List<String> names = new ArrayList<>();
        amqp.host().context("amqp", Map.of()).store().forEach("place/", (name, place) -> names.add(name));
        return names;
    }

    @Test
    void whatNobodyReceivesFromIsRemovedAndTheRestIsKept() throws Exception {
        try (AmqpHost amqp = AmqpHost.start("abandoned-after", "2s");
                Connection connection = amqp.connectAs("first")) {
            Receiver gone = connection.openReceiver("news/#", AmqpTestBase.durable("gone"));
            Receiver there = connection.openReceiver("news/#", AmqpTestBase.durable("there"));
            gone.openFuture().get();
            there.openFuture().get();
            connection.openSender("queues/unread").send(Message.create("x")).awaitAccepted(10, TimeUnit.SECONDS);
            gone.detach();
            assertThat(places(amqp)).hasSize(3);

            Awaitility.await()
                    .atMost(30, TimeUnit.SECONDS)
                    .untilAsserted(() -> assertThat(places(amqp)).hasSize(1).allMatch(name -> name.endsWith("there")));
        }
    }
}
