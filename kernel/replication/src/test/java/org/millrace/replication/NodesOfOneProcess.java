package org.millrace.replication;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.nats.client.Connection;
import io.nats.client.Nats;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** What tests of nodes in this process, with a real NATS server, have in common. */
abstract class NodesOfOneProcess {
    static final Duration LONG = Duration.ofSeconds(60);
    static final ClusterOptions.Login NO_LOGIN = new ClusterOptions.Login("", "", "", Optional.empty());

    @TempDir
    Path directory;

    NatsServer nats;
    final List<ClusterNode> nodes = new ArrayList<>();

    @BeforeEach
    void startNats() throws IOException {
        nats = NatsServer.start(directory.resolve("nats"));
    }

    @AfterEach
    void stop() {
        nodes.forEach(ClusterNode::close);
        nats.close();
    }

    ClusterNode node(String name) {
        return start(name, name);
    }

    /** How many streams the nodes have; tests of one are done again with several. */
    int streams() {
        return 1;
    }

    ClusterNode start(String folder, String name) {
        return start(folder, name, NO_LOGIN, List.of(), 1 << 30);
    }

    ClusterNode start(String folder, ClusterOptions.Login login) {
        return start(folder, folder, login, List.of(), 1 << 30);
    }

    /** A node that has only some tables in common with others. */
    ClusterNode start(String folder, List<String> tables) {
        return start(folder, folder, NO_LOGIN, tables, 1 << 30);
    }

    /** A node whose journal keeps only so much. */
    ClusterNode start(String folder, long retainBytes) {
        return start(folder, folder, NO_LOGIN, List.of(), retainBytes);
    }

    private ClusterNode start(
            String folder, String name, ClusterOptions.Login login, List<String> tables, long retainBytes) {
        return add(ClusterNode.start(
                directory.resolve(folder),
                ClusterNode.options(name, nats.url(), login, tables, streams()),
                retainBytes));
    }

    /** Takes all messages out of all streams. */
    void purge() throws Exception {
        try (Connection connection = Nats.connect(nats.url())) {
            for (Lane lane : lanes()) {
                connection.jetStreamManagement().purgeStream(lane.stream());
            }
        }
    }

    /** Deletes all streams. */
    void deleteStreams() throws Exception {
        try (Connection connection = Nats.connect(nats.url())) {
            for (Lane lane : lanes()) {
                connection.jetStreamManagement().deleteStream(lane.stream());
            }
        }
    }

    List<Lane> lanes() {
        return Lane.all(ClusterNode.options("", nats.url(), NO_LOGIN, List.of(), streams()));
    }

    ClusterNode add(ClusterNode node) {
        nodes.add(node);
        return node;
    }

    void stop(ClusterNode node) {
        nodes.remove(node);
        node.close();
    }

    static void awaitAlike(ClusterNode first, ClusterNode... others) {
        await().atMost(LONG).untilAsserted(() -> {
            for (ClusterNode other : others) {
                assertThat(other.records()).isEqualTo(first.records());
            }
            assertThat(unsent(List.of(first))).isLessThanOrEqualTo(2);
        });
    }

    static long unsent(Collection<ClusterNode> all) {
        return all.stream().mapToLong(node -> node.status().unsent()).max().orElse(0);
    }
}
