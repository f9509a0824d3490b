package org.millrace.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;

/** Requests and messages without pause, each kind on a connection that is opened once. */
final class SteadyLoad implements AutoCloseable {
    private static final long PAUSE_NANOS = 1_000_000;

    private final KeptConnection http;
    private final Publisher publisher;
    private final Thread requests;
    private final AtomicReference<String> failure = new AtomicReference<>();
    private volatile boolean stopping;
    private volatile int answered;

    SteadyLoad(MillraceProcess host) throws IOException {
        http = new KeptConnection(host.port("http"));
        publisher = new Publisher(host.port("mqtt"));
        requests = Thread.ofVirtual().start(this::ask);
        Thread.ofVirtual().start(publisher);
    }

    private void ask() {
        try {
            while (!stopping) {
                if (!http.get("/$sys/health").contains("200 OK")) {
                    failure.compareAndSet(null, "an answer that is no 200");
                }
                answered++;
                LockSupport.parkNanos(PAUSE_NANOS);
            }
        } catch (IOException e) {
            failure.compareAndSet(null, e.toString());
        }
    }

    void expectNoFailure() {
        assertThat(failure.get()).as("HTTP under load").isNull();
        assertThat(publisher.failure()).isEmpty();
        assertThat(publisher.connections()).as("connections of the publisher").isEqualTo(1);
    }

    void stopAndExpectNoFailure() throws InterruptedException {
        stopping = true;
        publisher.stopping = true;
        requests.join();
        assertThat(answered).as("requests answered").isPositive();
        assertThat(publisher.acknowledged).as("messages acknowledged").isPositive();
        expectNoFailure();
    }

    @Override
    public void close() throws Exception {
        stopping = true;
        publisher.stopping = true;
        http.close();
    }

    /** Publishes one message after another at QoS 1; its connections are counted. */
    private static final class Publisher extends FireClient {
        private volatile boolean stopping;
        private volatile int acknowledged;

        Publisher(int port) {
            super("load", port);
        }

        @Override
        boolean isDone() {
            return stopping;
        }

        @Override
        void serve(Line line) throws IOException {
            while (!stopping) {
                line.send(0x32, publish("load/1", acknowledged % 65_535 + 1, acknowledged));
                line.read();
                acknowledged++;
                LockSupport.parkNanos(PAUSE_NANOS);
            }
        }
    }
}
