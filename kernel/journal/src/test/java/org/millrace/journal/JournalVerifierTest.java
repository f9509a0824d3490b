package org.millrace.journal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class JournalVerifierTest {
    private static final Path DIRECTORY = Path.of("/j");

    private final RecordingFiles files = new RecordingFiles();

    @BeforeEach
    void write() throws IOException {
        JournalOptions options = JournalOptions.in(DIRECTORY).withSegmentBytes(16 * 1024);
        try (Journal journal = Journal.open(options, files, PlainContent::new, Clock.systemUTC(), false)) {
            for (int i = 0; i < 60; i++) {
                Changes.commit(journal, 10, 100);
            }
        }
    }

    private void damage(int segment, int offset) throws IOException {
        Path path = files.paths().get(segment);
        byte[] bytes = files.bytes(path);
        bytes[offset] ^= 1;
        files.delete(path);
        files.put(path, bytes);
    }

    private JournalReport verify() throws IOException {
        return new JournalVerifier(files).verify(DIRECTORY);
    }

    @Test
    void anIntactJournalIsFoundIntact() throws IOException {
        JournalReport report = verify();
        assertThat(report.isIntact()).isTrue();
        assertThat(report.node()).isNotZero();
        assertThat(report.firstSeq()).isEqualTo(1);
        assertThat(report.lastSeq()).isEqualTo(600);
        assertThat(report.tornBytes()).isZero();
        assertThat(report.segments()).hasSize(files.paths().size());
        assertThat(report.segments().getFirst().firstSeq()).isEqualTo(1);
        assertThat(report.segments().getLast().lastSeq()).isEqualTo(600);
    }

    @Test
    void eachDamagedSegmentIsReported() throws IOException {
        damage(0, 5_000);
        damage(2, 6_000);
        JournalReport report = verify();
        assertThat(report.damages())
                .extracting(Damage::file)
                .containsExactly(files.paths().get(0), files.paths().get(2));
        assertThat(report.lastSeq()).isLessThan(10);
        assertThat(report.damages().getFirst().expectedSeq()).isEqualTo(report.lastSeq() + 1);
    }

    @Test
    void aMissingSegmentIsReported() throws IOException {
        Path missing = files.paths().get(1);
        files.delete(missing);
        assertThat(verify().damages()).extracting(Damage::file).isEqualTo(List.of(missing));
    }

    @Test
    void verifyingAltersNothing() throws IOException {
        damage(0, 5_000);
        int before = files.moment();
        verify();
        assertThat(files.moment()).isEqualTo(before);
    }

    @Test
    void anEmptyDirectoryIsIntact() throws IOException {
        assertThat(new JournalVerifier(new RecordingFiles()).verify(DIRECTORY).isIntact())
                .isTrue();
    }
}
