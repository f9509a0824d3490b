package org.millrace.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
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
        int expected = TOPICS * perTopic;
        FireWorker.Ledger ledger = new FireWorker.Ledger(expected);
        try (Fire fire = new Fire(folder.resolve("data"), expected, kills)) {
            List<FireWorker> workers = Stream.of("one", "two", "three")
                    .map(id -> new FireWorker(id, fire.port(), "$share/fire/fire/#", ledger))
                    .toList();
            workers.forEach(worker -> Thread.ofVirtual().start(worker));
            Awaitility.await()
                    .atMost(30, TimeUnit.SECONDS)
                    .until(() -> workers.stream().allMatch(FireWorker::isSubscribed));
            List<FireClient> all = new ArrayList<>(workers);
            all.addAll(FirePublisher.startAll(fire.port(), TOPICS, perTopic));
            // Now and then all members lose their connections at once.
            fire.rage(
                    ledger::isComplete,
                    ledger::distinct,
                    all.stream(),
                    () -> fire.random().nextInt(8) == 0 ? 16 : 1);
            String what = fire.story()
                    + String.format(
                            ", %d connections of the members, %d of %d messages, %d repeated at QoS 1",
                            workers.stream().mapToInt(FireWorker::connections).sum(),
                            ledger.distinct(),
                            expected,
                            ledger.repeated());
            System.err.println("shared under fire: " + what);
            assertThat(Fire.failures(all.stream())).as(what).isEmpty();
            assertThat(ledger.distinct()).as(what).isEqualTo(expected);
        }
    }
}
