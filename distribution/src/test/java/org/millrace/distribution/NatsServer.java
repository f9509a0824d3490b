package org.millrace.distribution;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/**
 * A nats-server of a test's own, as a child process on a free port of the loopback, or in a network of its own. Used by one
 * thread.
 */
final class NatsServer implements AutoCloseable {
    private final Path directory;
    private final int port;
    private final @Nullable NetworkNamespace network;
    private final List<String> options;
    private Process process;

    private NatsServer(Path directory, int port, @Nullable NetworkNamespace network, List<String> options) {
        this.directory = directory;
        this.port = port;
        this.network = network;
        this.options = options;
    }

    static NatsServer start(Path directory, String... options) throws IOException {
        NatsServer server = new NatsServer(directory, freePort(), null, List.of(options));
        server.start();
        return server;
    }

    /** Starts one on a port of all addresses of a network. */
    static NatsServer startWithin(NetworkNamespace network, int port, Path directory) throws IOException {
        NatsServer server = new NatsServer(directory, port, network, List.of());
        server.start();
        return server;
    }

    static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    void start() throws IOException {
        List<String> command = new ArrayList<>(network == null ? List.of() : network.within());
        String address = network == null ? "127.0.0.1" : "0.0.0.0";
        command.addAll(List.of("nats-server", "-js", "-a", address, "-p", "" + port, "-sd", directory.toString()));
        command.addAll(options);
        process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(directory
                        .resolveSibling(directory.getFileName() + ".log")
                        .toFile()))
                .start();
        Awaitility.await().atMost(30, TimeUnit.SECONDS).until(this::answers);
    }

    private boolean answers() {
        if (!process.isAlive()) {
            throw new AssertionError("nats-server has ended; see " + directory + ".log");
        }
        try (Socket socket =
                network == null ? new Socket(InetAddress.getLoopbackAddress(), port) : network.connect(port)) {
            return socket.getInputStream().read() == 'I';
        } catch (IOException e) {
            return false;
        }
    }

    int port() {
        return port;
    }

    String url() {
        return "nats://127.0.0.1:" + port;
    }

    /** Ends it without warning. */
    void kill() {
        process.destroyForcibly();
        process.onExit().join();
    }

    /** Lets it hang, as a network that swallows everything does, until it is resumed. */
    void pause() throws IOException, InterruptedException {
        signal("-STOP");
    }

    void resume() throws IOException, InterruptedException {
        signal("-CONT");
    }

    private void signal(String name) throws IOException, InterruptedException {
        new ProcessBuilder("kill", name, Long.toString(process.pid())).start().waitFor();
    }

    @Override
    public void close() {
        kill();
    }
}
