package org.millrace.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The same of a shared subscription while its members' network is cut, now of one, now of all, and the server killed:
 * some member gets each message that was acknowledged to its publisher, and at QoS 2 only one does, once.
 */
class SharedUnderFireIT {
    private static final int TOPICS = 4;

    @TempDir
    Path folder;

    @Test
    void theMembersTogetherGetEverything() throws Exception {
        fire(1_000, 2);
    }

    @Test
    @Tag("slow")
    void theMembersTogetherGetAHundredThousandMessages() throws Exception {
        fire(25_000, 8);
    }

    private void fire(int perTopic, int kills) throws Exception {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        Path data = folder.resolve("data");
        int expected = TOPICS * perTopic;
        FireWorker.Ledger ledger = new FireWorker.Ledger(expected);
        MillraceProcess host = MillraceProcess.start(data);
        try (CuttingProxy proxy = new CuttingProxy(host.port("mqtt"))) {
            List<FireWorker> workers = Stream.of("one", "two", "three")
                    .map(id -> new FireWorker(id, proxy.port(), "$share/fire/fire/#", ledger))
                    .toList();
            workers.forEach(worker -> Thread.ofVirtual().start(worker));
            Awaitility.await()
                    .atMost(30, TimeUnit.SECONDS)
                    .until(() -> workers.stream().allMatch(FireWorker::isSubscribed));
            List<FirePublisher> publishers = new ArrayList<>();
            for (int i = 0; i < TOPICS; i++) {
                publishers.add(new FirePublisher(proxy.port(), "fire/" + i, 1 + i % 2, perTopic));
            }
            publishers.forEach(publisher -> Thread.ofVirtual().start(publisher));
            int killed = 0;
            long deadline = System.nanoTime() + TimeUnit.MINUTES.toNanos(kills > 2 ? 20 : 4);
            List<FireClient> all = new ArrayList<>(workers);
            all.addAll(publishers);
            while (!ledger.isComplete()
                    && System.nanoTime() < deadline
                    && failures(all).isEmpty()) {
                TimeUnit.MILLISECONDS.sleep(50 + random.nextInt(200));
                for (int i = random.nextInt(8) == 0 ? 16 : 1; i > 0; i--) {
                    proxy.cutOne(random);
                }
                if (killed < kills && ledger.distinct() > (killed + 1L) * expected / (kills + 1)) {
                    killed++;
                    host.kill();
                    host = MillraceProcess.start(data);
                    proxy.target(host.port("mqtt"));
                }
            }
            String what = String.format(
                    "seed %d, %d kills, %d connections of the members, %d of %d messages, %d repeated at QoS 1",
                    seed,
                    killed,
                    workers.stream().mapToInt(FireWorker::connections).sum(),
                    ledger.distinct(),
                    expected,
                    ledger.repeated());
            System.err.println("shared under fire: " + what);
            assertThat(failures(all)).as(what).isEmpty();
            assertThat(ledger.distinct()).as(what).isEqualTo(expected);
        } finally {
            host.kill();
        }
    }

    private static List<String> failures(List<FireClient> clients) {
        return clients.stream()
                .map(FireClient::failure)
                .filter(failure -> !failure.isEmpty())
                .toList();
    }
}
