package org.millrace.distribution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Three installed hosts and a NATS server. Clients write to all of them, over HTTP and MQTT, while nodes and NATS are
 * killed, or hang, while a node is cut off or has a slow line, and while the disk of one is full; the clock of one is
 * ahead all the time. After that all nodes must hold the same, nothing acknowledged may be missing, and who follows a node
 * must have seen what it ended with.
 */
class ClusterIT {
    private static final int NODES = 3;
    private static final int FAULTS = 6;
    private static final Duration HEALING = Duration.ofSeconds(120);
    private static final Pattern ROW =
            Pattern.compile("\\{\"id\":\"([^\"]*)\",\"etag\":\"([0-9a-f]+)-([0-9a-f]+)\",\"value\":(\\{[^}]*})}");

    private static final Pattern NUMBER = Pattern.compile("\"n\":(\\d+)");

    @TempDir
    static Path folder;

    private static final String AHEAD = "+7s";

    private static NatsServer nats;
    private static Path disk;
    private static Path fakeTime;
    private static final FaultyLink[] LINKS = new FaultyLink[NODES];
    private static final MillraceProcess[] HOSTS = new MillraceProcess[NODES];
    private static final String[][] PORTS = new String[NODES][];

    @BeforeAll
    static void startCluster() throws Exception {
        nats = NatsServer.start(folder.resolve("nats"));
        disk = DiskLibrary.compile(folder);
        try (Stream<Path> libraries =
                Files.find(Path.of("/usr/lib"), 3, (file, attributes) -> file.endsWith("faketime/libfaketime.so.1"))) {
            fakeTime = libraries.findFirst().orElseThrow();
        }
        for (int node = 0; node < NODES; node++) {
            LINKS[node] = FaultyLink.to(nats.port());
        }
        IntStream.range(0, NODES).parallel().forEach(node -> {
            HOSTS[node] = MillraceProcess.start(folder.resolve("node" + node), environment(node), options(node));
            PORTS[node] = new String[] {"" + HOSTS[node].port("http"), "" + HOSTS[node].port("mqtt")};
        });
    }

    @AfterAll
    static void stopCluster() throws IOException {
        for (MillraceProcess host : HOSTS) {
            if (host != null) {
                host.close();
            }
        }
        for (FaultyLink link : LINKS) {
            link.close();
        }
        nats.close();
    }

    private static String[] options(int node) {
        return new String[] {
            "--set",
            "cluster.nats=" + LINKS[node].url(),
            "--set",
            "cluster.node=n" + node,
            "--set",
            "journal.segment-size=1MiB",
            "--set",
            "log.level=info"
        };
    }

    /** The first node's clock is ahead; the last node's disk can be full. */
    private static Map<String, String> environment(int node) {
        return switch (node) {
            case 0 ->
                Map.of(
                        "LD_PRELOAD",
                        fakeTime.toString(),
                        "FAKETIME",
                        AHEAD,
                        "FAKETIME_DONT_FAKE_MONOTONIC",
                        "1",
                        // Or else every timed wait of the host would end at once, and all its threads go round.
                        "FAKETIME_FORCE_MONOTONIC_FIX",
                        "0");
            case NODES - 1 ->
                Map.of(
                        "LD_PRELOAD",
                        disk.toString(),
                        "DISK_ROOT",
                        folder.toAbsolutePath().resolve("node" + node).toString(),
                        "DISK_FAULTS",
                        faults().toString());
            default -> Map.of();
        };
    }

    private static Path faults() {
        return folder.toAbsolutePath().resolve("disk-faults");
    }

    private static void restart(int node) {
        String[] base = options(node);
        String[] all = java.util.Arrays.copyOf(base, base.length + 4);
        all[base.length] = "--set";
        all[base.length + 1] = "http.port=" + PORTS[node][0];
        all[base.length + 2] = "--set";
        all[base.length + 3] = "mqtt.port=" + PORTS[node][1];
        HOSTS[node] = MillraceProcess.start(folder.resolve("node" + node), environment(node), all);
    }

    @Test
    void nodesAgreeAfterFaults() throws Exception {
        for (long seed = 1; seed <= 3; seed++) {
            survive(seed);
        }
    }

    @Test
    @Tag("slow")
    void nodesAgreeAfterFaultsAgainAndAgain() throws Exception {
        for (long seed = 101; seed <= 120; seed++) {
            survive(seed);
        }
    }

    @Test
    void theStatusNamesTheNodesAndEndsWithSuccess() throws Exception {
        await().atMost(HEALING).untilAsserted(() -> {
            String cluster = Http.text(Http.get(HOSTS[0], "/$sys/cluster"));
            assertThat(cluster).contains("\"state\":\"running\"", "\"node\":\"n1\"", "\"node\":\"n2\"");
        });
        Process status = new ProcessBuilder(
                        Path.of(System.getProperty("millrace.home"), "bin/millrace")
                                .toString(),
                        "cluster",
                        "status",
                        "--data",
                        folder.resolve("node0").toString())
                .redirectErrorStream(true)
                .start();
        String shown = new String(status.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(status.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(shown).contains("cluster millrace, node n0", "running", "node n1", "node n2", "present");
        assertThat(Http.text(Http.get(HOSTS[0], "/$sys/metrics"))).contains("millrace_cluster_connected 1");
    }

    @Test
    void whoFollowedOneNodeGoesOnAtAnother() {
        // A place is known elsewhere if it is later than when the nodes first told each other how far they are.
        await().atMost(HEALING).ignoreException(ConditionTimeoutException.class).untilAsserted(() -> {
            Http.put(HOSTS[0], "/cursors/1", Http.JSON, "0");
            String id;
            try (Curl curl = new Curl(HOSTS[0], "/cursors/1")) {
                curl.awaitLine("event: caught-up");
                Http.put(HOSTS[0], "/cursors/1", Http.JSON, "1");
                curl.awaitLine("data: 1");
                id = curl.lastId();
            }
            Http.put(HOSTS[2], "/cursors/1", Http.JSON, "2");
            try (Curl curl = new Curl(HOSTS[1], "/cursors/1", "-H", "Last-Event-ID: " + id)) {
                curl.awaitLine("data: 2");
            }
        });
    }

    @Test
    void eventsOfQosZeroReachTheSubscribersOfAllNodes() throws Exception {
        try (Mosquitto.Subscriber subscriber =
                new Mosquitto(Integer.parseInt(PORTS[1][1])).subscribe("-q", "0", "-t", "passing/#")) {
            await().atMost(HEALING).untilAsserted(() -> {
                new Mosquitto(Integer.parseInt(PORTS[0][1])).publish("-q", "0", "-t", "passing/1", "-m", "x");
                assertThat(subscriber.lines()).contains("passing/1 x");
            });
        }
        assertThat(Http.get(HOSTS[1], "/passing/1").statusCode()).isEqualTo(404);
    }

    private static void survive(long seed) throws Exception {
        System.out.println("ClusterIT with seed " + seed);
        Random random = new Random(seed);
        String table = "c" + seed;
        Mosquitto.Subscriber[] followers = new Mosquitto.Subscriber[NODES];
        ClusterWriter[] writers = new ClusterWriter[NODES];
        try {
            for (int node = 0; node < NODES; node++) {
                followers[node] = new Mosquitto(Integer.parseInt(PORTS[node][1]))
                        .subscribe(
                                "-V",
                                "mqttv5",
                                "-q",
                                "1",
                                "-c",
                                "-x",
                                "3600",
                                "-i",
                                "f" + seed + node,
                                "-t",
                                table + "/#");
                writers[node] = ClusterWriter.start(PORTS[node], table, node, seed);
            }
            for (int fault = 0; fault < 2; fault++) {
                TimeUnit.MILLISECONDS.sleep(300 + random.nextInt(700));
                befall((fault + (int) (seed * 2 % FAULTS)) % FAULTS, random, table);
            }
            TimeUnit.MILLISECONDS.sleep(500);
        } finally {
            for (ClusterWriter writer : writers) {
                if (writer != null) {
                    writer.stop();
                }
            }
        }
        try {
            check(seed, table, writers, followers);
        } finally {
            for (Mosquitto.Subscriber follower : followers) {
                follower.close();
            }
        }
    }

    private static void befall(int fault, Random random, String table) throws Exception {
        int victim = random.nextInt(NODES);
        switch (fault) {
            case 0 -> {
                HOSTS[victim].kill();
                restart(victim);
            }
            case 1 -> {
                nats.kill();
                TimeUnit.MILLISECONDS.sleep(random.nextInt(1_000));
                nats.start();
            }
            case 2 -> {
                LINKS[victim].cut();
                TimeUnit.MILLISECONDS.sleep(1_000 + random.nextInt(4_000));
                LINKS[victim].heal();
            }
            case 3 -> {
                Files.writeString(faults(), "S");
                // What is kept free for the journal has to be used up before it is felt.
                String filler = "\"" + "x".repeat(200_000) + "\"";
                for (int i = 0; i < 40 && put(NODES - 1, "/fill" + table + "/r", filler) != 507; i++) {
                    TimeUnit.MILLISECONDS.sleep(10);
                }
                TimeUnit.MILLISECONDS.sleep(500);
                Files.delete(faults());
            }
            case 4 -> {
                LINKS[victim].delay(50 + random.nextInt(200));
                TimeUnit.MILLISECONDS.sleep(2_000);
                LINKS[victim].heal();
            }
            default -> {
                nats.pause();
                TimeUnit.MILLISECONDS.sleep(1_000 + random.nextInt(5_000));
                nats.resume();
            }
        }
    }

    private static int put(int node, String path, String content) {
        return Http.put(HOSTS[node], path, Http.JSON, content).statusCode();
    }

    private static void check(long seed, String table, ClusterWriter[] writers, Mosquitto.Subscriber[] followers)
            throws Exception {
        await().atMost(HEALING).pollInterval(Duration.ofMillis(200)).untilAsserted(() -> {
            Set<String> hashes = new HashSet<>();
            for (MillraceProcess host : HOSTS) {
                hashes.add(hash(listing(host, table)));
                assertThat(Http.text(Http.get(host, "/$sys/cluster"))).contains("\"state\":\"running\"");
            }
            assertThat(hashes).as("seed %d", seed).hasSize(1);
            for (ClusterWriter writer : writers) {
                assertThat(missing(listing(HOSTS[0], table), writer))
                        .as("seed %d: acknowledged by node %d, neither there nor superseded", seed, writer.node())
                        .isEmpty();
            }
        });
        checkFields(seed, table, writers);
        Map<String, String> end = new HashMap<>();
        Matcher rows = ROW.matcher(listing(HOSTS[0], table));
        while (rows.find()) {
            end.put(rows.group(1), rows.group(4));
        }
        int acknowledged = 0;
        for (ClusterWriter writer : writers) {
            acknowledged += writer.acknowledged().size();
        }
        System.out.println("seed " + seed + ": " + acknowledged + " writes acknowledged, " + end.size() + " records");
        assertThat(acknowledged).isGreaterThan(50);
        for (int node = 0; node < NODES; node++) {
            Mosquitto.Subscriber follower = followers[node];
            int of = node;
            await().atMost(HEALING)
                    .untilAsserted(() -> assertThat(lastSeen(follower, table))
                            .as("seed %d: what the follower of node %d saw last", seed, of)
                            .isEqualTo(end));
        }
    }

    /** The last patch of each node has prevailed in its own field, and every increment counts once. */
    private static void checkFields(long seed, String table, ClusterWriter[] writers) {
        String fields = Http.text(Http.get(HOSTS[0], "/" + table + "/fields"));
        long least = 0;
        long most = 0;
        for (ClusterWriter writer : writers) {
            Matcher field = Pattern.compile("\"f" + writer.node() + "\":(\\d+)").matcher(fields);
            assertThat(writer.field() == 0 || field.find())
                    .as("seed %d: the field of node %d in %s", seed, writer.node(), fields)
                    .isTrue();
            if (writer.field() > 0) {
                assertThat(Integer.parseInt(field.group(1)))
                        .as("seed %d: the field of node %d", seed, writer.node())
                        .isGreaterThanOrEqualTo(writer.field());
            }
            least += writer.counted();
            most += writer.counted() + writer.maybeCounted();
        }
        Matcher count = NUMBER.matcher(Http.text(Http.get(HOSTS[1], "/" + table + "/count")));
        assertThat(count.find() ? Long.parseLong(count.group(1)) : 0)
                .as("seed %d: the count", seed)
                .isBetween(least, most);
    }

    private static String listing(MillraceProcess host, String table) {
        return Http.text(Http.get(host, "/" + table + "/"));
    }

    private static String hash(String text) throws Exception {
        return HexFormat.of()
                .formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
    }

    /** What was acknowledged and is neither there nor superseded by a later version or a removal. */
    private static List<String> missing(String listing, ClusterWriter writer) {
        Map<String, Long> clocks = new HashMap<>();
        Map<String, Integer> numbers = new HashMap<>();
        Matcher rows = ROW.matcher(listing);
        while (rows.find()) {
            clocks.put(rows.group(1), Long.parseUnsignedLong(rows.group(2), 16));
            Matcher number = NUMBER.matcher(rows.group(4));
            numbers.put(rows.group(1), number.find() ? Integer.parseInt(number.group(1)) : 0);
        }
        return writer.acknowledged().stream()
                .filter(write -> {
                    Long clock = clocks.get(write.id());
                    boolean hot = write.id().startsWith("hot");
                    if (clock == null) {
                        return !hot; // only those are ever removed
                    }
                    // Nobody else writes to a client's own records, so a later state has a greater number.
                    return Long.compareUnsigned(clock, write.clock()) < 0
                            || !hot && numbers.get(write.id()) < write.number();
                })
                .map(ClusterWriter.Acknowledged::toString)
                .toList();
    }

    private static Map<String, String> lastSeen(Mosquitto.Subscriber follower, String table) {
        Map<String, String> last = new HashMap<>();
        for (String line : follower.lines()) {
            int space = line.indexOf(' ');
            String id = line.substring(table.length() + 1, space);
            String payload = line.substring(space + 1);
            if (payload.isEmpty()) {
                last.remove(id);
            } else {
                last.put(id, payload);
            }
        }
        return last;
    }
}
