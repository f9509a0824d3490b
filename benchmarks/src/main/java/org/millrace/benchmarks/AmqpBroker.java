package org.millrace.benchmarks;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** A broker that was started for the load, on a free loopback port, with a heap of 1 GiB at most. */
final class AmqpBroker implements AutoCloseable {
    private static final String HEAP = "-Xmx1g";

    private final String name;
    private final Process process;
    private final InetSocketAddress address;

    private AmqpBroker(String name, Process process, InetSocketAddress address) {
        this.name = name;
        this.process = process;
        this.address = address;
    }

    /** Millrace from an unpacked distribution, in its default configuration. */
    static AmqpBroker millrace(Path home, Path folder) throws IOException {
        int port = freePort();
        ProcessBuilder command = new ProcessBuilder(
                home.resolve("bin/millrace").toString(),
                "start",
                "--data",
                folder.resolve("millrace").toString(),
                "--set",
                "http.port=0",
                "--set",
                "mqtt.port=0",
                "--set",
                "amqp.port=" + port);
        command.environment().put("JAVA_OPTS", HEAP);
        return start("Millrace", port, folder, command);
    }

    /** Apache Artemis from a folder of jars; see the program for how it is configured. */
    static AmqpBroker artemis(Path jars, Path program, Path folder) throws IOException {
        int port = freePort();
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        return start(
                "Artemis",
                port,
                folder,
                new ProcessBuilder(
                        java,
                        HEAP,
                        "-cp",
                        jars + "/*",
                        program.toString(),
                        String.valueOf(port),
                        folder.resolve("artemis").toString()));
    }

    private static AmqpBroker start(String name, int port, Path folder, ProcessBuilder command) throws IOException {
        Path log = folder.resolve(name + ".log");
        Process process =
                command.redirectErrorStream(true).redirectOutput(log.toFile()).start();
        AmqpBroker broker =
                new AmqpBroker(name, process, new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (!broker.listens()) {
            if (!process.isAlive() || System.nanoTime() > end) {
                broker.close();
                throw new IOException(name + " did not start:\n" + Files.readString(log));
            }
            try {
                Thread.sleep(100);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException("interrupted while " + name + " started", e);
            }
        }
        return broker;
    }

    private boolean listens() {
        try (Socket probe = new Socket()) {
            probe.connect(address, 1_000);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    String name() {
        return name;
    }

    InetSocketAddress address() {
        return address;
    }

    /** User and system time used so far, as the kernel counts it. */
    Duration cpuTime() {
        return process.toHandle().info().totalCpuDuration().orElse(Duration.ZERO);
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(30, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
