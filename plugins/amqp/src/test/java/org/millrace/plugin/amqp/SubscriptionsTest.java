package org.millrace.plugin.amqp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.qpid.protonj2.client.Connection;
import org.apache.qpid.protonj2.client.Delivery;
import org.apache.qpid.protonj2.client.Message;
import org.apache.qpid.protonj2.client.Receiver;
import org.apache.qpid.protonj2.client.ReceiverOptions;
import org.apache.qpid.protonj2.client.Sender;
import org.apache.qpid.protonj2.client.exceptions.ClientException;
import org.apache.qpid.protonj2.types.DescribedType;
import org.apache.qpid.protonj2.types.Symbol;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

class SubscriptionsTest extends AmqpTestBase {
    @Test
    void aDurableSubscriptionGetsWhatCameWhileItsClientWasAway() throws Exception {
        Receiver receiver = connection.openReceiver("news/#", durable("reader"));
        receiver.openFuture().get();
        send("news/a", "1", "2");
        next(receiver).accept();
        next(receiver);
        receiver.detach();
        send("news/b", "3");

        Receiver again = connection.openReceiver("news/#", durable("reader"));
        Delivery second = next(again);
        assertThat(text(second)).isEqualTo("2");
        assertThat(second.message().deliveryCount()).isEqualTo(1);
        assertThat(text(next(again))).isEqualTo("3");
        nothing(again);
    }

    @Test
    void aClosedDurableSubscriptionBeginsAnew() throws Exception {
        Receiver receiver = connection.openReceiver("news/#", durable("reader"));
        receiver.openFuture().get();
        receiver.close();
        send("news/a", "missed");

        Receiver again = connection.openReceiver("news/#", durable("reader"));
        again.openFuture().get();
        nothing(again);
    }

    @Test
    void aSubscriptionThatIsAttachedElsewhereIsStolen() throws Exception {
        Receiver receiver = connection.openReceiver("news/#", durable("reader"));
        receiver.openFuture().get();
        Connection other = amqp.connectAs("first");
        Receiver thief = other.openReceiver("news/#", durable("reader"));
        thief.openFuture().get();
        send("news/a", "1");

        assertThat(text(next(thief))).isEqualTo("1");
        assertThatThrownBy(() -> receiver.receive(10, TimeUnit.SECONDS))
                .isInstanceOf(ClientException.class)
                .hasMessageContaining("another connection");
        other.close();
    }

    @Test
    void receiversOfASharedSubscriptionGetAPartEach() throws Exception {
        Receiver one = connection.openReceiver("news/#", shared("team|1"));
        Receiver two = connection.openReceiver("news/#", shared("team|2"));
        one.openFuture().get();
        two.openFuture().get();
        send("news/a", "1", "2", "3", "4");

        Awaitility.await()
                .atMost(10, TimeUnit.SECONDS)
                .until(() -> one.queuedDeliveries() + two.queuedDeliveries() == 4);
        assertThat(one.queuedDeliveries()).isEqualTo(2);
    }

    private static ReceiverOptions shared(String name) {
        ReceiverOptions options = new ReceiverOptions().linkName(name);
        options.sourceOptions().capabilities("shared", "topic");
        return options;
    }

    private static ReceiverOptions filtered(String name, Object value) {
        ReceiverOptions options = new ReceiverOptions();
        Map<String, Object> filters = new HashMap<>();
        filters.put(name, new Filter(name, value));
        options.sourceOptions().filters(filters);
        return options;
    }

    private record Filter(String name, Object value) implements DescribedType {
        @Override
        public Object getDescriptor() {
            return Symbol.valueOf(name);
        }

        @Override
        public Object getDescribed() {
            return value;
        }
    }

    @Test
    void aSelectorChoosesByProperties() throws Exception {
        Receiver red = connection.openReceiver(
                "news/#", filtered("apache.org:selector-filter:string", "color = 'red' AND weight > 2"));
        red.openFuture().get();
        Sender sender = connection.openSender("news/a");
        sender.send(Message.create("1").property("color", "red").property("weight", 1));
        sender.send(Message.create("2").property("color", "blue").property("weight", 5));
        sender.send(Message.create("3").property("color", "red").property("weight", 5));

        assertThat(text(next(red))).isEqualTo("3");
        assertThat(red.source().filters()).containsKey("apache.org:selector-filter:string");
    }

    @Test
    void aBadSelectorIsRefused() throws Exception {
        Receiver receiver = connection.openReceiver("news/#", filtered("apache.org:selector-filter:string", "color ="));

        assertThatThrownBy(() -> receiver.openFuture().get(10, TimeUnit.SECONDS))
                .hasMessageContaining("color =");
    }

    @Test
    void anUnknownFilterIsLeftOutOfTheEcho() throws Exception {
        Receiver receiver = connection.openReceiver("news/#", filtered("com.example:unknown", "x"));
        receiver.openFuture().get(10, TimeUnit.SECONDS);

        assertThat(receiver.source().filters()).isNullOrEmpty();
    }

    @Test
    void aReceiverStartsWhereItSays() throws Exception {
        Receiver live = connection.openReceiver("news/#");
        live.openFuture().get();
        send("news/a", "1", "2", "3");
        next(live);
        Delivery second = next(live);
        String offset = (String) second.message().annotation("x-opt-offset");
        long number = (long) second.message().annotation("x-opt-sequence-number");

        assertThat(text(next(connection.openReceiver("news/#", filtered("millrace:start", offset)))))
                .isEqualTo("3");
        assertThat(text(next(connection.openReceiver("news/#", filtered("millrace:start", "first")))))
                .isEqualTo("1");
        assertThat(text(next(connection.openReceiver("news/#", filtered("rabbitmq:stream-offset-spec", "last")))))
                .isEqualTo("3");
        assertThat(text(next(connection.openReceiver("news/#", filtered("rabbitmq:stream-offset-spec", number)))))
                .isEqualTo("2");
        assertThat(text(next(connection.openReceiver(
                        "news/#",
                        filtered(
                                "apache.org:selector-filter:string",
                                "amqp.annotation.x-opt-sequence-number > '" + number + "'")))))
                .isEqualTo("3");
    }

    private String first(String filter, Object value) throws Exception {
        try (Receiver receiver = connection.openReceiver("news/#", filtered(filter, value))) {
            return text(next(receiver));
        }
    }

    private String firstWhere(String annotation) throws Exception {
        return first("apache.org:selector-filter:string", "amqp.annotation." + annotation);
    }

    @Test
    void eventHubsSelectorsSayWhereToStart() throws Exception {
        Receiver live = connection.openReceiver("news/#");
        live.openFuture().get();
        send("news/a", "1");
        Delivery one = next(live);
        long time = (long) one.message().annotation("x-opt-enqueued-time");
        Awaitility.await().until(() -> System.currentTimeMillis() > time);
        send("news/a", "2");
        String offset = (String) one.message().annotation("x-opt-offset");
        long number = (long) one.message().annotation("x-opt-sequence-number");

        assertThat(firstWhere("x-opt-offset > '" + offset + "'")).isEqualTo("2");
        assertThat(firstWhere("x-opt-offset > '-1'")).isEqualTo("1");
        assertThat(firstWhere("x-opt-sequence-number >= '" + number + "'")).isEqualTo("1");
        assertThat(firstWhere("x-opt-sequence-number > " + number)).isEqualTo("2");
        assertThat(firstWhere("x-opt-enqueued-time >= '" + time + "'")).isEqualTo("1");
        assertThat(firstWhere("x-opt-enqueued-time > '" + time + "'")).isEqualTo("2");
        Receiver latest = connection.openReceiver(
                "news/#", filtered("apache.org:selector-filter:string", "amqp.annotation.x-opt-offset > '@latest'"));
        latest.openFuture().get();
        send("news/a", "3");
        assertThat(text(next(latest))).isEqualTo("3");
    }

    @Test
    void rabbitMqsOffsetsSayWhereToStart() throws Exception {
        send("news/a", "1", "2");

        assertThat(first("rabbitmq:stream-offset-spec", "first")).isEqualTo("1");
        assertThat(first("rabbitmq:stream-offset-spec", "last")).isEqualTo("2");
        assertThat(first("rabbitmq:stream-offset-spec", "10m")).isEqualTo("1");
        assertThat(first("rabbitmq:stream-offset-spec", new java.util.Date(0))).isEqualTo("1");
        Receiver next = connection.openReceiver("news/#", filtered("rabbitmq:stream-offset-spec", "next"));
        next.openFuture().get();
        send("news/a", "3");
        assertThat(text(next(next))).isEqualTo("3");
        Receiver bad = connection.openReceiver("news/#", filtered("rabbitmq:stream-offset-spec", "soon"));
        assertThatThrownBy(() -> bad.openFuture().get(10, TimeUnit.SECONDS)).hasMessageContaining("write first, last");
    }
}
