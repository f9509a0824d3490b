package org.millrace.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JournalRepairTest {
    private static final int SEGMENT = 32 << 10;

    @TempDir
    Path folder;

    private long node;

    private Path directory() {
        return folder.resolve("journal");
    }

    private Journal open() throws IOException {
        return Journal.open(
                JournalOptions.in(directory()).withSegmentBytes(SEGMENT), JournalFiles.system(), PlainContent::new);
    }

    @BeforeEach
    void write() throws IOException {
        try (Journal journal = open()) {
            node = journal.node();
            for (int i = 0; i < 100; i++) {
                Changes.commit(journal, 10, 100);
            }
        }
    }

    private List<Path> segments() throws IOException {
        try (Stream<Path> files = Files.list(directory())) {
            return files.sorted().toList();
        }
    }

    private static void damage(Path file, long offset) throws IOException {
        try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
            bytes.seek(offset);
            int before = bytes.read();
            bytes.seek(offset);
            bytes.write(before ^ 0x40);
        }
    }

    private static long firstSeq(Path segment) {
        return Segment.firstSeqOf(segment.getFileName().toString());
    }

    private JournalRepair.Plan repair(long appliedSeq) throws IOException {
        JournalRepair repair = new JournalRepair(directory(), JournalFiles.system());
        JournalRepair.Plan plan = repair.plan(appliedSeq).orElseThrow();
        repair.run(plan, node, SEGMENT, folder.resolve("aside"));
        return plan;
    }

    private void assertHolds(long first, long last) throws IOException {
        try (Journal journal = open()) {
            assertThat(journal.node()).isEqualTo(node);
            assertThat(journal.lastSeq()).isEqualTo(last);
            assertThat(Changes.seqs(journal, first - 1))
                    .isEqualTo(LongStream.rangeClosed(first, last).boxed().toList());
            Changes.commit(journal, 5, 100);
        }
        try (Journal journal = open()) {
            assertThat(journal.lastSeq()).isEqualTo(last + 5);
        }
    }

    @Test
    void anIntactJournalNeedsNone() throws IOException {
        assertThat(new JournalRepair(directory(), JournalFiles.system()).plan(1_000))
                .isEmpty();
    }

    @Test
    void damageTheRecordsAreBeyondCostsHistoryAlone() throws IOException {
        Path damaged = segments().get(1);
        long kept = firstSeq(segments().get(2));
        damage(damaged, 6_000);
        // A sealed segment is looked at when it is read, or when opening is told to verify.
        JournalRepair.Plan plan = repair(1_000);
        assertThat(plan.way()).isEqualTo(JournalRepair.Way.KEEP_END);
        assertThat(plan.aside()).hasSize(2).contains(damaged);
        assertHolds(kept, 1_000);
        assertThat(folder.resolve("aside").resolve(damaged.getFileName())).exists();
    }

    @Test
    void damageBehindWhatTheRecordsHaveCostsWhatFollowsIt() throws IOException {
        Path damaged = segments().get(2);
        damage(damaged, 20_000);
        JournalRepair.Plan plan = repair(10);
        assertThat(plan.way()).isEqualTo(JournalRepair.Way.KEEP_START);
        assertThat(plan.lastKept()).isGreaterThan(firstSeq(damaged)).isLessThan(1_000);
        assertHolds(1, plan.lastKept());
    }

    @Test
    void damageInTheLastFileThatTheRecordsAreBeyondLetsTheJournalBeginAnew() throws IOException {
        Path damaged = segments().getLast();
        damage(damaged, 4_096 + 50);
        assertThatExceptionOfType(JournalCorruptException.class).isThrownBy(this::open);
        JournalRepair.Plan plan = repair(1_000);
        assertThat(plan.way()).isEqualTo(JournalRepair.Way.BEGIN_ANEW);
        try (Journal journal = open()) {
            assertThat(journal.node()).isEqualTo(node);
            assertThat(journal.lastSeq()).isEqualTo(1_000);
            Changes.commit(journal, 5, 100);
        }
        try (Journal journal = open()) {
            assertThat(journal.lastSeq()).isEqualTo(1_005);
        }
    }

    @Test
    void changesBehindTheDamageThatTheRecordsDoNotHaveAreKept() throws IOException {
        Path damaged = segments().getLast();
        damage(damaged, 4_096 + 50);
        long applied = firstSeq(damaged) + 20;
        JournalRepair.Plan plan = repair(applied);
        assertThat(plan.way()).isEqualTo(JournalRepair.Way.KEEP_TAIL);
        assertThat(plan.loss())
                .contains("history before change " + (applied + 1))
                .doesNotContain("every change after");
        assertHolds(applied + 1, 1_000);
        assertThat(folder.resolve("aside").resolve(damaged.getFileName())).exists();
    }

    @Test
    void aFileWhoseEndWasCutOffIsRepairedToWhatIsReadable() throws IOException {
        Path cut = segments().getLast();
        try (RandomAccessFile bytes = new RandomAccessFile(cut.toFile(), "rw")) {
            bytes.setLength(4_096 + 5_000);
        }
        assertThatExceptionOfType(JournalCorruptException.class)
                .isThrownBy(this::open)
                .withMessageContaining(cut.toString())
                .withMessageContaining("where change")
                .withMessageContaining("its end was cut off");
        JournalRepair.Plan plan = repair(10);
        assertThat(plan.way()).isEqualTo(JournalRepair.Way.KEEP_START);
        assertThat(plan.lastKept()).isGreaterThan(firstSeq(cut)).isLessThan(1_000);
        assertHolds(1, plan.lastKept());
    }

    @Test
    void ofTwoDamagesWhatLiesBetweenIsKept() throws IOException {
        Path damaged = segments().getLast();
        damage(damaged, 4_096 + 50);
        damage(damaged, 4_096 + 6_000);
        long applied = firstSeq(damaged) + 5;
        JournalRepair.Plan plan = repair(applied);
        assertThat(plan.way()).isEqualTo(JournalRepair.Way.KEEP_TAIL);
        assertThat(plan.lastKept()).isGreaterThan(applied).isLessThan(1_000);
        assertThat(plan.loss()).contains("every change after " + plan.lastKept());
        assertHolds(applied + 1, plan.lastKept());
    }

    @Test
    void aRepairOfTheTailThatWasCutShortIsDoneAgain() throws IOException {
        Path damaged = segments().getLast();
        damage(damaged, 4_096 + 50);
        long applied = firstSeq(damaged) + 20;
        // As far as it gets before the damaged files are taken out.
        JournalTail.find(JournalFiles.system(), damaged, applied + 1)
                .orElseThrow()
                .makeSegment(JournalFiles.system(), directory(), node);
        assertThat(repair(applied).way()).isEqualTo(JournalRepair.Way.KEEP_END);
        assertHolds(applied + 1, 1_000);
    }

    @Test
    void aMissingFileIsDoneWithout() throws IOException {
        Path missing = segments().get(1);
        long kept = firstSeq(segments().get(2));
        Files.delete(missing);
        assertThatExceptionOfType(JournalCorruptException.class).isThrownBy(this::open);
        JournalRepair.Plan plan = repair(1_000);
        assertThat(plan.way()).isEqualTo(JournalRepair.Way.KEEP_END);
        assertHolds(kept, 1_000);
    }

    @Test
    void aDamagedHeaderIsDoneWithout() throws IOException {
        damage(segments().get(1), 20);
        long kept = firstSeq(segments().get(2));
        assertThatExceptionOfType(JournalCorruptException.class).isThrownBy(this::open);
        repair(1_000);
        assertHolds(kept, 1_000);
    }
}
