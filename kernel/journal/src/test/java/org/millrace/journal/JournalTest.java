package org.millrace.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.millrace.spi.resource.Change;
import org.millrace.spi.resource.Cursor;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.ResourceException;
import org.millrace.spi.resource.SharedForm;

class JournalTest {
    @TempDir
    Path directory;

    private Journal open() throws IOException {
        return open(JournalOptions.in(directory.resolve("made/journal")).withSegmentBytes(64 * 1024));
    }

    private static Journal open(JournalOptions options) throws IOException {
        return Journal.open(options, JournalFiles.system(), PlainContent::new);
    }

    @Test
    void aNewJournalIsEmptyAndHasANode() throws IOException {
        try (Journal journal = open()) {
            assertThat(journal.node()).isNotZero();
            assertThat(journal.firstSeq()).isEqualTo(1);
            assertThat(journal.lastSeq()).isZero();
            assertThat(Changes.seqs(journal, 0)).isEmpty();
        }
    }

    @Test
    void placesFollowAppendWriteSyncAndPublish() throws IOException {
        try (Journal journal = open()) {
            List<Change> changes = Changes.append(journal, 3, 10);
            assertThat(places(journal)).containsExactly(3L, 0L, 0L, 0L);
            journal.write();
            assertThat(places(journal)).containsExactly(3L, 3L, 0L, 0L);
            journal.sync();
            assertThat(places(journal)).containsExactly(3L, 3L, 3L, 0L);
            journal.publish(changes);
            assertThat(places(journal)).containsExactly(3L, 3L, 3L, 3L);
        }
    }

    private static List<Long> places(Journal journal) {
        return List.of(journal.lastSeq(), journal.writtenSeq(), journal.syncedSeq(), journal.publishedSeq());
    }

    @Test
    void readersSeeWhatIsPublishedOnly() throws IOException {
        try (Journal journal = open();
                ChangeReader reader = journal.read(0)) {
            List<Change> changes = Changes.append(journal, 2, 10);
            journal.write();
            assertThat(reader.next()).isNull();
            journal.publish(changes.subList(0, 1));
            assertThat(reader.next()).isSameAs(changes.getFirst());
            assertThat(reader.next()).isNull();
            assertThat(reader.position()).isEqualTo(1);
        }
    }

    @Test
    void changesAreThereAfterReopening() throws IOException {
        long node;
        try (Journal journal = open()) {
            node = journal.node();
            Changes.commit(journal, 1_000, 300);
        }
        try (Journal journal = open();
                ChangeReader reader = journal.read(0)) {
            assertThat(journal.node()).isEqualTo(node);
            assertThat(places(journal)).containsOnly(1_000L);
            List<Change> found = Changes.readAll(reader);
            assertThat(found).hasSize(1_000);
            assertThat(found)
                    .allSatisfy(c -> assertThat(Changes.text(c))
                            .isEqualTo(String.valueOf(c.cursor().position())));
        }
    }

    @Test
    void numberingGoesOnAfterReopening() throws IOException {
        for (int i = 0; i < 5; i++) {
            try (Journal journal = open()) {
                Changes.commit(journal, 100, 300);
            }
        }
        try (Journal journal = open()) {
            assertThat(Changes.seqs(journal, 0)).hasSize(500).startsWith(1L).endsWith(500L);
        }
    }

    @Test
    void closingAndOpeningAddsNothing() throws IOException {
        try (Journal journal = open()) {
            Changes.commit(journal, 1, 10);
        }
        byte[] before = java.nio.file.Files.readAllBytes(Segment.file(directory.resolve("made/journal"), 1));
        for (int i = 0; i < 3; i++) {
            open().close();
        }
        assertThat(java.nio.file.Files.readAllBytes(Segment.file(directory.resolve("made/journal"), 1)))
                .isEqualTo(before);
    }

    @Test
    void readingStartsAnywhere() throws IOException {
        try (Journal journal =
                open(JournalOptions.in(directory).withSegmentBytes(1 << 20).withRing(1, 0))) {
            Changes.commit(journal, 10_000, 300);
            for (long after : new long[] {0, 1, 2_500, 4_999, 9_998, 9_999}) {
                try (ChangeReader reader = journal.read(after)) {
                    Change first = reader.next();
                    assertThat(first).isNotNull();
                    assertThat(first.cursor().position()).isEqualTo(after + 1);
                }
            }
            assertThat(Changes.seqs(journal, 10_000)).isEmpty();
        }
    }

    @Test
    void aReaderMovesFromSegmentsToTheRing() throws IOException {
        try (Journal journal = open(
                        JournalOptions.in(directory).withSegmentBytes(64 * 1024).withRing(16, 1 << 20));
                ChangeReader reader = journal.read(0)) {
            Changes.commit(journal, 500, 300);
            assertThat(Changes.readAll(reader)).hasSize(500);
            List<Change> recent = Changes.commit(journal, 16, 300);
            assertThat(Changes.readAll(reader))
                    .usingElementComparator((a, b) -> a == b ? 0 : 1)
                    .isEqualTo(recent);
        }
    }

    @Test
    void anEntryLargerThanASegmentGetsItsOwn() throws IOException {
        try (Journal journal = open()) {
            Changes.commit(journal, 3, 100);
            Changes.commit(journal, 1, 70 << 20);
            Changes.commit(journal, 3, 100);
        }
        try (Journal journal = open();
                ChangeReader reader = journal.read(0)) {
            assertThat(Changes.readAll(reader))
                    .extracting(c -> c.content().orElseThrow().size())
                    .containsExactly(100, 100, 100, 70 << 20, 100, 100, 100);
        }
    }

    @Test
    void aJournalMayBeginWithAnEntryLargerThanASegment() throws IOException {
        long node;
        try (Journal journal = open()) {
            node = journal.node();
            journal.retainUnapplied(journal::lastSeq);
            Changes.commit(journal, 1, 1 << 20);
            Changes.commit(journal, 300, 300);
            journal.enforceRetention();
        }
        try (Journal journal = open();
                ChangeReader reader = journal.read(0)) {
            assertThat(journal.node()).isEqualTo(node);
            assertThat(Changes.readAll(reader)).hasSize(301);
        }
    }

    @Test
    void aBatchMaySpanManySegments() throws IOException {
        try (Journal journal = open()) {
            Changes.commit(journal, 3_000, 300);
            assertThat(Changes.seqs(journal, 0)).hasSize(3_000);
        }
        try (Journal journal = open()) {
            assertThat(Changes.seqs(journal, 0)).hasSize(3_000);
        }
    }

    @Test
    void aChangeOutOfOrderIsRefused() throws IOException {
        try (Journal journal = open()) {
            Change change = Changes.next(journal, new byte[1]);
            Change wrong = Change.of(change.kind(), change.path(), change.version(), new Cursor(journal.node(), 2))
                    .content(change.content().orElseThrow())
                    .build();
            assertThatThrownBy(() -> journal.append(wrong, true))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("the next one is " + new Cursor(journal.node(), 1));
            assertThat(journal.lastSeq()).isZero();
        }
    }

    @Test
    void aGroupWithoutEndIsNotWritten() throws IOException {
        try (Journal journal = open()) {
            journal.append(Changes.next(journal, new byte[1]), false);
            assertThatThrownBy(journal::write).isInstanceOf(IllegalStateException.class);
            journal.append(Changes.next(journal, new byte[1]), true);
            journal.write();
            assertThat(journal.writtenSeq()).isEqualTo(2);
        }
    }

    @Test
    void whatIsDiscardedWasNever() throws IOException {
        try (Journal journal = open()) {
            Changes.commit(journal, 1, 10);
            Changes.append(journal, 5, 10);
            journal.discard();
            assertThat(journal.lastSeq()).isEqualTo(1);
            assertThat(journal.bufferedBytes()).isZero();
            Changes.commit(journal, 1, 10);
            assertThat(Changes.seqs(journal, 0)).containsExactly(1L, 2L);
        }
    }

    @Test
    void publishingWhatIsNotWrittenIsRefused() throws IOException {
        try (Journal journal = open()) {
            List<Change> changes = Changes.append(journal, 1, 10);
            assertThatThrownBy(() -> journal.publish(changes)).isInstanceOf(IllegalArgumentException.class);
            assertThat(journal.publishedSeq()).isZero();
        }
    }

    @Test
    void aCursorAheadOfTheJournalIsInvalid() throws IOException {
        try (Journal journal = open()) {
            Changes.commit(journal, 2, 10);
            assertThatThrownBy(() -> journal.read(3))
                    .isInstanceOfSatisfying(
                            ResourceException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID));
        }
    }

    @Test
    void theClockIsNeverBehindTheJournal() throws IOException {
        JournalOptions options = JournalOptions.in(directory).withSegmentBytes(64 * 1024);
        long last;
        try (Journal journal = open(options)) {
            Changes.commit(journal, 1_000, 300);
            last = journal.clock().last();
        }
        Clock past = Clock.fixed(Instant.EPOCH, ZoneOffset.UTC);
        try (Journal journal = Journal.open(options, JournalFiles.system(), PlainContent::new, past, false)) {
            assertThat(journal.clock().next()).isGreaterThan(last);
        }
    }

    @Test
    void publicationsWakeListenersUntilTheyAreRemoved() throws IOException {
        try (Journal journal = open()) {
            AtomicInteger woken = new AtomicInteger();
            var registration = journal.onPublished(woken::incrementAndGet);
            Changes.commit(journal, 2, 10);
            assertThat(woken).hasValue(1);
            registration.close();
            Changes.commit(journal, 2, 10);
            assertThat(woken).hasValue(1);
        }
    }

    @Test
    void aFailingListenerDoesNotStopTheWriter() throws IOException {
        try (LogCapture log = new LogCapture();
                Journal journal = open()) {
            journal.onPublished(() -> {
                throw new IllegalStateException("on purpose");
            });
            Changes.commit(journal, 1, 10);
            assertThat(journal.publishedSeq()).isEqualTo(1);
            assertThat(log.at(ch.qos.logback.classic.Level.ERROR)).hasSize(1);
        }
    }

    @Test
    void derivedFormsAreForgotten() throws IOException {
        try (Journal journal = open()) {
            Change change = Changes.commit(journal, 1, 10).getFirst();
            AtomicInteger made = new AtomicInteger();
            SharedForm<Integer> form = new SharedForm<>("test", c -> made.incrementAndGet());
            change.shared(form);
            journal.forgetShared();
            change.shared(form);
            assertThat(made).hasValue(2);
        }
    }

    @Test
    void readersOfAClosedJournalAreToldSo() throws IOException {
        Journal journal =
                open(JournalOptions.in(directory).withSegmentBytes(64 * 1024).withRing(1, 0));
        Changes.commit(journal, 10, 10);
        try (ChangeReader reader = journal.read(0)) {
            journal.close();
            assertThatThrownBy(reader::next)
                    .isInstanceOfSatisfying(
                            ResourceException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.UNAVAILABLE));
        }
    }
}
