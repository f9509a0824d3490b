package org.millrace.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.millrace.store.TestNode.put;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.LockSupport;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.millrace.spi.resource.Commit;
import org.millrace.spi.resource.Durability;
import org.millrace.spi.resource.ResourceException;

/** A process that writes is killed again and again; what it had acknowledged must be there. */
class KillTest {
    private static final int ROUNDS = 3;
    private static final int RECORDS = 200;

    @TempDir
    Path directory;

    @Test
    void whatAKilledProcessAcknowledgedIsThere() throws Exception {
        for (int round = 0; round < ROUNDS; round++) {
            long acknowledged;
            try (ForkedJvm writer = ForkedJvm.start(Scribe.class, directory.toString())) {
                long enough = 2_000 + RandomGenerator.getDefault().nextInt(4_000);
                do {
                    String line = writer.readLine();
                    assertThat(line).as("round %d", round).isNotNull();
                    acknowledged = Long.parseLong(line);
                } while (acknowledged < enough);
                writer.kill();
            }
            try (TestNode node = TestNode.open(options(directory))) {
                assertThat(node.journal.lastSeq()).as("round %d", round).isGreaterThanOrEqualTo(acknowledged);
                assertEachRecordHoldsItsLastNumber(node, round);
                node.write(put("done/" + round, "1"));
            }
        }
    }

    /** Number n went to record n modulo RECORDS, and its neighbour in the same transaction got the same number. */
    private static void assertEachRecordHoldsItsLastNumber(TestNode node, int round) {
        List<StoredEntry> records = node.scan(ScanRange.table("t"), 64);
        assertThat(records).as("round %d", round).hasSize(2 * RECORDS);
        for (StoredEntry stored : records) {
            String id = stored.entry().path().id();
            String twin = id.endsWith("x") ? id.substring(0, id.length() - 1) : id + "x";
            assertThat(node.text("t/" + twin))
                    .as("round %d, twin of %s", round, id)
                    .isEqualTo(TestNode.text(stored.entry().content()));
            assertThat(stored.seq()).isLessThanOrEqualTo(node.journal.lastSeq());
        }
    }

    private static StoreOptions options(Path directory) {
        return StoreOptions.at(directory)
                .withOverlay(1_000, 1 << 20)
                .withIntervals(
                        java.time.Duration.ofMillis(20),
                        java.time.Duration.ofMillis(10),
                        java.time.Duration.ofMillis(100));
    }

    /** Writes numbers, two records a transaction, and prints the last seq acknowledged now and then. */
    static final class Scribe {
        private Scribe() {}

        public static void main(String[] args) throws Exception {
            TestNode node = TestNode.open(options(Path.of(args[0])));
            Semaphore window = new Semaphore(64);
            for (long n = 0; ; n++) {
                window.acquire();
                String number = Long.toString(n);
                WriteRequest request = new WriteRequest(
                        List.of(put("t/" + n % RECORDS, number), put("t/" + n % RECORDS + "x", number)),
                        "",
                        n % 10 == 0 ? Durability.FSYNC : Durability.OS,
                        new Reporter(window));
                while (!node.store.submit(request)) {
                    LockSupport.parkNanos(100_000);
                }
            }
        }

        private record Reporter(Semaphore window) implements WriteRequest.Outcome {
            @Override
            public void committed(List<Commit> commits) {
                long seq = commits.getLast().cursor().position();
                if (seq % 100 < 2) { // a transaction has two
                    System.out.println(seq);
                }
                window.release();
            }

            @Override
            public void refused(ResourceException reason) {
                reason.printStackTrace();
                Runtime.getRuntime().halt(1);
            }
        }
    }
}
