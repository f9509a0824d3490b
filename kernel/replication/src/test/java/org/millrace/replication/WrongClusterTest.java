package org.millrace.replication;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Nodes and streams that do not belong together. */
class WrongClusterTest extends NodesOfOneProcess {
    @Test
    void credentialsThatAreRefusedAreReportedAndNotShown() throws IOException {
        nats.kill();
        nats = NatsServer.start(directory.resolve("closed"), "--user", "ada", "--pass", "right");
        ClusterNode a = start("a", new ClusterOptions.Login("ada", "wrong-secret", "", Optional.empty()));
        await().atMost(LONG).until(() -> a.status().detail().contains("check cluster.user"));
        assertThat(a.status().toString()).doesNotContain("wrong-secret");
        ClusterNode b = start("b", new ClusterOptions.Login("ada", "right", "", Optional.empty()));
        await().atMost(LONG).until(() -> b.status().state() == ClusterStatus.State.RUNNING);
    }

    @Test
    void aCredentialsFileThatIsNotThereIsNamed() {
        ClusterNode a =
                start("a", new ClusterOptions.Login("", "", "", Optional.of(directory.resolve("missing.creds"))));
        await().atMost(LONG).until(() -> a.status().detail().contains("missing.creds does not exist"));
    }

    @Test
    void anotherClustersStreamIsRefused() throws IOException {
        ClusterNode a = node("a");
        await().atMost(LONG).until(() -> a.status().state() == ClusterStatus.State.RUNNING);
        stop(a);
        nats.kill();
        nats = NatsServer.start(directory.resolve("elsewhere"));
        ClusterNode b = node("b");
        await().atMost(LONG).until(() -> b.status().state() == ClusterStatus.State.RUNNING);
        ClusterNode again = node("a");
        await().atMost(LONG).until(() -> again.status().state() == ClusterStatus.State.STOPPED);
        assertThat(again.status().detail()).contains("belongs to cluster", "empty data directory");
    }

    @Test
    void twoNodesOfOneNameAreReported() {
        ClusterNode a = start("a", "twin");
        ClusterNode b = start("b", "twin");
        await().atMost(LONG).until(() -> a.status().alerts().toString().contains("two nodes are called 'twin'"));
        a.put("t/1", "1");
        await().atMost(LONG).until(() -> "1".equals(b.text("t/1")));
    }

    @Test
    void aNodeRestoredFromAnOldBackupIsStopped() throws IOException {
        ClusterNode a = node("a");
        ClusterNode b = node("b");
        a.put("t/1", "1");
        await().atMost(LONG).until(() -> "1".equals(b.text("t/1")));
        stop(a);
        copy(directory.resolve("a"), directory.resolve("backup"));
        ClusterNode later = node("a");
        for (int i = 0; i < 20; i++) {
            later.put("t/2", "" + i);
        }
        await().atMost(LONG).until(() -> "19".equals(b.text("t/2")));
        stop(later);
        ClusterNode restored = node("backup");
        await().atMost(LONG).until(() -> restored.status().state() == ClusterStatus.State.STOPPED);
        assertThat(restored.status().detail()).contains("old backup", "empty data directory");
        assertThat(restored.put("t/3", "3").version()).as("it serves on alone").isNotNull();
    }

    @Test
    void aNodeRestoredFromAnOldBackupIsStoppedEvenIfOnlyTheOthersKnowOfIt() throws Exception {
        ClusterNode a = node("a");
        ClusterNode b = node("b");
        a.put("t/1", "1");
        await().atMost(LONG).until(() -> "1".equals(b.text("t/1")));
        stop(a);
        copy(directory.resolve("a"), directory.resolve("backup"));
        ClusterNode later = node("a");
        later.put("t/2", "2");
        await().atMost(LONG).until(() -> "2".equals(b.text("t/2")));
        stop(later);
        purge();
        ClusterNode restored = node("backup");
        await().atMost(LONG).until(() -> restored.status().state() == ClusterStatus.State.STOPPED);
        assertThat(restored.status().detail())
                .contains("node 'b' has its change", "old backup", "empty data directory");
    }

    @Test
    void aCopyOfARunningNodeIsFoundOut() throws IOException {
        ClusterNode a = node("a");
        a.put("t/1", "1");
        await().atMost(LONG).until(() -> a.status().sent() > 0);
        stop(a);
        copy(directory.resolve("a"), directory.resolve("copy"));
        ClusterNode one = node("a");
        ClusterNode other = node("copy");
        await().atMost(LONG)
                .until(() -> one.status().state() == ClusterStatus.State.STOPPED
                        || other.status().state() == ClusterStatus.State.STOPPED);
    }

    private static void copy(Path from, Path to) throws IOException {
        try (var files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Path target = to.resolve(from.relativize(file));
                if (Files.isDirectory(file)) {
                    Files.createDirectories(target);
                } else {
                    Files.copy(file, target);
                }
            }
        }
    }
}
