package org.millrace.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import jakarta.jms.Topic;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.IntSupplier;
import java.util.stream.IntStream;
import org.apache.qpid.jms.JmsConnectionFactory;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * AMQP's promises while connections are cut and the server is killed, during sends and during acceptance: nothing that was
 * accepted is lost, what comes again is marked, and transactions are all or nothing.
 */
class AmqpUnderFireIT {
    @TempDir
    Path folder;

    @Test
    void nothingAcceptedIsLostAndWhatComesAgainIsMarked() throws Exception {
        sendAndReceive(3_000, 3);
    }

    @Test
    @Tag("slow")
    void nothingAcceptedIsLostAndWhatComesAgainIsMarkedInAHundredThousandMessages() throws Exception {
        sendAndReceive(50_000, 15);
    }

    @Test
    void transactionsAreAllOrNothing() throws Exception {
        move(200, 3);
    }

    @Test
    @Tag("slow")
    void tenThousandTransactionsAreAllOrNothing() throws Exception {
        move(10_000, 20);
    }

    private void sendAndReceive(int perSender, int kills) throws Exception {
        long seed = System.nanoTime();
        MillraceProcess host = MillraceProcess.start(folder.resolve("data"));
        AmqpFireReceiver.Seen[] seen = {new AmqpFireReceiver.Seen(), new AmqpFireReceiver.Seen()};
        List<AmqpFireSender> senders = new ArrayList<>();
        List<AmqpFireReceiver> receivers = new ArrayList<>();
        try (CuttingProxy proxy = new CuttingProxy(host.port("amqp"))) {
            for (int i = 0; i < 2; i++) {
                senders.add(new AmqpFireSender(proxy.port(), "queues/fire" + i, perSender));
                receivers.add(new AmqpFireReceiver(proxy.port(), "queues/fire" + i, seen[i], seed + i));
                receivers.add(new AmqpFireReceiver(proxy.port(), "queues/fire" + i, seen[i], seed + i + 10));
            }
            senders.forEach(Thread.ofVirtual()::start);
            receivers.forEach(Thread.ofVirtual()::start);
            IntSupplier progress = () -> seen[0].distinct() + seen[1].distinct();
            BooleanSupplier wrong = () -> !failures(seen, senders, receivers).isEmpty();
            host = fire(host, proxy, new Random(seed), 150, progress, 2 * perSender, kills, wrong);
            String what = "seed %d, %d and %d of %d seen, %d repeated"
                    .formatted(
                            seed,
                            seen[0].distinct(),
                            seen[1].distinct(),
                            perSender,
                            seen[0].repeated() + seen[1].repeated());
            System.err.println("amqp under fire: " + what);
            assertThat(failures(seen, senders, receivers)).as(what).isEmpty();
            assertThat(seen[0].distinct()).as(what).isEqualTo(perSender);
            assertThat(seen[1].distinct()).as(what).isEqualTo(perSender);
        } finally {
            receivers.forEach(AmqpFireReceiver::stop);
            host.kill();
        }
    }

    private static List<String> failures(
            AmqpFireReceiver.Seen[] seen, List<AmqpFireSender> senders, List<AmqpFireReceiver> receivers) {
        List<String> failures = new ArrayList<>(List.of(seen[0].failure(), seen[1].failure()));
        senders.forEach(sender -> failures.add(sender.failure()));
        receivers.forEach(receiver -> failures.add(receiver.failure()));
        failures.removeIf(String::isEmpty);
        return failures;
    }

    /** Cuts connections, one in a pause on average, and kills the server until all has come. */
    private MillraceProcess fire(
            MillraceProcess started,
            CuttingProxy proxy,
            Random random,
            int pauseMillis,
            IntSupplier progress,
            int all,
            int kills,
            BooleanSupplier wrong)
            throws Exception {
        MillraceProcess host = started;
        int killed = 0;
        long deadline = System.nanoTime() + TimeUnit.MINUTES.toNanos(kills > 5 ? 20 : 4);
        while (progress.getAsInt() < all && System.nanoTime() < deadline && !wrong.getAsBoolean()) {
            TimeUnit.MILLISECONDS.sleep(pauseMillis / 2 + random.nextInt(pauseMillis));
            proxy.cutOne(random);
            if (killed < kills && progress.getAsInt() > (killed + 1L) * all / (kills + 1)) {
                killed++;
                host.kill();
                host = MillraceProcess.start(folder.resolve("data"));
                proxy.target(host.port("amqp"));
            }
        }
        return host;
    }

    private void move(int count, int kills) throws Exception {
        long seed = System.nanoTime();
        MillraceProcess host = MillraceProcess.start(folder.resolve("data"));
        List<AmqpFireMover> movers = new ArrayList<>();
        try (CuttingProxy proxy = new CuttingProxy(host.port("amqp"))) {
            try (Connection connection = open(host, "filler")) {
                Session session = connection.createSession(true, Session.SESSION_TRANSACTED);
                MessageProducer producer = session.createProducer(session.createQueue("queues/from"));
                for (int i = 1; i <= count; i++) {
                    producer.send(session.createTextMessage("" + i));
                }
                session.commit();
            }
            for (int i = 0; i < 3; i++) {
                movers.add(new AmqpFireMover(proxy.port()));
            }
            movers.forEach(Thread.ofVirtual()::start);
            // What was committed and not known to be is not counted, so the end is what the queue says.
            IntSupplier progress =
                    () -> movers.stream().mapToInt(AmqpFireMover::committed).sum() + kills * 2;
            BooleanSupplier wrong =
                    () -> movers.stream().anyMatch(m -> !m.failure().isEmpty());
            host = fire(host, proxy, new Random(seed), 600, progress, count - count / 10, kills, wrong);
            assertThat(movers).extracting(AmqpFireMover::failure).containsOnly("");
            List<Integer> to = drain(host, "queues/to", count);
            List<Integer> audit = drain(host, "queues/audit", count);
            movers.forEach(AmqpFireMover::stop);
            System.err.printf(
                    "amqp transactions under fire: seed %d, %d of %d known to be committed%n",
                    seed, progress.getAsInt() - kills * 2, count);
            List<Integer> expected = IntStream.rangeClosed(1, count).boxed().toList();
            assertThat(to).as("seed %d", seed).containsExactlyInAnyOrderElementsOf(expected);
            assertThat(audit).as("seed %d", seed).containsExactlyInAnyOrderElementsOf(expected);
        } finally {
            host.kill();
        }
    }

    private static Connection open(MillraceProcess host, String clientId) throws JMSException {
        Connection opened = new JmsConnectionFactory("amqp://127.0.0.1:" + host.port("amqp")).createConnection();
        opened.setClientID(clientId);
        opened.start();
        return opened;
    }

    /** Takes all there is, which is at least a number of messages, and waits a little for more than that. */
    private static List<Integer> drain(MillraceProcess host, String queue, int count) throws JMSException {
        List<Integer> numbers = new ArrayList<>();
        try (Connection connection = open(host, "drain-" + queue)) {
            Session session = connection.createSession(false, Session.AUTO_ACKNOWLEDGE);
            MessageConsumer consumer = session.createConsumer(session.createQueue(queue));
            while (true) {
                Message message = consumer.receive(numbers.size() < count ? 20_000 : 300);
                if (message == null) {
                    return numbers;
                }
                numbers.add(Integer.valueOf(((TextMessage) message).getText()));
            }
        }
    }

    @Test
    void aDurableSubscriptionIsRecoveredAfterTheServerWasKilled() throws Exception {
        MillraceProcess first = MillraceProcess.start(folder.resolve("data"));
        Connection reading = open(first, "reader");
        Session session = reading.createSession(false, Session.CLIENT_ACKNOWLEDGE);
        Topic topic = session.createTopic("topics/news");
        MessageConsumer consumer = session.createDurableSubscriber(topic, "news");
        MessageProducer producer = session.createProducer(topic);
        for (String text : List.of("accepted", "unsettled", "unseen")) {
            producer.send(session.createTextMessage(text));
        }
        Message accepted = consumer.receive(10_000);
        accepted.acknowledge();
        assertThat(((TextMessage) consumer.receive(10_000)).getText()).isEqualTo("unsettled");
        // What was accepted counts once the place is written, a moment later.
        TimeUnit.MILLISECONDS.sleep(500);
        first.kill();
        try (MillraceProcess second = MillraceProcess.start(folder.resolve("data"));
                Connection again = open(second, "reader")) {
            Session recovered = again.createSession(false, Session.AUTO_ACKNOWLEDGE);
            recovered.createProducer(topic).send(recovered.createTextMessage("later"));
            MessageConsumer back = recovered.createDurableSubscriber(topic, "news");
            Message unsettled = back.receive(10_000);
            assertThat(((TextMessage) unsettled).getText()).isEqualTo("unsettled");
            assertThat(unsettled.getJMSRedelivered()).isTrue();
            assertThat(((TextMessage) back.receive(10_000)).getText()).isEqualTo("unseen");
            Message later = back.receive(10_000);
            assertThat(((TextMessage) later).getText()).isEqualTo("later");
            assertThat(later.getJMSRedelivered()).isFalse();
        }
    }
}
