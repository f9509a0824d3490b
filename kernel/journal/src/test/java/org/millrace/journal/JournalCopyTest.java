package org.millrace.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JournalCopyTest {
    @TempDir
    Path directory;

    private JournalOptions options(String name) {
        return JournalOptions.in(directory.resolve(name)).withSegmentBytes(32 << 10);
    }

    private Journal open(String name) throws IOException {
        return Journal.open(options(name), JournalFiles.system(), PlainContent::new);
    }

    private static void write(Journal journal, int changes) {
        Changes.commit(journal, changes, 100);
    }

    @Test
    void aCopyOpensAsTheJournalItIsOf() throws IOException {
        try (Journal journal = open("a")) {
            write(journal, 1_000);
            long last = journal.copyTo(directory.resolve("b"), 0, bytes -> {});
            assertThat(last).isEqualTo(1_000);

            try (Journal copy = open("b")) {
                assertThat(copy.node()).isEqualTo(journal.node());
                assertThat(copy.firstSeq()).isEqualTo(1);
                assertThat(Changes.seqs(copy, 0)).isEqualTo(Changes.seqs(journal, 0));
                write(copy, 10);
                assertThat(copy.lastSeq()).isEqualTo(1_010);
            }
        }
    }

    @Test
    void onlyTheSegmentsBehindAPlaceAreCopied() throws IOException {
        try (Journal journal = open("a")) {
            write(journal, 1_000);
            journal.copyTo(directory.resolve("b"), 900, bytes -> {});

            try (Journal copy = open("b")) {
                assertThat(copy.firstSeq()).isGreaterThan(1).isLessThanOrEqualTo(901);
                assertThat(copy.lastSeq()).isEqualTo(1_000);
            }
        }
    }

    @Test
    void anEmptyJournalIsCopied() throws IOException {
        try (Journal journal = open("a")) {
            assertThat(journal.copyTo(directory.resolve("b"), 0, bytes -> {})).isZero();

            try (Journal copy = open("b")) {
                assertThat(copy.node()).isEqualTo(journal.node());
                assertThat(copy.lastSeq()).isZero();
            }
        }
    }

    /** As builds did that ended a copy where its last change ends. */
    private Path copyWithoutItsEnd(int bytesMore) throws IOException {
        Path copy = directory.resolve("b");
        try (Journal journal = open("a")) {
            write(journal, 1_000);
            journal.copyTo(copy, 0, bytes -> {});
        }
        Path last = SegmentFiles.find(copy, JournalFiles.system())
                .segments()
                .getLast()
                .file();
        try (FileChannel file = FileChannel.open(last, StandardOpenOption.WRITE)) {
            file.truncate(file.size() - Frame.MARK_BYTES - bytesMore);
        }
        return copy;
    }

    @Test
    void aCopyThatEndsWithItsLastChangeIsCompleted() throws IOException {
        Path copy = copyWithoutItsEnd(0);
        assertThatExceptionOfType(JournalCorruptException.class).isThrownBy(() -> open("b"));

        assertThat(StoppedJournal.completeCopy(copy, JournalFiles.system(), 1_000))
                .isTrue();

        try (Journal journal = open("b")) {
            assertThat(journal.lastSeq()).isEqualTo(1_000);
            write(journal, 10);
        }
        assertThat(StoppedJournal.completeCopy(copy, JournalFiles.system(), 1_010))
                .isFalse();
    }

    @Test
    void aCopyThatEndsElsewhereStaysDamaged() throws IOException {
        Path copy = copyWithoutItsEnd(8);

        assertThat(StoppedJournal.completeCopy(copy, JournalFiles.system(), 1_000))
                .isFalse();
        assertThat(StoppedJournal.completeCopy(copy, JournalFiles.system(), 999))
                .isFalse();
        assertThatExceptionOfType(JournalCorruptException.class).isThrownBy(() -> open("b"));
    }

    @Test
    void copiesMadeWhileWritingGoesOnAreIntact() throws Exception {
        AtomicBoolean stop = new AtomicBoolean();
        try (Journal journal = open("a")) {
            CompletableFuture<Void> writing = CompletableFuture.runAsync(() -> {
                while (!stop.get()) {
                    write(journal, 7);
                }
            });
            for (int i = 0; i < 30; i++) {
                Path target = directory.resolve("copy" + i);
                long last = journal.copyTo(target, Math.max(0, journal.syncedSeq() - 500), bytes -> {});
                JournalReport report = new JournalVerifier(JournalFiles.system()).verify(target);
                assertThat(report.damages()).isEmpty();
                assertThat(report.lastSeq()).isEqualTo(last);
            }
            stop.set(true);
            writing.join();
        }
    }
}
