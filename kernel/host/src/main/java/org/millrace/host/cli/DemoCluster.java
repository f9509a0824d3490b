package org.millrace.host.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A nats-server and three hosts as processes of this one, on the loopback. Used by one thread, but {@link #close}, which
 * any may call and which waits for the processes to end.
 */
final class DemoCluster implements AutoCloseable {
    private static final String NATS = "nats-server";
    private static final int NODES = 3;
    private static final long ENDING_SECONDS = 20;
    private static final int LAST_LINES = 10;
    private static final Path APT = Path.of("/usr/bin/apt-get");

    private final Path home;
    private final Path nats;
    private final Path directory;
    private final boolean isTemporary;
    private final Map<String, Process> processes = new LinkedHashMap<>();
    /** Held until the process ends, which frees it. */
    private @Nullable FileChannel lock;

    private boolean closed;

    /** Where a host listens. */
    private record Ports(int http, int mqtt, int amqp) {}

    /**
     * Prepares it.
     *
     * @param home the installation
     * @param nats the server's program
     * @param directory for all data and logs
     * @param isTemporary whether that is removed at the end
     */
    DemoCluster(Path home, Path nats, Path directory, boolean isTemporary) {
        this.home = home;
        this.nats = nats;
        this.directory = directory;
        this.isTemporary = isTemporary;
    }

    /**
     * Finds the nats-server; installs it where that is possible.
     *
     * @throws IOException if there is none, with what to do
     */
    static Path natsServer(PrintWriter told) throws IOException, InterruptedException {
        Path found = find();
        if (found == null && "root".equals(System.getProperty("user.name")) && Files.isExecutable(APT)) {
            told.println("There is no nats-server; installs Debian's");
            told.flush();
            new ProcessBuilder(APT.toString(), "install", "--yes", NATS)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start()
                    .waitFor();
            found = find();
        }
        if (found == null) {
            throw new IOException("the demo needs nats-server 2.9 or later on the PATH. Install it, on Debian with:"
                    + " apt-get install nats-server; elsewhere from nats.io");
        }
        return found;
    }

    private static @Nullable Path find() {
        String path = System.getenv().getOrDefault("PATH", "") + ":/usr/sbin:/usr/local/bin";
        for (String folder : path.split(":", -1)) {
            Path program = Path.of(folder, NATS);
            if (!folder.isEmpty() && Files.isExecutable(program)) {
                return program;
            }
        }
        return null;
    }

    /** Starts all and says where to look. */
    void start(PrintWriter out) throws IOException, InterruptedException {
        lock();
        int natsPort = free(4222);
        launch(
                NATS,
                List.of(
                        nats.toString(),
                        "-js",
                        "-a",
                        "127.0.0.1",
                        "-p",
                        "" + natsPort,
                        "-sd",
                        directory.resolve("nats").toString()));
        List<Ports> ports = new ArrayList<>();
        List<CompletableFuture<String>> ready = new ArrayList<>();
        for (int i = 1; i <= NODES; i++) {
            Ports of = new Ports(free(8079 + i), free(1882 + i), free(5671 + i));
            ports.add(of);
            BufferedReader output = launch("node" + i, host(i, natsPort, of)).inputReader();
            ready.add(CompletableFuture.supplyAsync(() -> line(output)));
        }
        for (int i = 1; i <= NODES; i++) {
            if (!ready.get(i - 1).join().startsWith("ready ")) {
                throw notStarted("node" + i);
            }
        }
        if (!process(NATS).isAlive()) {
            throw notStarted(NATS);
        }
        tell(out, natsPort, ports);
    }

    /** Two servers must not write one directory. */
    private synchronized void lock() throws IOException {
        lock = FileChannel.open(directory.resolve("demo.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        if (lock.tryLock() == null) {
            throw new IOException("a demo runs on " + directory.toAbsolutePath()
                    + " already. Stop it, or name another directory with --data");
        }
    }

    private synchronized Process process(String name) {
        return Objects.requireNonNull(processes.get(name));
    }

    /** With the end of its log, for that may be about to be removed. */
    private IOException notStarted(String name) throws IOException {
        if (isClosed()) {
            return new IOException("the demo is being stopped");
        }
        List<String> log = Files.readAllLines(directory.resolve(name + ".log"), StandardCharsets.UTF_8);
        return new IOException(name + " did not start. It said last:\n"
                + String.join("\n", log.subList(Math.max(0, log.size() - LAST_LINES), log.size())));
    }

    /** Whether this is being stopped, or has been. */
    synchronized boolean isClosed() {
        return closed;
    }

    private List<String> host(int number, int natsPort, Ports ports) {
        return List.of(
                home.resolve("bin/millrace").toString(),
                "start",
                "--data",
                directory.resolve("node" + number).toString(),
                "--set",
                "http.port=" + ports.http(),
                "--set",
                "mqtt.port=" + ports.mqtt(),
                "--set",
                "amqp.port=" + ports.amqp(),
                "--set",
                "cluster.name=demo",
                "--set",
                "cluster.node=node" + number,
                "--set",
                "cluster.nats=nats://127.0.0.1:" + natsPort);
    }

    private synchronized Process launch(String name, List<String> command) throws IOException {
        if (closed) {
            throw new IOException("the demo is being stopped");
        }
        Path log = directory.resolve(name + ".log");
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()));
        if (name.equals(NATS)) {
            builder.redirectOutput(ProcessBuilder.Redirect.DISCARD);
        }
        Process process = builder.start();
        processes.put(name, process);
        return process;
    }

    private static String line(BufferedReader output) {
        try {
            String line = output.readLine();
            return line == null ? "" : line;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A port that is free at the moment, the usual one if it is. */
    private static int free(int usual) throws IOException {
        try (ServerSocket socket = new ServerSocket(usual, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException taken) {
            try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
                return socket.getLocalPort();
            }
        }
    }

    private void tell(PrintWriter out, int natsPort, List<Ports> ports) {
        out.println("A cluster of three nodes is up, over NATS on 127.0.0.1:" + natsPort);
        for (int i = 1; i <= NODES; i++) {
            Ports of = ports.get(i - 1);
            out.println("  node" + i + "  http://127.0.0.1:" + of.http() + "  mqtt " + of.mqtt() + "  amqp " + of.amqp()
                    + "  data and log in " + directory.resolve("node" + i).toAbsolutePath() + "*");
        }
        Ports first = ports.getFirst();
        Ports last = ports.getLast();
        out.println("Write on one node, read and listen on another:");
        out.println("  mosquitto_sub -p " + ports.get(1).mqtt() + " -t 'sensors/#' -v");
        out.println("  curl -X PUT http://127.0.0.1:" + first.http()
                + "/sensors/hall -H 'Content-Type: application/json' -d '{\"temp\":21}'");
        out.println("  curl http://127.0.0.1:" + last.http() + "/sensors/hall");
        out.println("  curl 'http://127.0.0.1:" + first.http() + "/$sys/cluster'");
        out.println("  " + home.resolve("bin/millrace") + " cluster status --data "
                + directory.resolve("node1").toAbsolutePath());
        out.println("Ctrl-C stops all" + (isTemporary ? " and removes the data" : ""));
        out.flush();
    }

    /** Waits until one of the processes ends; returns its name. */
    String awaitEndOfAny() {
        List<Map.Entry<String, Process>> all;
        synchronized (this) {
            all = List.copyOf(processes.entrySet());
        }
        CompletableFuture.anyOf(
                        all.stream().map(entry -> entry.getValue().onExit()).toArray(CompletableFuture[]::new))
                .join();
        return all.stream()
                .filter(entry -> !entry.getValue().isAlive())
                .map(Map.Entry::getKey)
                .findFirst()
                .orElse("a process");
    }

    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        // The hosts first: they say goodbye to the server.
        List<Process> reversed = new ArrayList<>(processes.values()).reversed();
        reversed.stream().limit(Math.max(0, reversed.size() - 1)).forEach(Process::destroy);
        reversed.forEach(process -> {
            try {
                process.destroy();
                if (!process.waitFor(ENDING_SECONDS, TimeUnit.SECONDS)) {
                    process.destroyForcibly();
                }
            } catch (InterruptedException e) {
                process.destroyForcibly();
                Thread.currentThread().interrupt();
            }
        });
        if (isTemporary) {
            remove();
        }
    }

    private void remove() {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException | UncheckedIOException e) {
            System.err.println("millrace demo: " + directory + " could not be removed: " + e.getMessage());
        }
    }
}
