package org.millrace.distribution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.charset.StandardCharsets;
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
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Three installed hosts and a NATS server. Clients write to all of them, over HTTP and MQTT, while nodes and NATS are
 * killed, or hang. After that all nodes must hold the same, nothing acknowledged may be missing, and who follows a node
 * must have seen what it ended with.
 */
class ClusterIT {
    private static final int NODES = 3;
    private static final Duration HEALING = Duration.ofSeconds(120);
    private static final Pattern ROW =
            Pattern.compile("\\{\"id\":\"([^\"]*)\",\"etag\":\"([0-9a-f]+)-([0-9a-f]+)\",\"value\":(\\{[^}]*})}");

    private static final Pattern NUMBER = Pattern.compile("\"n\":(\\d+)");

    @TempDir
    static Path folder;

    private static NatsServer nats;
    private static final MillraceProcess[] HOSTS = new MillraceProcess[NODES];
    private static final String[][] PORTS = new String[NODES][];

    @BeforeAll
    static void startCluster() throws Exception {
        nats = NatsServer.start(folder.resolve("nats"));
        IntStream.range(0, NODES).parallel().forEach(node -> {
            HOSTS[node] = MillraceProcess.start(folder.resolve("node" + node), options(node));
            PORTS[node] = new String[] {"" + HOSTS[node].port("http"), "" + HOSTS[node].port("mqtt")};
        });
    }

    @AfterAll
    static void stopCluster() {
        for (MillraceProcess host : HOSTS) {
            if (host != null) {
                host.close();
            }
        }
        nats.close();
    }

    private static String[] options(int node) {
        return new String[] {
            "--set", "cluster.nats=" + nats.url(), "--set", "cluster.node=n" + node, "--set", "log.level=info"
        };
    }

    private static void restart(int node) {
        String[] base = options(node);
        String[] all = java.util.Arrays.copyOf(base, base.length + 4);
        all[base.length] = "--set";
        all[base.length + 1] = "http.port=" + PORTS[node][0];
        all[base.length + 2] = "--set";
        all[base.length + 3] = "mqtt.port=" + PORTS[node][1];
        HOSTS[node] = MillraceProcess.start(folder.resolve("node" + node), all);
    }

    @Test
    void nodesAgreeAfterFaults() throws Exception {
        for (long seed = 1; seed <= 2; seed++) {
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
            for (int fault = 0; fault < 3; fault++) {
                TimeUnit.MILLISECONDS.sleep(300 + random.nextInt(700));
                switch ((fault + (int) (seed % 3)) % 3) {
                    case 0 -> {
                        int victim = random.nextInt(NODES);
                        HOSTS[victim].kill();
                        restart(victim);
                    }
                    case 1 -> {
                        nats.kill();
                        TimeUnit.MILLISECONDS.sleep(random.nextInt(1_000));
                        nats.start();
                    }
                    default -> {
                        nats.pause();
                        TimeUnit.MILLISECONDS.sleep(1_000 + random.nextInt(5_000));
                        nats.resume();
                    }
                }
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
