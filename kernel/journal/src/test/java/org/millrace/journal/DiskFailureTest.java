package org.millrace.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.millrace.journal.RecordingFiles.Call;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.ResourceException;

class DiskFailureTest {
    private static final Path DIRECTORY = Path.of("/j");

    private final RecordingFiles files = new RecordingFiles();
    private final LogCapture log = new LogCapture();
    private Journal journal;

    @BeforeEach
    void open() throws IOException {
        JournalOptions options =
                JournalOptions.in(DIRECTORY).withSegmentBytes(16 * 1024).withRing(1, 0);
        journal = Journal.open(options, files, PlainContent::new, Clock.systemUTC(), false);
    }

    @AfterEach
    void close() {
        journal.close();
        log.close();
    }

    private static boolean isSegment(Path path) {
        return path.toString().endsWith(Segment.SUFFIX);
    }

    @Test
    void aFailedSyncEndsWritingForGood() {
        Changes.commit(journal, 5, 100);
        files.fail(Call.SYNC, DiskFailureTest::isSegment, new IOException("Input/output error"));
        Changes.append(journal, 5, 100);
        journal.write();
        assertThatThrownBy(journal::sync)
                .isInstanceOf(JournalFailedException.class)
                .hasMessageContaining("cannot sync journal file /j/00000000000000000001.journal")
                .hasMessageContaining("Input/output error");
        assertThat(journal.syncedSeq()).isEqualTo(5);
        // The disk would say yes now.
        assertThatThrownBy(journal::sync).isInstanceOf(JournalFailedException.class);
        assertThatThrownBy(journal::write).isInstanceOf(JournalFailedException.class);
        assertThatThrownBy(() -> Changes.append(journal, 1, 1)).isInstanceOf(JournalFailedException.class);
        assertThat(log.at(Level.ERROR)).hasSize(1);
    }

    @Test
    void aFailedSyncIsNotTriedAgainOnClosing() {
        files.fail(Call.SYNC, DiskFailureTest::isSegment, new IOException("Input/output error"));
        Changes.append(journal, 5, 100);
        journal.write();
        assertThatThrownBy(journal::sync).isInstanceOf(JournalFailedException.class);
        int before = files.moment();
        journal.close();
        assertThat(files.acts().subList(before, files.moment()))
                .noneMatch(a -> a instanceof RecordingFiles.Act.Sync || a instanceof RecordingFiles.Act.Write);
    }

    @Test
    void aFailedWriteEndsWritingForGood() {
        files.fail(Call.WRITE, DiskFailureTest::isSegment, new IOException("Input/output error"))
                .having(100);
        Changes.append(journal, 5, 100);
        assertThatThrownBy(journal::write).isInstanceOf(JournalFailedException.class);
        assertThat(journal.writtenSeq()).isZero();
        assertThatThrownBy(journal::write).isInstanceOf(JournalFailedException.class);
        assertThat(journal.failure()).isPresent();
    }

    @Test
    void aSegmentThatCannotBeSealedEndsWriting() {
        Changes.commit(journal, 5, 100);
        files.fail(Call.SYNC, DiskFailureTest::isSegment, new IOException("Input/output error"));
        Changes.append(journal, 300, 100);
        assertThatThrownBy(journal::write).isInstanceOf(JournalFailedException.class);
        assertThat(journal.writtenSeq()).isEqualTo(5);
    }

    @Test
    void readingGoesOnAfterAFailure() {
        Changes.commit(journal, 300, 100);
        files.fail(Call.SYNC, DiskFailureTest::isSegment, new IOException("Input/output error"));
        assertThatThrownBy(() -> Changes.commit(journal, 5, 100)).isInstanceOf(JournalFailedException.class);
        assertThat(Changes.seqs(journal, 0)).hasSize(300);
    }

    @Test
    void theFailureIsToldInTheTermsOfTheSpi() {
        files.fail(Call.WRITE, DiskFailureTest::isSegment, new IOException("Input/output error"));
        Changes.append(journal, 1, 1);
        assertThatThrownBy(journal::write).isInstanceOfSatisfying(JournalFailedException.class, e -> {
            assertThat(e.toResourceException().code()).isEqualTo(ErrorCode.UNAVAILABLE);
            assertThat(e.file()).isEqualTo(Segment.file(DIRECTORY, 1));
        });
    }

    @Test
    void aDiskThatCannotBeReadIsReportedAndTheReaderStaysWhereItWas() {
        Changes.commit(journal, 10, 100);
        try (ChangeReader reader = journal.read(0)) {
            files.fail(Call.READ, p -> true, new IOException("Input/output error"));
            assertThatThrownBy(reader::next)
                    .isInstanceOfSatisfying(
                            ResourceException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.UNAVAILABLE));
            assertThat(reader.position()).isZero();
            assertThat(Changes.readAll(reader)).hasSize(10);
        }
    }

    @Test
    void aSpareThatCannotBeMadeEndsWritingWhenItIsNeeded() {
        Changes.commit(journal, 200, 100);
        files.fail(Call.CREATE, p -> true, new IOException("Input/output error"))
                .times(Integer.MAX_VALUE);
        assertThatThrownBy(() -> {
                    for (int i = 0; i < 10; i++) {
                        Changes.commit(journal, 200, 100);
                    }
                })
                .isInstanceOf(JournalFailedException.class);
    }
}
