package org.millrace.distribution;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Three installed hosts and a NATS server, to which anything can happen: nodes and NATS are killed, or hang, a node is
 * restarted, cut off or has a slow line, the disk of one is full, the clock of one is wrong. NATS and each node have a
 * network of their own where the machine allows that. For one thread.
 */
final class FaultyCluster implements AutoCloseable {
    static final int NODES = 3;
    static final List<String> LISTENERS = List.of("http", "mqtt", "amqp");

    /** The node whose clock can be wrong. */
    private static final int WRONG_CLOCK = 0;

    /** The node whose disk can be full. */
    private static final int FULL_DISK = NODES - 1;

    private static final int DISK_FULL_STATUS = 507;

    private final Path folder;
    private final Path disk;
    private final Path fakeTime;
    private final Deque<AutoCloseable> parts = new ConcurrentLinkedDeque<>();

    /** So that nothing is left behind either by a test that is stopped. */
    private final Thread atShutdown = new Thread(this::closeParts);

    private final NatsServer nats;
    private final NodeLine[] lines = new NodeLine[NODES];
    private final @Nullable MillraceProcess[] hosts = new MillraceProcess[NODES];
    private final int[][] ports = new int[NODES][];

    /** What happens between the nodes, for a time. */
    enum LineFault {
        CUT_OFF,
        SLOW_LINE,
        NATS_KILLED,
        NATS_HANGS
    }

    /** What happens to a node. */
    enum NodeFault {
        KILLED,
        RESTARTED,
        DISK_FULL
    }

    private FaultyCluster(Path folder) throws IOException, InterruptedException {
        this.folder = folder;
        this.disk = DiskLibrary.compile(folder);
        this.fakeTime = fakeTime();
        setClock(0);
        String obstacle = OwnNetwork.obstacle();
        Runtime.getRuntime().addShutdownHook(atShutdown);
        try {
            if (obstacle.isEmpty()) {
                NetworkNamespace hub = part(NetworkNamespace.create());
                nats = part(NatsServer.startWithin(hub, OwnNetwork.NATS_PORT, folder.resolve("nats")));
                for (int node = 0; node < NODES; node++) {
                    lines[node] = part(OwnNetwork.create(hub, node));
                }
            } else {
                System.out.println(
                        "All nodes are on the loopback, for a network of their own is not to be had: " + obstacle);
                nats = part(NatsServer.start(folder.resolve("nats")));
                for (int node = 0; node < NODES; node++) {
                    lines[node] = part(NodeLine.onLoopback(nats.port()));
                }
            }
            for (int node = 0; node < NODES; node++) {
                ports[node] = lines[node].ports();
                int of = node;
                parts.push(() -> closeHost(of));
            }
            IntStream.range(0, NODES).parallel().forEach(this::start);
        } catch (Throwable e) {
            close();
            throw e;
        }
    }

    /** Starts all; if one does not start, there is none. */
    static FaultyCluster start(Path folder) throws Exception {
        return new FaultyCluster(folder);
    }

    private <T extends AutoCloseable> T part(T part) {
        parts.push(part);
        return part;
    }

    private static Path fakeTime() throws IOException {
        try (Stream<Path> libraries =
                Files.find(Path.of("/usr/lib"), 3, (file, attributes) -> file.endsWith("faketime/libfaketime.so.1"))) {
            return libraries.findFirst().orElseThrow();
        }
    }

    /** Starts a node, again where it was before. */
    private void start(int node) {
        List<String> options = new ArrayList<>(List.of(
                "--set",
                "cluster.nats=" + lines[node].nats(),
                "--set",
                "cluster.node=n" + node,
                // What is to be seen is what replication does, not what a comparison mends.
                "--set",
                "cluster.compare-every=1d",
                "--set",
                "cluster.streams=" + System.getProperty("millrace.cluster.streams", "1"),
                "--set",
                "journal.segment-size=1MiB",
                "--set",
                "log.level=info"));
        for (int i = 0; i < LISTENERS.size(); i++) {
            options.add("--set");
            options.add(LISTENERS.get(i) + ".port=" + ports[node][i]);
        }
        MillraceProcess host = MillraceProcess.start(
                lines[node].within(), data(node), environment(node), options.toArray(String[]::new));
        hosts[node] = host;
        for (int i = 0; i < LISTENERS.size(); i++) {
            ports[node][i] = host.port(LISTENERS.get(i));
        }
    }

    private Map<String, String> environment(int node) {
        return switch (node) {
            case WRONG_CLOCK ->
                Map.of(
                        "LD_PRELOAD",
                        fakeTime.toString(),
                        "FAKETIME_TIMESTAMP_FILE",
                        clock().toString(),
                        "FAKETIME_CACHE_DURATION",
                        "1",
                        "FAKETIME_DONT_FAKE_MONOTONIC",
                        "1",
                        // Or else every timed wait of the host would end at once, and all its threads go round.
                        "FAKETIME_FORCE_MONOTONIC_FIX",
                        "0");
            case FULL_DISK ->
                Map.of(
                        "LD_PRELOAD",
                        disk.toString(),
                        "DISK_ROOT",
                        data(node).toAbsolutePath().toString(),
                        "DISK_FAULTS",
                        diskFaults().toString());
            default -> Map.of();
        };
    }

    private Path clock() {
        return folder.toAbsolutePath().resolve("clock");
    }

    private Path diskFaults() {
        return folder.toAbsolutePath().resolve("disk-faults");
    }

    Path data(int node) {
        return folder.resolve("node" + node);
    }

    MillraceProcess host(int node) {
        MillraceProcess host = hosts[node];
        if (host == null) {
            throw new IllegalStateException("node " + node + " has not been started");
        }
        return host;
    }

    List<MillraceProcess> hosts() {
        return IntStream.range(0, NODES).mapToObj(this::host).toList();
    }

    /** A node's ports, as {@link #LISTENERS}. */
    int[] ports(int node) {
        return ports[node].clone();
    }

    Mosquitto mosquitto(int node) {
        return new Mosquitto(ports[node][1]);
    }

    /** Sets how much the clock of one node is ahead of the others'. */
    void setClock(int seconds) throws IOException {
        Path next = clock().resolveSibling("clock.next");
        Files.writeString(next, (seconds < 0 ? "" : "+") + seconds + "s\n");
        Files.move(next, clock(), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    /** Lets both happen, the second within the first or after it; in the end all is well again. Tells what it was. */
    String befall(LineFault lineFault, NodeFault nodeFault, Random random, String table) throws Exception {
        int there = random.nextInt(NODES);
        int victim = nodeFault == NodeFault.DISK_FULL ? FULL_DISK : random.nextInt(NODES);
        boolean meanwhile = random.nextBoolean();
        begin(lineFault, there, 50 + random.nextInt(200));
        try {
            TimeUnit.MILLISECONDS.sleep(500 + random.nextInt(meanwhile ? 1_000 : 3_000));
            if (meanwhile) {
                befall(nodeFault, victim, table);
            }
        } finally {
            end(lineFault, there);
        }
        if (!meanwhile) {
            TimeUnit.MILLISECONDS.sleep(random.nextInt(1_000));
            befall(nodeFault, victim, table);
        }
        boolean ofNode = lineFault == LineFault.CUT_OFF || lineFault == LineFault.SLOW_LINE;
        return lineFault + (ofNode ? " node " + there : "") + (meanwhile ? ", meanwhile node " : ", then node ")
                + victim + " " + nodeFault;
    }

    private void begin(LineFault fault, int node, long delayMillis) throws Exception {
        switch (fault) {
            case CUT_OFF -> lines[node].cut();
            case SLOW_LINE -> lines[node].delay(delayMillis);
            case NATS_KILLED -> nats.kill();
            case NATS_HANGS -> nats.pause();
        }
    }

    private void end(LineFault fault, int node) throws Exception {
        switch (fault) {
            case CUT_OFF, SLOW_LINE -> lines[node].heal();
            case NATS_KILLED -> nats.start();
            case NATS_HANGS -> nats.resume();
        }
    }

    private void befall(NodeFault fault, int node, String table) throws Exception {
        switch (fault) {
            case KILLED -> {
                host(node).kill();
                start(node);
            }
            case RESTARTED -> {
                int code = host(node).stop();
                if (code != 0) {
                    throw new AssertionError("a node that was told to stop ends with " + code + "\n"
                            + host(node).log());
                }
                start(node);
            }
            case DISK_FULL -> fillDisk(table);
        }
    }

    private void fillDisk(String table) throws Exception {
        Files.writeString(diskFaults(), "S");
        try {
            // What is kept free for the journal has to be used up before it is felt.
            String filler = "\"" + "x".repeat(200_000) + "\"";
            for (int i = 0; i < 40 && fill(table, filler) != DISK_FULL_STATUS; i++) {
                TimeUnit.MILLISECONDS.sleep(10);
            }
            TimeUnit.MILLISECONDS.sleep(500);
        } finally {
            Files.delete(diskFaults());
        }
    }

    private int fill(String table, String filler) {
        return Http.put(host(FULL_DISK), "/fill" + table + "/r", Http.JSON, filler)
                .statusCode();
    }

    private void closeHost(int node) {
        MillraceProcess host = hosts[node];
        if (host != null) {
            host.close();
        }
    }

    @Override
    public void close() {
        Runtime.getRuntime().removeShutdownHook(atShutdown);
        closeParts();
    }

    /** Ends all there is, the last begun first, whatever any of it says to that. */
    private void closeParts() {
        AssertionError failed = new AssertionError("the cluster did not end well");
        for (AutoCloseable part = parts.poll(); part != null; part = parts.poll()) {
            try {
                part.close();
            } catch (Exception | AssertionError e) {
                failed.addSuppressed(e);
            }
        }
        if (failed.getSuppressed().length > 0) {
            throw failed;
        }
    }
}
