package org.millrace.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.millrace.journal.RecordingFiles.Call;
import org.millrace.spi.resource.Change;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.ResourceException;

/** Tables that ask for a longer history than the journal's own, which here is none. */
class TableHistoryTest {
    private static final int SEGMENT = 16 * 1024;
    private static final Duration DAY = Duration.ofDays(1);

    private final RecordingFiles files = new RecordingFiles();
    private final SettableClock clock = new SettableClock();

    private Journal open(long hardCap) throws IOException {
        JournalOptions options = JournalOptions.in(Path.of("/j"))
                .withSegmentBytes(SEGMENT)
                .withRing(1, 0)
                .withRetention(0, Duration.ZERO, hardCap);
        return Journal.open(options, files, PlainContent::new, clock, false);
    }

    private static void put(Journal journal, String path, int times) {
        for (int i = 0; i < times; i++) {
            Change change = Changes.next(journal, org.millrace.spi.resource.Path.of(path), new byte[1000]);
            journal.append(change, true);
            journal.write();
            journal.sync();
            journal.publish(List.of(change));
        }
    }

    private static List<Long> seqs(Journal journal, long afterSeq) {
        return Changes.seqs(journal, afterSeq);
    }

    private static void assertExpired(Journal journal, long afterSeq) {
        assertThatThrownBy(() -> journal.read(afterSeq))
                .isInstanceOfSatisfying(
                        ResourceException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.EXPIRED_CURSOR));
    }

    @Test
    void changesOfATableAreKeptUntilItsHistoryIsOver() throws IOException {
        try (Journal journal = open(Long.MAX_VALUE)) {
            journal.retainHistory(() -> Map.of("kept", DAY));
            journal.retainUnapplied(journal::syncedSeq);
            put(journal, "other/1", 40);
            put(journal, "kept/1", 1);
            put(journal, "other/1", 60);

            journal.enforceRetention();
            assertThat(seqs(journal, 40)).startsWith(41L).endsWith(101L);
            assertExpired(journal, 0);
            clock.advance(DAY.plusSeconds(1));
            journal.enforceRetention();
            assertExpired(journal, 40);
        }
    }

    @Test
    void segmentsWithoutChangesOfSuchATableGoAsBefore() throws IOException {
        try (Journal journal = open(Long.MAX_VALUE)) {
            journal.retainHistory(() -> Map.of("kept", Duration.ofDays(36_500), "othe", DAY));
            journal.retainUnapplied(journal::syncedSeq);
            put(journal, "other/kept", 60);

            journal.enforceRetention();
            assertExpired(journal, 40);
        }
    }

    @Test
    void oneThatIsShorterThanTheJournalsOwnTakesNothingAway() throws IOException {
        JournalOptions options = JournalOptions.in(Path.of("/j"))
                .withSegmentBytes(SEGMENT)
                .withRing(1, 0)
                .withRetention(Long.MAX_VALUE, DAY, Long.MAX_VALUE);
        try (Journal journal = Journal.open(options, files, PlainContent::new, clock, false)) {
            journal.retainHistory(() -> Map.of("kept", Duration.ofMinutes(1)));
            journal.retainUnapplied(journal::syncedSeq);
            put(journal, "kept/1", 60);
            clock.advance(Duration.ofHours(1));

            journal.enforceRetention();
            assertThat(seqs(journal, 0)).hasSize(60);
        }
    }

    @Test
    void whatIsKeptIsFoundAgainAfterReopening() throws IOException {
        try (Journal journal = open(Long.MAX_VALUE)) {
            put(journal, "kept/1", 1);
            put(journal, "other/1", 60);
        }
        try (Journal journal = open(Long.MAX_VALUE)) {
            journal.retainHistory(() -> Map.of("kept", DAY));
            journal.retainUnapplied(journal::syncedSeq);
            journal.enforceRetention();
            assertThat(seqs(journal, 0)).hasSize(61);
        }
    }

    @Test
    void theHardCapOverridesItAndTheLogNamesTheTable() throws IOException {
        try (LogCapture log = new LogCapture();
                Journal journal = open(4 * SEGMENT)) {
            journal.retainHistory(() -> Map.of("kept", DAY));
            journal.retainUnapplied(journal::syncedSeq);
            put(journal, "kept/1", 100);

            journal.enforceRetention();
            assertExpired(journal, 0);
            assertThat(seqs(journal, 80)).hasSize(20);
            assertThat(log.at(Level.WARN))
                    .isNotEmpty()
                    .allSatisfy(line -> assertThat(line)
                            .contains("hard cap of " + 4 * SEGMENT)
                            .contains("table 'kept'"));
        }
    }

    @Test
    void aSegmentIsReadOnceToFindTheTablesInIt() throws IOException {
        try (Journal journal = open(Long.MAX_VALUE)) {
            journal.retainHistory(() -> Map.of("kept", DAY));
            journal.retainUnapplied(journal::syncedSeq);
            put(journal, "kept/1", 60);
            journal.enforceRetention();

            files.fail(Call.READ, p -> true, new IOException("nobody should read"));
            journal.enforceRetention();
            assertThat(journal.firstSeq()).isEqualTo(1);
        }
    }

    @Test
    void aSegmentThatCannotBeReadIsKept() throws IOException {
        try (LogCapture log = new LogCapture();
                Journal journal = open(Long.MAX_VALUE)) {
            journal.retainHistory(() -> Map.of("kept", DAY));
            put(journal, "other/1", 60);
            files.fail(Call.READ, p -> true, new IOException("bad sector"));
            journal.retainUnapplied(journal::syncedSeq);

            journal.enforceRetention();
            assertThat(journal.firstSeq()).isEqualTo(1);
            assertThat(log.at(Level.WARN)).singleElement().asString().contains("bad sector");
        }
    }
}
