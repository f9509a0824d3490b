package org.millrace.benchmarks.replication;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.millrace.benchmarks.BrokerProcess;

/** A nats-server with JetStream, as a child process on a free port of the loopback. */
final class NatsUnderTest implements AutoCloseable {
    private final BrokerProcess broker;

    private NatsUnderTest(BrokerProcess broker) {
        this.broker = broker;
    }

    static NatsUnderTest start(Path directory) throws IOException {
        Files.createDirectories(directory);
        int port = BrokerProcess.freePort();
        ProcessBuilder command = new ProcessBuilder(
                "nats-server", "-js", "-a", "127.0.0.1", "-p", "" + port, "-sd", directory.toString());
        return new NatsUnderTest(BrokerProcess.start("nats-server", port, directory, command));
    }

    String url() {
        return "nats://127.0.0.1:" + broker.address().getPort();
    }

    @Override
    public void close() {
        broker.close();
    }
}
