package org.millrace.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.jms.BytesMessage;
import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import jakarta.jms.MapMessage;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.ObjectMessage;
import jakarta.jms.Queue;
import jakarta.jms.QueueBrowser;
import jakarta.jms.Session;
import jakarta.jms.StreamMessage;
import jakarta.jms.TemporaryQueue;
import jakarta.jms.TextMessage;
import jakarta.jms.Topic;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Random;
import org.apache.qpid.jms.JmsConnectionFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;

/** Qpid JMS against an installed host; each test uses destinations of its own. */
class JmsIT {
    private static final long WAIT = 15_000;

    @TempDir
    static Path folder;

    private static MillraceProcess host;

    private String name;
    private Connection connection;
    private Session session;

    @BeforeAll
    static void startHost() {
        host = MillraceProcess.start(folder.resolve("data"));
    }

    @AfterAll
    static void stopHost() {
        assertThat(host.stop()).isZero();
    }

    @BeforeEach
    void connect(TestInfo test) throws JMSException {
        name = test.getTestMethod().orElseThrow().getName();
        connection = open(name);
        session = connection.createSession(false, Session.AUTO_ACKNOWLEDGE);
    }

    @AfterEach
    void disconnect() throws JMSException {
        connection.close();
    }

    private static Connection open(String clientId) throws JMSException {
        return open("amqp://127.0.0.1:" + host.port("amqp"), clientId);
    }

    private static Connection open(String uri, String clientId) throws JMSException {
        Connection opened = new JmsConnectionFactory(uri).createConnection();
        opened.setClientID(clientId);
        opened.start();
        return opened;
    }

    private void send(jakarta.jms.Destination to, String... texts) throws JMSException {
        try (MessageProducer producer = session.createProducer(to)) {
            for (String text : texts) {
                producer.send(session.createTextMessage(text));
            }
        }
    }

    private static String text(MessageConsumer consumer) throws JMSException {
        Message message = consumer.receive(WAIT);
        assertThat(message).as("a message in time").isInstanceOf(TextMessage.class);
        return ((TextMessage) message).getText();
    }

    @Test
    void aQueueKeepsMessagesUntilTheyAreConsumed() throws JMSException {
        Queue queue = session.createQueue(name);
        send(queue, "a", "b");
        MessageConsumer consumer = session.createConsumer(queue);

        assertThat(text(consumer)).isEqualTo("a");
        assertThat(text(consumer)).isEqualTo("b");
        assertThat(consumer.receiveNoWait()).isNull();
    }

    @Test
    void everySubscriberOfATopicGetsACopy() throws JMSException {
        Topic topic = session.createTopic("topics/" + name);
        MessageConsumer one = session.createConsumer(topic);
        MessageConsumer two = session.createConsumer(topic);
        send(topic, "a");

        assertThat(text(one)).isEqualTo("a");
        assertThat(text(two)).isEqualTo("a");
    }

    @Test
    void aDurableSubscriberGetsWhatItMissed() throws JMSException {
        Topic topic = session.createTopic("topics/" + name);
        session.createDurableSubscriber(topic, "reader").close();
        send(topic, "a", "b");

        MessageConsumer again = session.createDurableSubscriber(topic, "reader");
        assertThat(text(again)).isEqualTo("a");
        assertThat(text(again)).isEqualTo("b");
        again.close();
        session.unsubscribe("reader");
        send(topic, "c");
        assertThat(session.createDurableSubscriber(topic, "reader").receive(300))
                .isNull();
    }

    @Test
    void sharedConsumersDivideTheMessages() throws JMSException {
        Topic topic = session.createTopic("topics/" + name);
        MessageConsumer one = session.createSharedConsumer(topic, "team");
        MessageConsumer two = session.createSharedConsumer(topic, "team");
        send(topic, "a", "b", "c", "d");

        int count = 0;
        for (int i = 0; i < 8 && count < 4; i++) {
            count += one.receive(500) != null ? 1 : 0;
            count += two.receive(500) != null ? 1 : 0;
        }
        assertThat(count).isEqualTo(4);
        assertThat(one.receiveNoWait()).isNull();
        assertThat(two.receiveNoWait()).isNull();
    }

    @Test
    void aSharedDurableSubscriptionOutlivesItsConsumers() throws JMSException {
        Topic topic = session.createTopic("topics/" + name);
        session.createSharedDurableConsumer(topic, "team").close();
        send(topic, "a");

        assertThat(text(session.createSharedDurableConsumer(topic, "team"))).isEqualTo("a");
    }

    @Test
    void aSelectorChooses() throws JMSException {
        Queue queue = session.createQueue(name);
        MessageConsumer red = session.createConsumer(queue, "color = 'red' AND weight > 2");
        MessageConsumer rest = session.createConsumer(queue, "color <> 'red'");
        try (MessageProducer producer = session.createProducer(queue)) {
            TextMessage message = session.createTextMessage("red");
            message.setStringProperty("color", "red");
            message.setIntProperty("weight", 5);
            producer.send(message);
            TextMessage other = session.createTextMessage("blue");
            other.setStringProperty("color", "blue");
            producer.send(other);
        }

        assertThat(text(rest)).isEqualTo("blue");
        assertThat(text(red)).isEqualTo("red");
    }

    @Test
    void aCommittedTransactionCountsAndARolledBackOneDoesNot() throws JMSException {
        Queue queue = session.createQueue(name);
        Session transacted = connection.createSession(true, Session.SESSION_TRANSACTED);
        MessageProducer producer = transacted.createProducer(queue);
        producer.send(transacted.createTextMessage("lost"));
        transacted.rollback();
        producer.send(transacted.createTextMessage("kept"));
        transacted.commit();

        MessageConsumer consumer = transacted.createConsumer(queue);
        assertThat(text(consumer)).isEqualTo("kept");
        transacted.rollback();
        Message again = consumer.receive(WAIT);
        assertThat(((TextMessage) again).getText()).isEqualTo("kept");
        assertThat(again.getJMSRedelivered()).isTrue();
        transacted.commit();
        assertThat(consumer.receive(300)).isNull();
    }

    @Test
    void aBrowserLooksAndLeaves() throws JMSException {
        Queue queue = session.createQueue(name);
        send(queue, "a", "b");
        try (QueueBrowser browser = session.createBrowser(queue)) {
            assertThat(Collections.list(browser.getEnumeration())).hasSize(2);
        }
        assertThat(text(session.createConsumer(queue))).isEqualTo("a");
    }

    @Test
    void aTemporaryQueueTakesTheAnswer() throws JMSException {
        TemporaryQueue answers = session.createTemporaryQueue();
        Queue requests = session.createQueue(name);
        TextMessage request = session.createTextMessage("question");
        request.setJMSReplyTo(answers);
        request.setJMSCorrelationID("c-1");
        session.createProducer(requests).send(request);

        Message received = session.createConsumer(requests).receive(WAIT);
        TextMessage answer = session.createTextMessage("answer");
        answer.setJMSCorrelationID(received.getJMSCorrelationID());
        session.createProducer(received.getJMSReplyTo()).send(answer);

        Message got = session.createConsumer(answers).receive(WAIT);
        assertThat(got.getJMSCorrelationID()).isEqualTo("c-1");
        assertThat(((TextMessage) got).getText()).isEqualTo("answer");
    }

    @Test
    void aLargeMessageArrivesWhole() throws JMSException {
        byte[] large = new byte[900_000];
        new Random(5).nextBytes(large);
        Queue queue = session.createQueue(name);
        BytesMessage message = session.createBytesMessage();
        message.writeBytes(large);
        session.createProducer(queue).send(message);

        BytesMessage back = (BytesMessage) session.createConsumer(queue).receive(WAIT);
        byte[] read = new byte[(int) back.getBodyLength()];
        back.readBytes(read);
        assertThat(read).isEqualTo(large);
    }

    @Test
    void everyKindOfMessageKeepsItsKind() throws JMSException {
        Queue queue = session.createQueue(name);
        MessageProducer producer = session.createProducer(queue);
        MapMessage map = session.createMapMessage();
        map.setInt("n", 5);
        producer.send(map);
        StreamMessage stream = session.createStreamMessage();
        stream.writeLong(7);
        producer.send(stream);
        ObjectMessage object = session.createObjectMessage("serial");
        producer.send(object);
        producer.send(session.createMessage());

        MessageConsumer consumer = session.createConsumer(queue);
        assertThat(((MapMessage) consumer.receive(WAIT)).getInt("n")).isEqualTo(5);
        assertThat(((StreamMessage) consumer.receive(WAIT)).readLong()).isEqualTo(7);
        assertThat(((ObjectMessage) consumer.receive(WAIT)).getObject()).isEqualTo("serial");
        assertThat(consumer.receive(WAIT)).isNotNull();
    }

    @Test
    void aQueueSurvivesKillingTheHost(@TempDir Path own) throws JMSException {
        MillraceProcess first = MillraceProcess.start(own.resolve("data"));
        int port = first.port("amqp");
        Connection producing = open("amqp://127.0.0.1:" + port, "producing");
        Session out = producing.createSession(false, Session.AUTO_ACKNOWLEDGE);
        MessageProducer producer = out.createProducer(out.createQueue("jobs"));
        for (int i = 0; i < 10; i++) {
            producer.send(out.createTextMessage("m" + i));
        }
        first.kill();
        try (MillraceProcess second = MillraceProcess.start(own.resolve("data"))) {
            Connection consuming = open("amqp://127.0.0.1:" + second.port("amqp"), "consuming");
            Session in = consuming.createSession(false, Session.AUTO_ACKNOWLEDGE);
            MessageConsumer consumer = in.createConsumer(in.createQueue("jobs"));
            for (int i = 0; i < 10; i++) {
                assertThat(text(consumer)).isEqualTo("m" + i);
            }
            consuming.close();
        }
    }

    @Test
    void aClientFailsOverToARestartedHost(@TempDir Path own) throws JMSException {
        MillraceProcess first = MillraceProcess.start(own.resolve("data"));
        int port = first.port("amqp");
        Connection reconnecting = open("failover:(amqp://127.0.0.1:" + port + ")?failover.reconnectDelay=50", "again");
        Session in = reconnecting.createSession(false, Session.AUTO_ACKNOWLEDGE);
        Queue queue = in.createQueue("jobs");
        MessageConsumer consumer = in.createConsumer(queue);
        MessageProducer producer = in.createProducer(queue);
        producer.send(in.createTextMessage("before"));
        assertThat(text(consumer)).isEqualTo("before");
        first.kill();
        try (MillraceProcess second = MillraceProcess.start(own.resolve("data"), "--set", "amqp.port=" + port)) {
            producer.send(in.createTextMessage("after"));
            assertThat(text(consumer)).isIn("before", "after");
            assertThat(second.isAlive()).isTrue();
            reconnecting.close();
        }
    }
}
