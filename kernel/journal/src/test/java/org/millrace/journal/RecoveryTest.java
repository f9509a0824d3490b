package org.millrace.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.millrace.spi.resource.Change;

class RecoveryTest {
    private static final Path DIRECTORY = Path.of("/j");
    private static final JournalOptions OPTIONS =
            JournalOptions.in(DIRECTORY).withSegmentBytes(16 * 1024).withRing(1, 0);

    private final RecordingFiles files = new RecordingFiles();

    private static Journal open(RecordingFiles files) throws IOException {
        return Journal.open(OPTIONS, files, PlainContent::new, Clock.systemUTC(), false);
    }

    /** Leaves the journal as a killed process does. */
    private void writeAndDie(int batches) throws IOException {
        Journal journal = open(files);
        for (int i = 0; i < batches; i++) {
            Changes.commit(journal, 10, 100);
        }
    }

    private Path lastSegment() {
        return files.paths().stream()
                .filter(p -> p.toString().endsWith(Segment.SUFFIX))
                .reduce((a, b) -> b)
                .orElseThrow();
    }

    private RecordingFiles with(Path path, byte[] bytes) {
        RecordingFiles copy = new RecordingFiles();
        files.paths().forEach(p -> copy.put(p, p.equals(path) ? bytes : files.bytes(p)));
        return copy;
    }

    /** Where the frame of a seq begins. */
    private int offsetOf(Path path, long seq) {
        ByteBuffer bytes = ByteBuffer.wrap(files.bytes(path));
        int at = SegmentHeader.DATA_START;
        while (bytes.getLong(at + Frame.SEQ) != seq) {
            at += bytes.getInt(at);
        }
        return at;
    }

    @Test
    void aTornTailIsCutOffAndReported() throws IOException {
        writeAndDie(3);
        Path path = lastSegment();
        byte[] bytes = files.bytes(path);
        bytes[offsetOf(path, 25) + 60] ^= 1;
        try (LogCapture log = new LogCapture();
                Journal journal = open(with(path, bytes))) {
            assertThat(journal.lastSeq()).isEqualTo(24);
            assertThat(log.at(Level.INFO))
                    .singleElement()
                    .asString()
                    .contains(path.toString(), "after change 24", "offset " + offsetOf(path, 25));
        }
    }

    @Test
    void whatWasCutOffDoesNotComeBack() throws IOException {
        writeAndDie(3);
        Path path = lastSegment();
        byte[] bytes = files.bytes(path);
        bytes[offsetOf(path, 25) + 60] ^= 1;
        RecordingFiles image = with(path, bytes);
        // The new change 25 is exactly as large as the old one was, so the old 26 would follow it.
        Journal journal = open(image);
        Changes.commit(journal, 1, 100);
        try (Journal again = open(image)) {
            assertThat(again.lastSeq()).isEqualTo(25);
        }
    }

    @Test
    void damageBeforeSyncedChangesIsReportedWithItsPlace() throws IOException {
        writeAndDie(3);
        Path path = lastSegment();
        int offset = offsetOf(path, 15);
        byte[] bytes = files.bytes(path);
        bytes[offset + 60] ^= 1;
        assertThatThrownBy(() -> open(with(path, bytes))).isInstanceOfSatisfying(JournalCorruptException.class, e -> {
            assertThat(e.file()).isEqualTo(path);
            assertThat(e.offset()).isEqualTo(offset);
            assertThat(e.expectedSeq()).isEqualTo(15);
            assertThat(e).hasMessageContaining("backup");
        });
    }

    @Test
    void damageInTheLastBatchIsReportedAfterACleanClose() throws IOException {
        try (Journal journal = open(files)) {
            Changes.commit(journal, 10, 100);
        }
        Path path = lastSegment();
        byte[] bytes = files.bytes(path);
        bytes[offsetOf(path, 10) + 60] ^= 1;
        assertThatThrownBy(() -> open(with(path, bytes))).isInstanceOf(JournalCorruptException.class);
    }

    @Test
    void nothingIsAlteredWhenDamageIsReported() throws IOException {
        writeAndDie(3);
        Path path = lastSegment();
        byte[] bytes = files.bytes(path);
        bytes[offsetOf(path, 15) + 60] ^= 1;
        RecordingFiles image = with(path, bytes);
        assertThatThrownBy(() -> open(image)).isInstanceOf(JournalCorruptException.class);
        assertThat(image.bytes(path)).isEqualTo(bytes);
    }

    @Test
    void anUnfinishedGroupIsDropped() throws IOException {
        Journal journal = open(files);
        Changes.commit(journal, 5, 100);
        for (int i = 0; i < 3; i++) {
            journal.append(Changes.next(journal, new byte[100]), i == 2);
        }
        journal.write();
        Path path = lastSegment();
        byte[] bytes = files.bytes(path);
        int end = offsetOf(path, 8);
        java.util.Arrays.fill(bytes, end, bytes.length, (byte) 0);
        try (Journal found = open(with(path, bytes))) {
            assertThat(found.lastSeq()).isEqualTo(5);
            assertThat(Changes.commit(found, 1, 10).getFirst().cursor().position())
                    .isEqualTo(6);
        }
    }

    @Test
    void aMissingSegmentIsReported() throws IOException {
        writeAndDie(60);
        Path second = files.paths().get(1);
        RecordingFiles image = new RecordingFiles();
        files.paths().stream().filter(p -> !p.equals(second)).forEach(p -> image.put(p, files.bytes(p)));
        assertThatThrownBy(() -> open(image)).isInstanceOfSatisfying(JournalCorruptException.class, e -> {
            assertThat(e.file()).isEqualTo(second);
            assertThat(e).hasMessageContaining("the file is missing");
        });
    }

    @Test
    void aDamagedHeaderIsReported() throws IOException {
        writeAndDie(60);
        Path second = files.paths().get(1);
        byte[] bytes = files.bytes(second);
        bytes[20] ^= 4;
        assertThatThrownBy(() -> open(with(second, bytes)))
                .isInstanceOf(JournalCorruptException.class)
                .hasMessageContaining("the header's checksum is wrong");
    }

    @Test
    void aSegmentOfAnotherJournalIsReported() throws IOException {
        writeAndDie(60);
        RecordingFiles other = new RecordingFiles();
        Journal journal = open(other);
        for (int i = 0; i < 60; i++) {
            Changes.commit(journal, 10, 100);
        }
        Path second = files.paths().get(1);
        assertThatThrownBy(() -> open(with(second, other.bytes(second))))
                .isInstanceOf(JournalCorruptException.class)
                .hasMessageContaining("belongs to node");
    }

    @Test
    void aNewerFormatIsRefusedWithTheReason() throws IOException {
        writeAndDie(1);
        Path path = lastSegment();
        byte[] bytes = files.bytes(path);
        ByteBuffer header = ByteBuffer.wrap(bytes);
        header.putInt(8, 2);
        java.util.zip.CRC32C crc = new java.util.zip.CRC32C();
        crc.update(bytes, 0, SegmentHeader.BYTES - Integer.BYTES);
        header.putInt(SegmentHeader.BYTES - Integer.BYTES, (int) crc.getValue());
        assertThatThrownBy(() -> open(with(path, bytes))).hasMessageContaining("format is version 2");
    }

    @Test
    void aLostSealIsMadeUpForByReading() throws IOException {
        writeAndDie(60);
        Path first = files.paths().getFirst();
        byte[] bytes = files.bytes(first);
        java.util.Arrays.fill(bytes, SegmentSeal.OFFSET, SegmentSeal.OFFSET + SegmentSeal.BYTES, (byte) 0);
        try (Journal journal = open(with(first, bytes))) {
            assertThat(Changes.seqs(journal, 0)).hasSize(600);
        }
    }

    @Test
    void aFileWhoseEndWasCutOffIsRefused() throws IOException {
        writeAndDie(1);
        Path path = lastSegment();
        byte[] bytes = java.util.Arrays.copyOf(files.bytes(path), offsetOf(path, 10) + 500);
        assertThatExceptionOfType(JournalCorruptException.class)
                .isThrownBy(() -> open(with(path, bytes)))
                .withMessageContaining("where change 11 is expected")
                .withMessageContaining("its end was cut off");
    }

    @Test
    void aFileCutBehindTheMarkOfACleanCloseIsFilledUpAgain() throws IOException {
        try (Journal journal = open(files)) {
            Changes.commit(journal, 10, 100);
        }
        Path path = lastSegment();
        int last = offsetOf(path, 10);
        int mark = last + ByteBuffer.wrap(files.bytes(path)).getInt(last);
        RecordingFiles image = with(path, java.util.Arrays.copyOf(files.bytes(path), mark + Frame.MARK_BYTES));
        try (Journal journal = open(image)) {
            assertThat(journal.lastSeq()).isEqualTo(10);
        }
        assertThat(image.bytes(path)).hasSize(16 * 1024);
    }

    @Test
    void bytesOfAnotherLifeOfTheFileAreNotTakenForChanges() throws IOException {
        writeAndDie(3);
        Path path = lastSegment();
        byte[] stale = files.bytes(path);
        RecordingFiles fresh = new RecordingFiles();
        Journal journal = open(fresh);
        Changes.commit(journal, 20, 100);
        byte[] mixed = fresh.bytes(path);
        int end = offsetOf(path, 21);
        // Changes 21 to 30 of the other file, where 21 is expected: right seq, right checksum but for the salt.
        System.arraycopy(stale, end, mixed, end, stale.length - end);
        RecordingFiles image = new RecordingFiles();
        image.put(path, mixed);
        try (Journal found = open(image)) {
            assertThat(found.lastSeq()).isEqualTo(20);
        }
    }

    @Test
    void leftOversOfPreallocationAreDeleted() throws IOException {
        writeAndDie(1);
        assertThat(files.paths()).hasSize(2);
        files.put(DIRECTORY.resolve("77" + SegmentAllocator.SPARE_SUFFIX), new byte[100]);
        open(files).close();
        assertThat(files.paths()).containsExactly(Segment.file(DIRECTORY, 1));
    }

    @Test
    void theDeletionOfOldSparesIsOnDiskBeforeTheirNamesAreUsedAgain() throws IOException {
        writeAndDie(1);
        int before = files.moment();
        open(files);
        assertThat(files.acts().subList(before, files.moment()))
                .filteredOn(a -> !(a instanceof RecordingFiles.Act.Write || a instanceof RecordingFiles.Act.Sync))
                .extracting(a -> a.getClass().getSimpleName())
                .containsExactly("Delete", "SyncDirectory", "Create");
    }

    @Test
    void anyFlippedBitIsReportedOrHarmless() throws IOException {
        writeAndDie(60);
        List<String> wrong = new ArrayList<>();
        int reported = 0;
        for (long seed = 0; seed < 800; seed++) {
            RandomGenerator random = new SplittableRandom(seed);
            List<Path> paths = files.paths().stream()
                    .filter(p -> p.toString().endsWith(Segment.SUFFIX))
                    .toList();
            Path path = paths.get(random.nextInt(paths.size()));
            byte[] bytes = files.bytes(path);
            int bit = random.nextInt(bytes.length * 8);
            bytes[bit / 8] ^= (byte) (1 << (bit % 8));
            RecordingFiles image = with(path, bytes);
            boolean seen = !new JournalVerifier(image).verify(DIRECTORY).isIntact();
            String found = readAll(image, 600);
            reported += seen ? 1 : 0;
            // The last batch has no witness before a clean close: its damage looks like a torn tail.
            if (!found.equals("damage") && !found.equals("600") && !found.matches("59\\d")) {
                wrong.add("seed " + seed + ": " + found);
            }
            if (found.equals("damage") && !seen) {
                wrong.add("seed " + seed + ": not found by the verifier");
            }
        }
        assertThat(wrong).isEmpty();
        assertThat(reported).isPositive();
    }

    /** How far one can read, or that damage was reported; never a change that is not what it was. */
    private static String readAll(RecordingFiles image, int atMost) throws IOException {
        try (LogCapture _ = new LogCapture();
                Journal journal = open(image);
                ChangeReader reader = journal.read(0)) {
            long seq = 0;
            for (Change c = reader.next(); c != null; c = reader.next()) {
                seq++;
                if (!Changes.text(c).equals(String.valueOf(seq))) {
                    return "change " + seq + " reads " + Changes.text(c);
                }
            }
            return seq > atMost ? "too many: " + seq : String.valueOf(seq);
        } catch (JournalCorruptException e) {
            return "damage";
        }
    }

    @Test
    void whatTheRemedyForADamagedFileSaysWorks() throws IOException {
        writeAndDie(60);
        List<Path> paths = files.paths().stream()
                .filter(p -> p.toString().endsWith(Segment.SUFFIX))
                .toList();
        long damaged = Segment.firstSeqOf(paths.get(2).getFileName().toString());
        RecordingFiles before = new RecordingFiles();
        paths.subList(0, 2).forEach(p -> before.put(p, files.bytes(p)));
        try (Journal journal = open(before)) {
            assertThat(Changes.seqs(journal, 0)).hasSize((int) damaged - 1);
            Changes.commit(journal, 100, 100);
            assertThat(Changes.seqs(journal, 0)).hasSize((int) damaged + 99);
        }
        RecordingFiles after = new RecordingFiles();
        paths.subList(3, paths.size()).forEach(p -> after.put(p, files.bytes(p)));
        try (Journal journal = open(after)) {
            assertThat(journal.firstSeq()).isGreaterThan(damaged);
            assertThat(journal.lastSeq()).isEqualTo(600);
        }
    }

    @Test
    void everySegmentIsReadOnOpeningIfAskedFor() throws IOException {
        writeAndDie(60);
        Path first = files.paths().getFirst();
        byte[] bytes = files.bytes(first);
        bytes[offsetOf(first, 15) + 60] ^= 1;
        RecordingFiles image = with(first, bytes);
        open(image).close();
        assertThatThrownBy(() ->
                        Journal.open(OPTIONS.verifyingOnOpen(), image, PlainContent::new, Clock.systemUTC(), false))
                .isInstanceOf(JournalCorruptException.class);
    }

    @Test
    void readingDamageInAnOldSegmentNamesThePlaceAndWhatFollowsCanBeRead() throws IOException {
        writeAndDie(60);
        Path first = files.paths().getFirst();
        byte[] bytes = files.bytes(first);
        bytes[offsetOf(first, 15) + 60] ^= 1;
        try (LogCapture log = new LogCapture();
                Journal journal = open(with(first, bytes));
                ChangeReader reader = journal.read(0)) {
            assertThatThrownBy(() -> Changes.readAll(reader))
                    .isInstanceOfSatisfying(
                            JournalCorruptException.class,
                            e -> assertThat(e.expectedSeq()).isEqualTo(15));
            assertThat(reader.position()).isEqualTo(14);
            assertThat(Changes.seqs(journal, 300)).hasSize(300);
            assertThat(log.at(Level.ERROR)).hasSize(1);
        }
    }

    @Test
    void whatNobodySawSyncedIsWrittenAgain() throws IOException {
        writeAndDie(3);
        int before = files.moment();
        open(files);
        List<RecordingFiles.Act> acts = files.acts();
        // The last batch was synced, but no later entry tells of it; it starts within the first 64 KiB.
        assertThat(acts.subList(before, acts.size()))
                .anyMatch(a -> a instanceof RecordingFiles.Act.Write w
                        && w.position() == SegmentHeader.DATA_START
                        && w.bytes().length > 1_000);
    }
}
