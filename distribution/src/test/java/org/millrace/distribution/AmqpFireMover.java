package org.millrace.distribution;

import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import java.util.concurrent.TimeUnit;
import org.apache.qpid.jms.JmsConnectionFactory;

/**
 * Moves messages from one queue to two others, each in a transaction, and begins again whenever the connection breaks,
 * without knowing what became of the last transaction. Runs on a thread of its own.
 */
final class AmqpFireMover implements Runnable {
    private final int port;
    private volatile boolean stopped;
    private volatile int committed;
    private volatile String failure = "";

    AmqpFireMover(int port) {
        this.port = port;
    }

    @Override
    public void run() {
        JmsConnectionFactory factory = new JmsConnectionFactory("amqp://127.0.0.1:" + port
                + "?jms.connectTimeout=10000&jms.requestTimeout=10000&jms.sendTimeout=10000&jms.closeTimeout=1000");
        try {
            while (!stopped) {
                try (Connection connection = factory.createConnection()) {
                    connection.start();
                    move(connection.createSession(true, Session.SESSION_TRANSACTED));
                } catch (JMSException e) {
                    TimeUnit.MILLISECONDS.sleep(20); // the network is cut, or the server away: again
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException | Error e) {
            failure = "mover: " + e;
        }
    }

    private void move(Session session) throws JMSException {
        MessageConsumer from = session.createConsumer(session.createQueue("queues/from"));
        MessageProducer to = session.createProducer(session.createQueue("queues/to"));
        MessageProducer audit = session.createProducer(session.createQueue("queues/audit"));
        while (!stopped) {
            Message message = from.receive(200);
            if (message instanceof TextMessage text) {
                to.send(session.createTextMessage(text.getText()));
                audit.send(session.createTextMessage(text.getText()));
                session.commit();
                committed++;
            }
        }
    }

    void stop() {
        stopped = true;
    }

    int committed() {
        return committed;
    }

    String failure() {
        return failure;
    }
}
