package org.millrace.replication;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** What tests of nodes in this process, with a real NATS server, have in common. */
abstract class NodesOfOneProcess {
    static final Duration LONG = Duration.ofSeconds(60);

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

    ClusterNode start(String folder, String name) {
        return add(ClusterNode.start(directory.resolve(folder), name, nats.url()));
    }

    ClusterNode start(String folder, ClusterOptions.Login login) {
        return add(ClusterNode.start(directory.resolve(folder), ClusterNode.options(folder, nats.url(), login)));
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
