package org.millrace.distribution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The nodes of a cluster are restarted one after the other, each as soon as the one before is back, while a client writes
 * to whichever node takes it, one client of each node follows it over MQTT and comes back to it, and one goes to the next
 * node whenever its own stops.
 */
class RollingRestartIT {
    private static final int NODES = 3;
    private static final int RECORDS = 5;
    private static final Duration PATIENCE = ClusterOfHosts.PATIENCE;

    @TempDir
    Path folder;

    /** What a client knows to be written, and how often a write found no node at the first try. */
    private final Map<String, Integer> acknowledged = new ConcurrentHashMap<>();

    private final AtomicInteger elsewhere = new AtomicInteger();
    private volatile boolean stopping;

    @Test
    void aRollingRestartLosesNothingThatAClientSees() throws Exception {
        Mosquitto.Subscriber[] followers = new Mosquitto.Subscriber[NODES];
        try (ClusterOfHosts cluster = ClusterOfHosts.start(folder, NODES)) {
            for (int node = 0; node < NODES; node++) {
                cluster.awaitPlaces(node, (node + 1) % NODES);
                // Of version 3.1.1, for the program ends when a server says good-bye to a client of version 5.
                followers[node] = new Mosquitto(cluster.mqtt(node))
                        .subscribe("-V", "mqttv311", "-q", "1", "-c", "-i", "f" + node, "-t", "roll/#");
            }
            try (WanderingFollower wanderer = WanderingFollower.start(cluster, "roll/#")) {
                Thread writer = Thread.ofPlatform().start(() -> write(cluster));
                for (int node = 0; node < NODES; node++) {
                    int writes = written();
                    await().atMost(PATIENCE).until(() -> written() > writes + 20);
                    assertThat(cluster.host(node).stop()).isZero();
                    cluster.start(node);
                    MillraceProcess back = cluster.host(node);
                    await().atMost(PATIENCE)
                            .untilAsserted(() -> assertThat(Http.text(Http.get(back, "/$sys/cluster")))
                                    .contains("\"state\":\"running\"", "\"unreadMessages\":0"));
                }
                stopping = true;
                writer.join();
                Map<String, String> end = new HashMap<>();
                acknowledged.forEach((id, number) -> end.put(id, "" + number));
                assertThat(end).hasSize(RECORDS);
                for (int node = 0; node < NODES; node++) {
                    MillraceProcess host = cluster.host(node);
                    await().atMost(PATIENCE)
                            .untilAsserted(() ->
                                    end.forEach((id, number) -> assertThat(Http.text(Http.get(host, "/roll/" + id)))
                                            .isEqualTo(number)));
                }
                for (Mosquitto.Subscriber follower : followers) {
                    await().atMost(PATIENCE)
                            .untilAsserted(() -> assertThat(lastSeen(follower)).isEqualTo(end));
                }
                await().atMost(PATIENCE)
                        .untilAsserted(() -> assertThat(wanderer.lastSeen()).isEqualTo(end));
                // The restarts were noticed, or this would show nothing.
                assertThat(elsewhere.get()).isPositive();
                assertThat(wanderer.moves()).isPositive();
                assertThat(wanderer.lostSessions()).isZero();
            }
        } finally {
            stopping = true;
            for (Mosquitto.Subscriber follower : followers) {
                if (follower != null) {
                    follower.close();
                }
            }
        }
    }

    private int written() {
        return acknowledged.values().stream().mapToInt(i -> i).sum();
    }

    /** Raises numbers, one write after the other, at a node that takes it. */
    private void write(ClusterOfHosts cluster) {
        try (HttpClient client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(Duration.ofSeconds(2))
                .build()) {
            int node = 0;
            for (int number = 1; !stopping; number++) {
                String id = "r" + number % RECORDS;
                int tries = 0;
                while (!put(client, cluster.http(node), id, number)) {
                    elsewhere.incrementAndGet();
                    node = (node + 1) % NODES;
                    if (++tries > NODES) {
                        throw new IllegalStateException("no node took " + id);
                    }
                }
                acknowledged.put(id, number);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean put(HttpClient client, int port, String id, int number) throws InterruptedException {
        HttpRequest put = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/roll/" + id))
                .timeout(Duration.ofSeconds(10))
                .header("Content-Type", Http.JSON)
                .PUT(BodyPublishers.ofString("" + number))
                .build();
        try {
            return client.send(put, BodyHandlers.discarding()).statusCode() / 100 == 2;
        } catch (IOException e) {
            return false; // it is being restarted
        }
    }

    private static Map<String, String> lastSeen(Mosquitto.Subscriber follower) {
        Map<String, String> last = new HashMap<>();
        for (String line : follower.lines()) {
            int space = line.indexOf(' ');
            last.put(line.substring("roll/".length(), space), line.substring(space + 1));
        }
        return last;
    }
}
