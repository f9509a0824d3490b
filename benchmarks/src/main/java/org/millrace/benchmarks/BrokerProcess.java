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

/** The process of a broker that was started for the load, on a free loopback port. Used by one thread. */
public final class BrokerProcess implements AutoCloseable {
    private final String name;
    private final Process process;
    private final InetSocketAddress address;

    private BrokerProcess(String name, Process process, InetSocketAddress address) {
        this.name = name;
        this.process = process;
        this.address = address;
    }

    /**
     * Starts a broker and waits until it listens; what it says goes to a file of the folder.
     *
     * @param name for messages and the file
     * @param port that the command has it listen on
     * @param folder for the file
     * @param command starts it
     * @return the running broker
     * @throws IOException if it does not listen within a minute, with what it said
     */
    public static BrokerProcess start(String name, int port, Path folder, ProcessBuilder command) throws IOException {
        Path log = folder.resolve(name.replaceAll("[^A-Za-z]", "") + ".log");
        Process process =
                command.redirectErrorStream(true).redirectOutput(log.toFile()).start();
        InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
        BrokerProcess broker = new BrokerProcess(name, process, address);
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (!listens(address)) {
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

    private static boolean listens(InetSocketAddress address) {
        try (Socket probe = new Socket()) {
            probe.connect(address, 1_000);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    /**
     * A port that nobody listens on.
     *
     * @return of the loopback
     * @throws IOException if there is none
     */
    public static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    String name() {
        return name;
    }

    /**
     * Where it listens.
     *
     * @return a loopback address
     */
    public InetSocketAddress address() {
        return address;
    }

    /** User and system time used so far, as the kernel counts it. */
    Duration cpuTime() {
        return process.toHandle().info().totalCpuDuration().orElse(Duration.ZERO);
    }

    /** Resident memory in bytes. */
    long residentBytes() throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/" + process.pid() + "/status"))) {
            if (line.startsWith("VmRSS:")) {
                return Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024;
            }
        }
        throw new IOException("no VmRSS of " + name);
    }

    /** Bytes of heap in use after a collection; -1 of a broker that is not written in Java. */
    long collectedHeap() throws IOException {
        boolean java = Files.readString(Path.of("/proc/" + process.pid() + "/comm"))
                .strip()
                .equals("java");
        return java ? Heap.collected(process.pid()) : -1;
    }

    @Override
    public void close() {
        end(process);
    }

    /** Asks a child to end, and ends it if it does not within half a minute. */
    static void end(Process process) {
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
