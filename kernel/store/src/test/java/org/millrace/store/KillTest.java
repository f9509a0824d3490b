package org.millrace.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.millrace.store.TestNode.put;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.millrace.content.AttributePath;
import org.millrace.journal.ChangeReader;
import org.millrace.journal.JournalFiles;
import org.millrace.journal.StoppedJournal;
import org.millrace.spi.resource.Change;
import org.millrace.spi.resource.Commit;
import org.millrace.spi.resource.Durability;
import org.millrace.spi.resource.ResourceException;

/**
 * A process that writes is killed again and again. What it had acknowledged must be there, transactions whole, indexes
 * those of the records, and a subscriber that kept its place must go on exactly there.
 */
class KillTest {
    private static final int RECORDS = 200;
    private static final String PLACE = "place/of-the-subscriber";

    @TempDir
    Path directory;

    @Test
    void whatAKilledProcessAcknowledgedIsThere() throws Exception {
        killAgainAndAgain(4);
    }

    @Test
    @Tag("slow")
    void itIsThereHoweverOftenTheProcessIsKilled() throws Exception {
        killAgainAndAgain(60);
    }

    private void killAgainAndAgain(int rounds) throws Exception {
        for (int round = 0; round < rounds; round++) {
            long acknowledged = 0;
            try (ForkedJvm writer = ForkedJvm.start(Scribe.class, directory.toString())) {
                long more = 2_000L + RandomGenerator.getDefault().nextInt(4_000);
                long first = -1;
                do {
                    String line = writer.readLine();
                    assertThat(line).as("round %d", round).isNotNull();
                    acknowledged = Long.parseLong(line);
                    first = first < 0 ? acknowledged : first;
                } while (acknowledged - first < more);
                writer.kill();
            }
            try (TestNode node = TestNode.open(options(directory))) {
                assertThat(node.journal.lastSeq()).as("round %d", round).isGreaterThanOrEqualTo(acknowledged);
                assertTransactionsAreWhole(node, round);
                assertIndexesAreThoseOfTheRecords(node, round);
                assertTheSubscriberGoesOnWhereItWas(node, round);
                node.write(put("done/" + round, "1"));
            }
            assertVerifies(round);
        }
    }

    /** Number n went to record n modulo RECORDS, and its twin got the same number in the same transaction. */
    private static void assertTransactionsAreWhole(TestNode node, int round) {
        List<StoredEntry> records = node.scan(ScanRange.table("t"), 64);
        assertThat(records).as("round %d", round).hasSize(RECORDS);
        for (StoredEntry stored : records) {
            String twin = "twin/" + stored.entry().path().id();
            assertThat(node.text(twin))
                    .as("round %d, %s", round, twin)
                    .isEqualTo(TestNode.text(stored.entry().content()));
            assertThat(stored.seq()).isLessThanOrEqualTo(node.journal.lastSeq());
        }
    }

    private static void assertIndexesAreThoseOfTheRecords(TestNode node, int round) {
        await().atMost(Duration.ofSeconds(30))
                .until(() -> node.store.indexes().stream().allMatch(IndexStatus::isReady));
        assertThat(node.store.verifyIndexes(_ -> {})).as("round %d", round).allMatch(IndexVerifier.Report::isSound);
    }

    private static void assertTheSubscriberGoesOnWhereItWas(TestNode node, int round) {
        Place place = Place.of(node);
        long seen = 0;
        try (ChangeReader all = node.journal.read(0)) {
            while (all.position() < place.position()) {
                seen = Place.mix(seen, all.next());
            }
        }
        assertThat(place.seen())
                .as("round %d: what was seen up to %d", round, place.position())
                .isEqualTo(seen);
        long expected = place.position();
        try (ChangeReader rest = node.journal.read(place.position())) {
            for (Change change = rest.next(); change != null; change = rest.next()) {
                assertThat(change.cursor().position()).as("round %d", round).isEqualTo(++expected);
            }
        }
        assertThat(expected).as("round %d", round).isEqualTo(node.journal.lastSeq());
    }

    private void assertVerifies(int round) throws IOException {
        StoppedJournal journal =
                StoppedJournal.open(directory.resolve("journal"), JournalFiles.system(), TestNode.FORMATS::trusted);
        assertThat(journal.report().damages()).as("round %d", round).isEmpty();
        assertThat(new RecordVerifier(directory, journal, line -> {}).verify().faults())
                .as("round %d", round)
                .isEmpty();
    }

    private static StoreOptions options(Path directory) {
        return StoreOptions.at(directory)
                .withOverlay(1_000, 1 << 20)
                .withIntervals(Duration.ofMillis(20), Duration.ofMillis(10), Duration.ofMillis(100));
    }

    /** How far a subscriber is, and a sum of all it has seen until there, in their order. */
    private record Place(long position, long seen) {
        static Place of(TestNode node) {
            String text = node.text(PLACE);
            if (text == null) {
                return new Place(0, 0);
            }
            String[] words = text.substring(1, text.length() - 1).split(" ", -1);
            return new Place(Long.parseLong(words[0]), Long.parseLong(words[1]));
        }

        static long mix(long seen, Change change) {
            return seen * 31 + change.version().hashCode() + 17L * change.path().hashCode();
        }

        String json() {
            return "\"" + position + " " + seen + "\"";
        }
    }

    /** Writes numbers, two records a transaction, and prints the last seq acknowledged now and then. */
    static final class Scribe {
        private static final AttributePath N = AttributePath.parse("n");

        private final TestNode node;
        private final Semaphore window = new Semaphore(64);
        private final AtomicReference<ResourceException> refusal = new AtomicReference<>();

        private Scribe(TestNode node) {
            this.node = node;
        }

        public static void main(String[] args) throws Exception {
            new Scribe(TestNode.open(options(Path.of(args[0])))).run();
        }

        private void run() throws InterruptedException {
            Place place = Place.of(node);
            try (ChangeReader subscriber = node.journal.read(place.position())) {
                for (long n = 0; refusal.get() == null; n++) {
                    String id = "/" + n % RECORDS;
                    String number = "{\"n\":" + n + "}";
                    submit(
                            n % 10 == 0 ? Durability.FSYNC : Durability.OS,
                            List.of(put("t" + id, number), put("twin" + id, number)));
                    if (n % 100 == 0) {
                        // An index that comes and goes while records change.
                        node.store.declareIndexes("t", n % 300 == 0 ? Set.of() : Set.of(N));
                        node.store.declareIndexes("twin", Set.of(N));
                    }
                    if (n % 64 == 0) {
                        place = readOn(subscriber, place);
                        submit(Durability.OS, List.of(put(PLACE, place.json())));
                    }
                }
            }
            throw refusal.get();
        }

        private static Place readOn(ChangeReader subscriber, Place place) {
            long seen = place.seen();
            for (Change change = subscriber.next(); change != null; change = subscriber.next()) {
                seen = Place.mix(seen, change);
            }
            return new Place(subscriber.position(), seen);
        }

        private void submit(Durability durability, List<org.millrace.spi.resource.Write> writes)
                throws InterruptedException {
            window.acquire();
            WriteRequest request = new WriteRequest(writes, "", durability, new Reporter(this));
            while (!node.store.submit(request)) {
                LockSupport.parkNanos(100_000);
            }
        }

        private record Reporter(Scribe scribe) implements WriteRequest.Outcome {
            @Override
            public void committed(List<Commit> commits) {
                long seq = commits.getLast().cursor().position();
                if (seq % 100 < 2) { // a transaction has two
                    System.out.println(seq);
                }
                scribe.window.release();
            }

            @Override
            public void refused(ResourceException reason) {
                scribe.refusal.set(reason);
                scribe.window.release();
            }
        }
    }
}
