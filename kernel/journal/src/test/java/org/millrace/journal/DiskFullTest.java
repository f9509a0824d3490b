package org.millrace.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.millrace.journal.RecordingFiles.Call;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.ResourceException;

class DiskFullTest {
    private static final Path DIRECTORY = Path.of("/j");
    private static final int SEGMENT = 16 * 1024;

    private final RecordingFiles files = new RecordingFiles();

    private Journal open() throws IOException {
        JournalOptions options =
                JournalOptions.in(DIRECTORY).withSegmentBytes(SEGMENT).withRing(1, 0);
        return Journal.open(options, files, PlainContent::new, Clock.systemUTC(), false);
    }

    private static boolean isSegment(Path path) {
        return path.toString().endsWith(Segment.SUFFIX);
    }

    private static void assertFull(ThrowingCallable write) {
        assertThatThrownBy(write)
                .isInstanceOfSatisfying(
                        ResourceException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.QUOTA_EXCEEDED));
    }

    @Test
    void lackOfSpaceShowsBeforeThePresentSegmentIsFull() throws IOException {
        files.diskBytes(2 * SEGMENT - 1);
        try (LogCapture log = new LogCapture();
                Journal journal = open()) {
            assertThat(log.at(Level.WARN)).singleElement().asString().contains("cannot preallocate", "Free some space");
            Changes.commit(journal, 5, 100);
            assertThat(journal.syncedSeq()).isEqualTo(5);
        }
    }

    @Test
    void aBatchThatNeedsASegmentIsRefusedAsAWholeAndForgotten() throws IOException {
        files.diskBytes(2 * SEGMENT - 1);
        try (Journal journal = open()) {
            Changes.commit(journal, 5, 100);
            Changes.append(journal, 200, 100);
            assertFull(journal::write);
            assertThat(journal.lastSeq()).isEqualTo(5);
            assertThat(journal.writtenSeq()).isEqualTo(5);
            assertThat(journal.failure()).isEmpty();
            // A smaller one still fits.
            Changes.commit(journal, 5, 100);
        }
        try (Journal journal = open()) {
            assertThat(Changes.seqs(journal, 0)).hasSize(10);
        }
    }

    @Test
    void writingResumesWhenThereIsSpaceAgain() throws IOException {
        files.diskBytes(2 * SEGMENT - 1);
        try (LogCapture log = new LogCapture();
                Journal journal = open()) {
            Changes.append(journal, 200, 100);
            assertFull(journal::write);
            files.diskBytes(Long.MAX_VALUE);
            Awaitility.await().atMost(Duration.ofSeconds(10)).ignoreExceptions().until(() -> {
                Changes.commit(journal, 200, 100);
                return true;
            });
            assertThat(Changes.seqs(journal, 0)).hasSize(200);
            assertThat(log.at(Level.INFO)).anyMatch(m -> m.contains("can be preallocated in /j again"));
        }
    }

    @Test
    void halfAWrittenBatchIsRemoved() throws IOException {
        Journal journal = open();
        Changes.commit(journal, 5, 100);
        files.fail(Call.WRITE, DiskFullTest::isSegment, new NoSpaceException("full", null))
                .having(1_000);
        Changes.append(journal, 20, 100);
        assertFull(journal::write);
        // What was removed must not be found by the recovery of a process that dies now.
        try (Journal found = open()) {
            assertThat(found.lastSeq()).isEqualTo(5);
        }
    }

    @Test
    void aBatchHalfWrittenOverSeveralSegmentsIsRemovedFromAll() throws IOException {
        Journal journal = open();
        Changes.commit(journal, 5, 100);
        int before = files.paths().size();
        // Present segment, seal, header and data of the second, seal, header of the third; then none left.
        files.fail(Call.WRITE, DiskFullTest::isSegment, new NoSpaceException("full", null))
                .after(4)
                .having(500);
        Changes.append(journal, 300, 100);
        assertFull(journal::write);
        assertThat(files.paths().stream().filter(DiskFullTest::isSegment)).hasSize(1);
        assertThat(files.paths()).hasSizeLessThanOrEqualTo(before);
        Changes.commit(journal, 300, 100);
        assertThat(Changes.seqs(journal, 0)).hasSize(305);
        try (Journal found = open()) {
            assertThat(Changes.seqs(found, 0)).hasSize(305);
        }
    }

    @Test
    void noSpaceToRenameASegmentLeavesNothingBehind() throws IOException {
        Journal journal = open();
        Changes.commit(journal, 5, 100);
        files.fail(Call.SYNC_DIRECTORY, p -> true, new NoSpaceException("full", null));
        Changes.append(journal, 300, 100);
        assertFull(journal::write);
        assertThat(files.paths().stream().filter(DiskFullTest::isSegment)).hasSize(1);
        Changes.commit(journal, 300, 100);
        try (Journal found = open()) {
            assertThat(Changes.seqs(found, 0)).hasSize(305);
        }
    }

    @Test
    void aWriteThatCannotBeUndoneFailsTheJournal() throws IOException {
        try (LogCapture log = new LogCapture();
                Journal journal = open()) {
            Changes.commit(journal, 5, 100);
            files.fail(Call.WRITE, DiskFullTest::isSegment, new NoSpaceException("full", null))
                    .having(500);
            files.fail(Call.WRITE, DiskFullTest::isSegment, new NoSpaceException("full", null))
                    .after(0);
            Changes.append(journal, 20, 100);
            assertThatThrownBy(journal::write).isInstanceOf(JournalFailedException.class);
            assertThat(journal.failure()).isPresent();
            assertThat(log.at(Level.ERROR)).hasSize(1);
        }
    }
}
