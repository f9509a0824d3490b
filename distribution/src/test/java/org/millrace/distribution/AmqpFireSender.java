package org.millrace.distribution;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;
import org.apache.qpid.protonj2.client.Client;
import org.apache.qpid.protonj2.client.Connection;
import org.apache.qpid.protonj2.client.ConnectionOptions;
import org.apache.qpid.protonj2.client.Message;
import org.apache.qpid.protonj2.client.Sender;
import org.apache.qpid.protonj2.client.Tracker;
import org.apache.qpid.protonj2.client.exceptions.ClientException;

/**
 * Sends the numbers from 1 on to a queue over AMQP, some under way at a time, and sends those again whose acceptance it did
 * not see before the connection broke. Runs on a thread of its own.
 */
final class AmqpFireSender implements Runnable {
    private static final int UNDER_WAY = 30;

    private final int port;
    private final String queue;
    private final int count;
    private volatile int accepted;
    private volatile String failure = "";

    AmqpFireSender(int port, String queue, int count) {
        this.port = port;
        this.queue = queue;
        this.count = count;
    }

    private record Sent(int number, Tracker tracker) {}

    @Override
    public void run() {
        try (Client client = Client.create()) {
            while (accepted < count) {
                try (Connection connection = client.connect("127.0.0.1", port, options())) {
                    send(connection.openSender(queue));
                } catch (ClientException e) {
                    TimeUnit.MILLISECONDS.sleep(20); // the network is cut, or the server away: again
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException | Error e) {
            failure = "sender: " + e;
        }
    }

    static ConnectionOptions options() {
        return new ConnectionOptions()
                .openTimeout(10_000)
                .requestTimeout(10_000)
                .sendTimeout(10_000)
                .closeTimeout(1_000);
    }

    private void send(Sender sender) throws ClientException {
        Deque<Sent> underWay = new ArrayDeque<>();
        int next = accepted + 1;
        while (accepted < count) {
            while (next <= count && underWay.size() < UNDER_WAY) {
                underWay.add(
                        new Sent(next, sender.send(Message.create("" + next).durable(true))));
                next++;
            }
            Sent first = underWay.remove();
            first.tracker().awaitAccepted(10, TimeUnit.SECONDS);
            accepted = first.number();
        }
    }

    boolean isDone() {
        return accepted == count;
    }

    int accepted() {
        return accepted;
    }

    String failure() {
        return failure;
    }
}
