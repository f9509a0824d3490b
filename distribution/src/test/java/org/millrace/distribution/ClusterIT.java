package org.millrace.distribution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
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
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Clients write to all nodes of a {@link FaultyCluster}, over HTTP, MQTT and AMQP, while some of the things that can happen
 * to it do. After that all nodes must hold the same, nothing acknowledged may be missing, and who follows a node must have
 * seen what is in the {@link ClusterHistory}. What happens follows from a seed; {@code -Dmillrace.cluster.seeds=3,102} runs
 * those in place of the first three, and {@code -Dmillrace.cluster.streams=3} divides the tables, of which each seed has
 * one, among so many streams.
 */
class ClusterIT {
    private static final Duration HEALING = Duration.ofSeconds(120);
    private static final int ROUNDS = 2;

    /** Seconds the clock of a node can be ahead or behind; versions of more than a minute ahead have to wait. */
    private static final int MOST_WRONG = 20;

    private static final List<FaultyCluster.LineFault> LINE_FAULTS = List.of(FaultyCluster.LineFault.values());
    private static final List<FaultyCluster.NodeFault> NODE_FAULTS = List.of(FaultyCluster.NodeFault.values());

    private static final Pattern ID = Pattern.compile("\"id\":");
    private static final Pattern ROW =
            Pattern.compile("\\{\"id\":\"([^\"]*)\",\"etag\":\"([0-9a-f]+)-[0-9a-f]+\",\"value\":(\\{[^}]*})}");

    @TempDir
    static Path folder;

    private static FaultyCluster cluster;

    @BeforeAll
    static void startCluster() throws Exception {
        cluster = FaultyCluster.start(folder);
    }

    @AfterAll
    static void stopCluster() {
        if (cluster != null) {
            cluster.close();
        }
    }

    private static LongStream seeds() {
        return Stream.of(System.getProperty("millrace.cluster.seeds", "1,2,3").split(",", -1))
                .mapToLong(Long::parseLong);
    }

    private static LongStream manySeeds() {
        return LongStream.rangeClosed(101, 120);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void nodesAgreeAfterFaults(long seed) throws Exception {
        survive(seed);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("manySeeds")
    @Tag("slow")
    void nodesAgreeAfterFaultsAgainAndAgain(long seed) throws Exception {
        survive(seed);
    }

    @Test
    void theStatusNamesTheNodesAndEndsWithSuccess() throws Exception {
        await().atMost(HEALING).untilAsserted(() -> {
            String shown = Http.text(Http.get(cluster.host(0), "/$sys/cluster"));
            assertThat(shown).contains("\"state\":\"running\"", "\"node\":\"n1\"", "\"node\":\"n2\"");
        });
        Process status = new ProcessBuilder(
                        Path.of(System.getProperty("millrace.home"), "bin/millrace")
                                .toString(),
                        "cluster",
                        "status",
                        "--data",
                        cluster.data(0).toString())
                .redirectErrorStream(true)
                .start();
        String shown = new String(status.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(status.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(shown).contains("cluster millrace, node n0", "running", "node n1", "node n2", "present");
        assertThat(Http.text(Http.get(cluster.host(0), "/$sys/metrics"))).contains("millrace_cluster_connected 1");
    }

    @Test
    void whoFollowedOneNodeGoesOnAtAnother() {
        // A place is known elsewhere if it is later than when the nodes first told each other how far they are.
        await().atMost(HEALING).ignoreException(ConditionTimeoutException.class).untilAsserted(() -> {
            Http.put(cluster.host(0), "/cursors/1", Http.JSON, "0");
            String id;
            try (Curl curl = new Curl(cluster.host(0), "/cursors/1")) {
                curl.awaitLine("event: caught-up");
                Http.put(cluster.host(0), "/cursors/1", Http.JSON, "1");
                curl.awaitLine("data: 1");
                id = curl.lastId();
            }
            Http.put(cluster.host(2), "/cursors/1", Http.JSON, "2");
            try (Curl curl = new Curl(cluster.host(1), "/cursors/1", "-H", "Last-Event-ID: " + id)) {
                curl.awaitLine("data: 2");
            }
        });
    }

    @Test
    void eventsOfQosZeroReachTheSubscribersOfAllNodes() throws Exception {
        try (Mosquitto.Subscriber subscriber = cluster.mosquitto(1).subscribe("-q", "0", "-t", "passing/#")) {
            await().atMost(HEALING).untilAsserted(() -> {
                cluster.mosquitto(0).publish("-q", "0", "-t", "passing/1", "-m", "x");
                assertThat(subscriber.lines()).contains("passing/1 x");
            });
        }
        assertThat(Http.get(cluster.host(1), "/passing/1").statusCode()).isEqualTo(404);
    }

    private static void survive(long seed) throws Exception {
        Random random = new Random(seed);
        String table = "c" + seed;
        int clock = random.nextInt(2 * MOST_WRONG + 1) - MOST_WRONG;
        StringBuilder schedule = new StringBuilder("seed " + seed + ": clock of node 0 " + clock + " s ahead");
        List<ClusterFollower> followers = new ArrayList<>();
        List<ClusterWriter> writers = new ArrayList<>();
        try {
            for (int node = 0; node < FaultyCluster.NODES; node++) {
                followers.add(ClusterFollower.start(cluster.mosquitto(node), "f" + seed + node, table));
            }
            for (int node = 0; node < FaultyCluster.NODES; node++) {
                writers.add(ClusterWriter.start(cluster.ports(node), table, node, seed));
            }
            cluster.setClock(clock);
            for (int round = 0; round < ROUNDS; round++) {
                TimeUnit.MILLISECONDS.sleep(300 + random.nextInt(700));
                int number = (int) seed * ROUNDS + round;
                FaultyCluster.LineFault line = LINE_FAULTS.get(number % LINE_FAULTS.size());
                FaultyCluster.NodeFault node = NODE_FAULTS.get(number % NODE_FAULTS.size());
                schedule.append("; ").append(cluster.befall(line, node, random, table));
            }
            TimeUnit.MILLISECONDS.sleep(500);
            stop(writers);
            System.out.println(schedule);
            check(seed, table, new ClusterHistory(writers), followers);
        } catch (Throwable e) {
            throw new AssertionError("with " + schedule, e);
        } finally {
            stop(writers);
            followers.forEach(ClusterFollower::close);
        }
    }

    private static void stop(List<ClusterWriter> writers) throws InterruptedException {
        for (ClusterWriter writer : writers) {
            writer.stop();
        }
    }

    private static void check(long seed, String table, ClusterHistory history, List<ClusterFollower> followers)
            throws Exception {
        assertThat(history.unanswered()).isEmpty();
        assertThat(history.acknowledged()).isGreaterThan(50);
        await().atMost(HEALING).pollInterval(Duration.ofMillis(200)).untilAsserted(() -> {
            Set<String> hashes = new HashSet<>();
            for (MillraceProcess host : cluster.hosts()) {
                hashes.add(hash(listing(host, table)));
                assertThat(Http.text(Http.get(host, "/$sys/cluster")))
                        .contains("\"state\":\"running\"", "\"unsentChanges\":0", "\"unreadMessages\":0");
            }
            assertThat(hashes).as("sums of what the nodes hold").hasSize(1);
        });
        Map<String, ClusterHistory.Row> rows = rows(listing(cluster.host(0), table));
        assertThat(history.wrong(rows)).isEmpty();
        Map<String, String> end = new HashMap<>();
        rows.forEach((id, row) -> end.put(id, row.value()));
        for (int node = 0; node < FaultyCluster.NODES; node++) {
            ClusterFollower follower = followers.get(node);
            await().atMost(HEALING)
                    .untilAsserted(() -> assertThat(follower.last()).isEqualTo(end));
            assertThat(history.wrongSeen(node, follower.shown()))
                    .as("what the follower of node %d saw", node)
                    .isEmpty();
        }
        System.out.println(
                "seed " + seed + ": " + history.acknowledged() + " writes acknowledged, " + end.size() + " records");
    }

    private static String listing(MillraceProcess host, String table) {
        return Http.text(Http.get(host, "/" + table + "/"));
    }

    private static String hash(String text) throws Exception {
        return HexFormat.of()
                .formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
    }

    private static Map<String, ClusterHistory.Row> rows(String listing) {
        Map<String, ClusterHistory.Row> found = new HashMap<>();
        Matcher rows = ROW.matcher(listing);
        while (rows.find()) {
            found.put(rows.group(1), new ClusterHistory.Row(Long.parseUnsignedLong(rows.group(2), 16), rows.group(3)));
        }
        assertThat(found).hasSize((int) ID.matcher(listing).results().count());
        return found;
    }
}
