package org.millrace.distribution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The nodes of a cluster are restarted one after the other, each as soon as the one before is back, while one client writes
 * over HTTP and one over MQTT with QoS 1 to whichever node takes it, one client of each node follows it over MQTT and comes
 * back to it, and one goes to the next node whenever its own stops.
 */
class RollingRestartIT {
    private static final String TABLE = "roll";
    private static final int NODES = 3;
    private static final int RECORDS = 5;
    private static final Duration PATIENCE = ClusterOfHosts.PATIENCE;

    @TempDir
    Path folder;

    /** What the clients know to be written. */
    private final Map<String, Integer> acknowledged = new ConcurrentHashMap<>();

    /** How often each client had to go to another node with a write. */
    private final Map<String, Integer> elsewhere = new ConcurrentHashMap<>();

    private volatile boolean stopping;

    @Test
    void aRollingRestartLosesNothingThatAClientSees() throws Exception {
        List<ClusterFollower> followers = new ArrayList<>();
        try (ClusterOfHosts cluster = ClusterOfHosts.start(folder, NODES)) {
            for (int node = 0; node < NODES; node++) {
                cluster.awaitPlaces(node, (node + 1) % NODES);
                followers.add(ClusterFollower.start(new Mosquitto(cluster.mqtt(node)), "f" + node, TABLE));
            }
            try (WanderingFollower wanderer = WanderingFollower.start(cluster, TABLE + "/#")) {
                List<Thread> writers = List.of(
                        Thread.ofPlatform().start(() -> write("h", node -> new HttpWriter(cluster.http(node), TABLE))),
                        Thread.ofPlatform().start(() -> write("m", node -> new MqttWriter(cluster.mqtt(node), TABLE))));
                for (int node = 0; node < NODES; node++) {
                    int byHttp = written("h");
                    int byMqtt = written("m");
                    await().atMost(PATIENCE).until(() -> written("h") > byHttp + 20 && written("m") > byMqtt + 20);
                    assertThat(cluster.host(node).stop()).isZero();
                    cluster.start(node);
                    MillraceProcess back = cluster.host(node);
                    await().atMost(PATIENCE)
                            .untilAsserted(() -> assertThat(Http.text(Http.get(back, "/$sys/cluster")))
                                    .contains("\"state\":\"running\"", "\"unreadMessages\":0"));
                }
                stopping = true;
                for (Thread writer : writers) {
                    writer.join();
                }
                Map<String, String> end = new HashMap<>();
                acknowledged.forEach((id, number) -> end.put(id, "" + number));
                assertThat(end).hasSize(2 * RECORDS);
                for (int node = 0; node < NODES; node++) {
                    MillraceProcess host = cluster.host(node);
                    await().atMost(PATIENCE)
                            .untilAsserted(() -> end.forEach(
                                    (id, number) -> assertThat(Http.text(Http.get(host, "/" + TABLE + "/" + id)))
                                            .isEqualTo(number)));
                }
                for (ClusterFollower follower : followers) {
                    await().atMost(PATIENCE)
                            .untilAsserted(() -> assertThat(follower.last()).isEqualTo(end));
                }
                await().atMost(PATIENCE)
                        .untilAsserted(() -> assertThat(wanderer.lastSeen()).isEqualTo(end));
                // The restarts were noticed, or this would show nothing.
                assertThat(elsewhere.keySet()).containsExactlyInAnyOrder("h", "m");
                assertThat(wanderer.moves()).isPositive();
                assertThat(wanderer.lostSessions()).isZero();
            }
        } finally {
            stopping = true;
            followers.forEach(ClusterFollower::close);
        }
    }

    /** The last number that a client knows to be written. */
    private int written(String client) {
        return acknowledged.entrySet().stream()
                .filter(record -> record.getKey().startsWith(client))
                .mapToInt(Map.Entry::getValue)
                .max()
                .orElse(0);
    }

    /** Raises numbers, one write after the other, at a node that takes it. */
    private void write(String client, IntFunction<RecordWriter> connect) {
        int node = 0;
        RecordWriter writer = connect.apply(node);
        try {
            for (int number = 1; !stopping; number++) {
                String id = client + number % RECORDS;
                int tries = 0;
                while (!put(writer, id, number)) {
                    elsewhere.merge(client, 1, Integer::sum);
                    if (++tries > NODES) {
                        throw new IllegalStateException("no node took " + id);
                    }
                    writer.close();
                    node = (node + 1) % NODES;
                    writer = connect.apply(node);
                }
                acknowledged.put(id, number);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            writer.close();
        }
    }

    private static boolean put(RecordWriter writer, String id, int number) throws InterruptedException {
        try {
            return writer.write(Write.Kind.PUT, id, "" + number).accepted();
        } catch (IOException e) {
            return false; // it is being restarted
        }
    }
}
