package org.millrace.benchmarks;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A broker that was started for the load, on a free loopback port. */
final class MqttBroker implements AutoCloseable {
    private final String name;
    private final Process process;
    private final InetSocketAddress address;

    private MqttBroker(String name, Process process, InetSocketAddress address) {
        this.name = name;
        this.process = process;
        this.address = address;
    }

    /** Millrace from an unpacked distribution, in its default configuration. */
    static MqttBroker millrace(Path home, Path folder) throws IOException {
        int port = freePort();
        Path data = folder.resolve("millrace");
        return start(
                "Millrace",
                port,
                folder,
                home.resolve("bin/millrace").toString(),
                "start",
                "--data",
                data.toString(),
                "--set",
                "http.port=0",
                "--set",
                "mqtt.port=" + port);
    }

    /** Debian's mosquitto; durable makes it save after each change, which is as near as it comes. */
    static MqttBroker mosquitto(Path folder, boolean durable) throws IOException {
        int port = freePort();
        Path config = folder.resolve("mosquitto.conf");
        String saved = durable
                ? "persistence true\npersistence_location " + folder
                        + "/\nautosave_on_changes true\nautosave_interval 1\n"
                : "persistence false\n";
        Files.writeString(
                config,
                "listener " + port
                        + " 127.0.0.1\nallow_anonymous true\nset_tcp_nodelay true\nlog_type error\nuser root\n"
                        + saved);
        return start(durable ? "mosquitto, saving" : "mosquitto", port, folder, "mosquitto", "-c", config.toString());
    }

    /** Moquette from a folder of jars. */
    static MqttBroker moquette(Path jars, Path folder) throws IOException {
        int port = freePort();
        Path config = Files.createDirectories(folder.resolve("moquette/config")).resolve("moquette.conf");
        Files.writeString(
                config,
                "port " + port + "\nhost 127.0.0.1\nallow_anonymous true\ntelemetry_enabled false\ndata_path "
                        + folder.resolve("moquette") + "\npersistence_enabled false\n");
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        return start(
                "Moquette",
                port,
                folder,
                java,
                "-Dmoquette.path=" + folder.resolve("moquette"),
                "-cp",
                jars + "/*",
                "io.moquette.broker.Server");
    }

    private static MqttBroker start(String name, int port, Path folder, String... command) throws IOException {
        Path log = folder.resolve(name.replaceAll("[^A-Za-z]", "") + ".log");
        Process process = new ProcessBuilder(new ArrayList<>(List.of(command)))
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
        MqttBroker broker = new MqttBroker(name, process, address);
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
        process.destroy();
        try {
            if (!process.waitFor(20, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
