package org.millrace.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.millrace.journal.RecordingFiles.Call;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.ResourceException;

class RetentionTest {
    private static final Path DIRECTORY = Path.of("/j");
    private static final int SEGMENT = 16 * 1024;
    private static final Duration FOREVER = Duration.ofDays(36_500);

    private final RecordingFiles files = new RecordingFiles();
    private final SettableClock clock = new SettableClock();

    private Journal open(long bytes, Duration age, long hardCap) throws IOException {
        JournalOptions options = JournalOptions.in(DIRECTORY)
                .withSegmentBytes(SEGMENT)
                .withRing(1, 0)
                .withRetention(bytes, age, hardCap);
        return Journal.open(options, files, PlainContent::new, clock, false);
    }

    private long segments() {
        return files.paths().stream()
                .filter(p -> p.toString().endsWith(Segment.SUFFIX))
                .count();
    }

    private static void fill(Journal journal) {
        for (int i = 0; i < 60; i++) {
            Changes.commit(journal, 10, 100);
        }
    }

    private static void assertExpired(Supplier<?> act) {
        assertThatThrownBy(act::get)
                .isInstanceOfSatisfying(
                        ResourceException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.EXPIRED_CURSOR));
    }

    @Test
    void oldSegmentsGoWhenThereAreTooManyBytes() throws IOException {
        try (Journal journal = open(3 * SEGMENT, FOREVER, Long.MAX_VALUE)) {
            journal.retainUnapplied(journal::syncedSeq);
            fill(journal);
            journal.enforceRetention();
            assertThat(segments()).isEqualTo(3);
            assertThat(journal.firstSeq()).isGreaterThan(1);
            assertThat(Changes.seqs(journal, journal.firstSeq() - 1))
                    .startsWith(journal.firstSeq())
                    .endsWith(600L);
            assertExpired(() -> journal.read(0));
        }
    }

    @Test
    void oldSegmentsGoWhenTheyAreTooOld() throws IOException {
        try (Journal journal = open(Long.MAX_VALUE, Duration.ofHours(1), Long.MAX_VALUE)) {
            journal.retainUnapplied(journal::syncedSeq);
            fill(journal);
            journal.enforceRetention();
            assertThat(journal.firstSeq()).isEqualTo(1);
            clock.advance(Duration.ofMinutes(61));
            journal.enforceRetention();
            assertThat(segments()).as("the one being written stays").isEqualTo(1);
        }
    }

    @Test
    void nothingGoesBeforeTheStoreHasSpoken() throws IOException {
        try (Journal journal = open(0, Duration.ZERO, 0)) {
            fill(journal);
            journal.enforceRetention();
            assertThat(journal.firstSeq()).isEqualTo(1);
        }
    }

    @Test
    void whatTheStoreHasNotAppliedStaysWhateverTheCost() throws IOException {
        try (Journal journal = open(0, Duration.ZERO, 0)) {
            journal.retainUnapplied(() -> 200);
            fill(journal);
            journal.enforceRetention();
            assertThat(journal.firstSeq()).isBetween(2L, 201L);
            assertThat(Changes.seqs(journal, 200)).hasSize(400);
        }
    }

    @Test
    void aDurableCursorKeepsWhatItHasNotSeen() throws IOException {
        try (Journal journal = open(0, Duration.ZERO, Long.MAX_VALUE)) {
            journal.retainUnapplied(journal::syncedSeq);
            var pin = journal.retain("session a", () -> 300);
            journal.retain("session b", () -> 500);
            fill(journal);
            journal.enforceRetention();
            assertThat(Changes.seqs(journal, 300)).hasSize(300);
            assertThat(journal.firstSeq()).isGreaterThan(1);
            pin.close();
            journal.enforceRetention();
            assertExpired(() -> journal.read(300));
            assertThat(Changes.seqs(journal, 500)).hasSize(100);
        }
    }

    @Test
    void aDurableCursorIsOverriddenAtTheHardCapAndTheLogNamesIt() throws IOException {
        try (LogCapture log = new LogCapture();
                Journal journal = open(0, Duration.ZERO, 4 * SEGMENT)) {
            journal.retainUnapplied(journal::syncedSeq);
            journal.retain("session of client 'boiler'", () -> 7);
            fill(journal);
            journal.enforceRetention();
            assertThat(segments()).isEqualTo(1);
            assertThat(log.at(Level.WARN))
                    .singleElement()
                    .asString()
                    .contains("which session of client 'boiler' has not");
        }
    }

    @Test
    void aCursorThatIsLostKeepsNothingMoreAndThoseBesideItKeepTheirs() throws IOException {
        try (Journal journal = open(0, Duration.ZERO, 4 * SEGMENT)) {
            journal.retainUnapplied(journal::syncedSeq);
            AtomicLong expired = new AtomicLong();
            journal.retain("two cursors", () -> expired.get() == 0 ? 7 : 550, expired::set);
            fill(journal);
            journal.enforceRetention();
            assertThat(expired.get()).isGreaterThan(7);
            assertThat(journal.firstSeq()).isLessThanOrEqualTo(551);
            assertThat(segments()).isLessThan(4);
            assertThat(Changes.seqs(journal, 550)).hasSize(50);
        }
    }

    @Test
    void aReaderInADeletedSegmentIsToldSo() throws IOException {
        try (Journal journal = open(0, Duration.ZERO, Long.MAX_VALUE)) {
            fill(journal);
            try (ChangeReader reader = journal.read(0)) {
                reader.next();
                journal.retainUnapplied(journal::syncedSeq);
                journal.enforceRetention();
                assertExpired(reader::next);
                assertThat(reader.position()).isEqualTo(1);
            }
        }
    }

    @Test
    void aReaderInAKeptSegmentGoesOn() throws IOException {
        try (Journal journal = open(3 * SEGMENT, FOREVER, Long.MAX_VALUE)) {
            journal.retainUnapplied(journal::syncedSeq);
            fill(journal);
            try (ChangeReader reader = journal.read(590)) {
                reader.next();
                journal.enforceRetention();
                assertThat(Changes.readAll(reader)).hasSize(9);
            }
        }
    }

    @Test
    void whatIsDeletedStaysDeletedAfterReopening() throws IOException {
        long firstSeq;
        try (Journal journal = open(3 * SEGMENT, FOREVER, Long.MAX_VALUE)) {
            journal.retainUnapplied(journal::syncedSeq);
            fill(journal);
            firstSeq = journal.firstSeq();
        }
        try (Journal journal = open(3 * SEGMENT, FOREVER, Long.MAX_VALUE)) {
            assertThat(journal.firstSeq()).isEqualTo(firstSeq);
            assertThat(journal.lastSeq()).isEqualTo(600);
        }
    }

    @Test
    void aSegmentThatCannotBeDeletedHoldsTheNewerOnesBack() throws IOException {
        List<Path> before = new ArrayList<>();
        try (LogCapture log = new LogCapture();
                Journal journal = open(0, Duration.ZERO, Long.MAX_VALUE)) {
            fill(journal);
            before.addAll(files.paths());
            journal.retainUnapplied(journal::syncedSeq);
            files.fail(Call.DELETE, p -> true, new IOException("Permission denied"));
            journal.enforceRetention();
            assertThat(files.paths()).isEqualTo(before);
            assertThat(log.at(Level.WARN)).singleElement().asString().contains("Permission denied");
            journal.enforceRetention();
            assertThat(segments()).isEqualTo(1);
        }
    }

    @Test
    void eachDeletionIsOnDiskBeforeTheNext() throws IOException {
        try (Journal journal = open(0, Duration.ZERO, Long.MAX_VALUE)) {
            fill(journal);
            journal.retainUnapplied(journal::syncedSeq);
            int from = files.moment();
            journal.enforceRetention();
            List<RecordingFiles.Act> acts = files.acts().subList(from, files.moment());
            assertThat(acts).hasSizeGreaterThan(4);
            for (int i = 0; i < acts.size(); i += 2) {
                assertThat(acts.get(i)).isInstanceOf(RecordingFiles.Act.Delete.class);
                assertThat(acts.get(i + 1)).isInstanceOf(RecordingFiles.Act.SyncDirectory.class);
            }
        }
    }
}
