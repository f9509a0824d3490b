package org.millrace.benchmarks.replication;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.util.List;

/** A nats-server with JetStream, as a child process on a free port of the loopback. */
final class NatsUnderTest implements AutoCloseable {
    private static final int TRIES = 600;

    private final Process process;
    private final int port;

    private NatsUnderTest(Process process, int port) {
        this.process = process;
        this.port = port;
    }

    static NatsUnderTest start(Path directory) throws IOException, InterruptedException {
        int port;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = socket.getLocalPort();
        }
        Process process = new ProcessBuilder(
                        List.of("nats-server", "-js", "-a", "127.0.0.1", "-p", "" + port, "-sd", directory.toString()))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        for (int i = 0; i < TRIES && process.isAlive(); i++) {
            try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
                if (socket.getInputStream().read() == 'I') {
                    return new NatsUnderTest(process, port);
                }
            } catch (IOException _) {
                // It does not listen yet.
            }
            Thread.sleep(50);
        }
        process.destroyForcibly();
        throw new IOException("nats-server did not start");
    }

    String url() {
        return "nats://127.0.0.1:" + port;
    }

    @Override
    public void close() {
        process.destroy();
        process.onExit().join();
    }
}
