package org.millrace.distribution;

import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.apache.qpid.protonj2.client.Client;
import org.apache.qpid.protonj2.client.Connection;
import org.apache.qpid.protonj2.client.Delivery;
import org.apache.qpid.protonj2.client.Receiver;
import org.apache.qpid.protonj2.client.ReceiverOptions;
import org.apache.qpid.protonj2.client.exceptions.ClientException;

/**
 * Consumes a queue over AMQP and connects again whenever the connection breaks. Now and then it holds what it got for a
 * while before it accepts, releases it, or says that delivery failed. Several may share what they have seen. Runs on a
 * thread of its own.
 */
final class AmqpFireReceiver implements Runnable {
    private final int port;
    private final String queue;
    private final Seen seen;
    private final Random random;
    private volatile boolean stopped;
    private volatile String failure = "";

    AmqpFireReceiver(int port, String queue, Seen seen, long seed) {
        this.port = port;
        this.queue = queue;
        this.seen = seen;
        this.random = new Random(seed);
    }

    /** What the receivers of a queue have seen, by the message's place in the stream. Safe for use by any thread. */
    static final class Seen {
        private final Set<Integer> numbers = ConcurrentHashMap.newKeySet();
        private final Set<Long> unmarked = new HashSet<>();
        private int repeated;
        private volatile String failure = "";

        synchronized void add(int number, long place, long deliveryCount) {
            numbers.add(number);
            if (deliveryCount > 0) {
                repeated++;
            } else if (!unmarked.add(place)) {
                failure = "message " + number + " at " + place + " came twice without being marked";
            }
        }

        int distinct() {
            return numbers.size();
        }

        synchronized int repeated() {
            return repeated;
        }

        String failure() {
            return failure;
        }
    }

    @Override
    public void run() {
        try (Client client = Client.create()) {
            while (!stopped) {
                try (Connection connection = client.connect("127.0.0.1", port, AmqpFireSender.options())) {
                    receive(connection.openReceiver(
                            queue, new ReceiverOptions().autoAccept(false).creditWindow(20)));
                } catch (ClientException e) {
                    TimeUnit.MILLISECONDS.sleep(20); // the network is cut, or the server away: again
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException | Error e) {
            failure = "receiver: " + e;
        }
    }

    private void receive(Receiver receiver) throws ClientException, InterruptedException {
        while (!stopped) {
            Delivery delivery = receiver.receive(200, TimeUnit.MILLISECONDS);
            if (delivery == null) {
                continue;
            }
            long place = ((Number) delivery.message().annotation("x-opt-sequence-number")).longValue();
            int number = Integer.parseInt((String) delivery.message().body());
            switch (random.nextInt(50)) {
                case 0 -> delivery.release();
                case 1 -> delivery.modified(true, false);
                case 2 -> {
                    seen.add(number, place, delivery.message().deliveryCount());
                    TimeUnit.MILLISECONDS.sleep(30);
                    delivery.accept();
                }
                default -> {
                    seen.add(number, place, delivery.message().deliveryCount());
                    delivery.accept();
                }
            }
        }
    }

    void stop() {
        stopped = true;
    }

    String failure() {
        return failure;
    }
}
