package org.millrace.distribution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.nats.client.Connection;
import io.nats.client.Nats;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Three installed hosts whose tables are divided among three streams: {@code t0}, {@code t1} and {@code t2} are of
 * different ones.
 */
class SeveralStreamsIT {
    private static final int TABLES = 3;
    private static final int RECORDS = 40;
    private static final Pattern HASH = Pattern.compile("\"summedAt\":\"([^\"]+)\",\"hash\":\"([0-9a-f]+)\"");

    @TempDir
    Path folder;

    @Test
    void nodesAgreeThoughOneIsKilledAndOneStreamIsDeleted() throws Exception {
        try (ClusterOfHosts hosts =
                ClusterOfHosts.start(folder, 3, "cluster.streams=3", "cluster.compare-every=5s", "log.level=info")) {
            write(hosts, "first", 0, 1, 2);
            awaitAlike(hosts, 3L * TABLES * RECORDS);

            hosts.host(2).kill();
            write(hosts, "second", 0, 1);
            hosts.start(2);
            awaitAlike(hosts, 5L * TABLES * RECORDS);

            hosts.host(2).kill();
            write(hosts, "third", 0, 1);
            try (Connection connection = Nats.connect(hosts.nats())) {
                connection.jetStreamManagement().deleteStream("MILLRACE_millrace=1");
                write(hosts, "fourth", 0, 1);
                hosts.start(2);
                awaitAlike(hosts, 9L * TABLES * RECORDS);
                assertThat(connection
                                .jetStreamManagement()
                                .getStreamInfo("MILLRACE_millrace=1")
                                .getStreamState()
                                .getMsgCount())
                        .isPositive();
            }
            awaitEqualHashes(hosts);
        }
    }

    @Test
    void aHostOfAnotherNumberOfStreamsSaysWhatToDo() throws Exception {
        try (ClusterOfHosts hosts = ClusterOfHosts.start(folder, 1, "cluster.streams=2");
                MillraceProcess other =
                        MillraceProcess.start(folder.resolve("other"), "--set", "cluster.nats=" + hosts.nats())) {
            await().atMost(ClusterOfHosts.PATIENCE)
                    .untilAsserted(() -> assertThat(Http.text(Http.get(other, "/$sys/cluster")))
                            .contains("\"state\":\"stopped\"", "is one of 2", "cluster.streams of this node is 1"));
            assertThat(Http.put(other, "/t0/1", Http.JSON, "1").statusCode())
                    .as("it serves on alone")
                    .isEqualTo(201);
        }
    }

    private static void write(ClusterOfHosts hosts, String what, int... nodes) {
        for (int node : nodes) {
            for (int i = 0; i < RECORDS * TABLES; i++) {
                String path = "/t" + i % TABLES + "/" + what + "-" + node + "-" + i;
                assertThat(Http.put(hosts.host(node), path, Http.JSON, "" + i).statusCode())
                        .isEqualTo(201);
            }
        }
    }

    private static void awaitAlike(ClusterOfHosts hosts, long records) {
        await().atMost(ClusterOfHosts.PATIENCE).untilAsserted(() -> {
            Set<String> listings = new HashSet<>();
            for (int node = 0; node < hosts.size(); node++) {
                StringBuilder all = new StringBuilder();
                for (int table = 0; table < TABLES; table++) {
                    all.append(Http.text(Http.get(hosts.host(node), "/t" + table + "/?$limit=1000")));
                }
                listings.add(all.toString());
                assertThat(all.toString().split("\"etag\"", -1)).hasSize((int) records + 1);
                assertThat(Http.text(Http.get(hosts.host(node), "/$sys/cluster")))
                        .contains("\"state\":\"running\"", "\"alerts\":[]");
            }
            assertThat(listings).hasSize(1);
        });
    }

    /** All have added up their records as of one moment, and found the same. */
    private static void awaitEqualHashes(ClusterOfHosts hosts) {
        await().atMost(ClusterOfHosts.PATIENCE).untilAsserted(() -> {
            List<String> moments = new ArrayList<>();
            List<String> hashes = new ArrayList<>();
            for (int node = 0; node < hosts.size(); node++) {
                Matcher hash = HASH.matcher(Http.text(Http.get(hosts.host(node), "/$sys/cluster")));
                assertThat(hash.find()).isTrue();
                moments.add(hash.group(1));
                hashes.add(hash.group(2));
            }
            assertThat(Set.copyOf(moments)).hasSize(1);
            assertThat(Set.copyOf(hashes)).hasSize(1);
        });
    }
}
