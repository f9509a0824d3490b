package org.millrace.journal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Makes a damaged journal one that can be opened, by doing without what is damaged. What is taken out is kept in another
 * folder. It asks nothing: whoever runs it has read the {@link Plan} and accepted the loss.
 *
 * <p>A crash half way leaves a journal that is still damaged and can be repaired again. Blocks; used by one thread, on a
 * journal that is not open.
 */
public final class JournalRepair {
    private final Path directory;
    private final JournalFiles files;

    /** Ways to go on. */
    public enum Way {
        /** The records have all that is damaged: only history is lost. */
        KEEP_END,
        /** What is readable from the start reaches further than the records: it is kept, and what follows is lost. */
        KEEP_START,
        /** The records have all that is damaged in the last file: what they do not have yet is kept from behind it. */
        KEEP_TAIL,
        /** None of these: the journal goes on behind what the records have. */
        BEGIN_ANEW
    }

    /**
     * What would be done.
     *
     * @param way how
     * @param firstKept the first change the journal will have
     * @param lastKept the last change the journal will have, as far as is known; changes after it are lost
     * @param aside files that will be moved out of the journal
     * @param loss what is lost, for people
     */
    public record Plan(Way way, long firstKept, long lastKept, List<Path> aside, String loss) {}

    /**
     * Prepares a repair.
     *
     * @param directory the journal's directory
     * @param files the file system
     */
    public JournalRepair(Path directory, JournalFiles files) {
        this.directory = directory;
        this.files = files;
    }

    /**
     * Looks what can be done.
     *
     * @param appliedSeq the last change the records contain
     * @return empty if the journal is intact
     * @throws IOException if the disk cannot be read
     */
    public Optional<Plan> plan(long appliedSeq) throws IOException {
        JournalReport report = new JournalVerifier(files).verify(directory);
        if (report.isIntact() && !report.segments().isEmpty()) {
            return Optional.empty();
        }
        List<Path> all = segmentFiles();
        long last =
                report.segments().isEmpty() ? 0 : report.segments().getLast().lastSeq();
        long goodFrom = goodEnd(report);
        if (goodFrom >= 0 && goodFrom <= appliedSeq + 1) {
            return Optional.of(new Plan(
                    Way.KEEP_END,
                    goodFrom,
                    last,
                    all.stream().filter(file -> seq(file) < goodFrom).toList(),
                    "history before change " + goodFrom
                            + ": no record, but subscribers that had seen less start anew"));
        }
        boolean hasStart = !report.segments().isEmpty()
                && !all.isEmpty()
                && report.segments().getFirst().firstSeq() == seq(all.getFirst());
        long readable = report.lastSeq();
        if (hasStart && readable >= appliedSeq) {
            return Optional.of(new Plan(
                    Way.KEEP_START,
                    report.firstSeq(),
                    readable,
                    all.stream()
                            .filter(file -> seq(file) > Math.max(readable, report.firstSeq()))
                            .toList(),
                    "every change after " + readable));
        }
        Optional<JournalTail> tail =
                all.isEmpty() ? Optional.empty() : JournalTail.find(files, all.getLast(), appliedSeq + 1);
        if (tail.isPresent()) {
            return Optional.of(new Plan(
                    Way.KEEP_TAIL,
                    tail.get().firstSeq(),
                    tail.get().lastSeq(),
                    all,
                    "history before change " + tail.get().firstSeq()
                            + ": no record, but subscribers that had seen less start anew"
                            + (tail.get().isEnd()
                                    ? ""
                                    : "; and every change after " + tail.get().lastSeq())));
        }
        return Optional.of(new Plan(
                Way.BEGIN_ANEW,
                appliedSeq + 1,
                appliedSeq,
                all,
                "all history, and every change after " + appliedSeq + ", the last one the records contain"));
    }

    /** From where on all segments to the end are intact and follow each other; -1 if not even the last is. */
    private long goodEnd(JournalReport report) {
        List<JournalReport.Segment> segments = report.segments();
        long from = -1;
        long next = -1;
        for (JournalReport.Segment segment : segments.reversed()) {
            boolean damaged =
                    report.damages().stream().anyMatch(damage -> damage.file().equals(segment.file()));
            if (damaged || next >= 0 && segment.lastSeq() + 1 != next) {
                break;
            }
            from = segment.firstSeq();
            next = from;
        }
        // A last file whose header is damaged is not among the segments.
        boolean lastIsKnown = !segments.isEmpty()
                && report.damages().stream()
                        .noneMatch(damage ->
                                damage.expectedSeq() > segments.getLast().lastSeq());
        return lastIsKnown ? from : -1;
    }

    /**
     * Does it.
     *
     * @param plan what {@link #plan} said
     * @param node whose journal it is
     * @param segmentBytes the size of a segment that has to be made
     * @param aside an empty folder for what is taken out, made if missing
     * @throws IOException if a file cannot be read or written
     */
    public void run(Plan plan, long node, long segmentBytes, Path aside) throws IOException {
        files.createDirectories(aside);
        List<Path> moved = new ArrayList<>(plan.aside());
        if (plan.way() == Way.KEEP_TAIL) {
            // Before anything is taken out: a crash then leaves a journal whose end is intact.
            Path damaged = plan.aside().getLast();
            JournalTail.find(files, damaged, plan.firstKept())
                    .orElseThrow(() -> new IOException(damaged + " has changed since it was looked at"))
                    .makeSegment(files, directory, node);
        } else if (plan.way() != Way.KEEP_END) {
            // The newest first: what is left is then always a beginning.
            moved.sort(Comparator.reverseOrder());
        }
        for (Path file : moved) {
            Files.move(file, aside.resolve(file.getFileName()), StandardCopyOption.ATOMIC_MOVE);
            files.syncDirectory(directory);
        }
        switch (plan.way()) {
            case KEEP_END, KEEP_TAIL -> {}
            case KEEP_START -> cut(plan.lastKept(), aside);
            case BEGIN_ANEW -> begin(node, plan.firstKept(), segmentBytes);
        }
        files.syncDirectory(aside);
    }

    /** Overwrites what follows the last change that can be read, after a copy. */
    private void cut(long lastKept, Path aside) throws IOException {
        Path last = segmentFiles().getLast();
        Files.copy(last, aside.resolve(last.getFileName()), StandardCopyOption.REPLACE_EXISTING);
        try (JournalFile file = files.open(last)) {
            java.nio.ByteBuffer bytes = java.nio.ByteBuffer.allocate(SegmentHeader.BYTES);
            file.read(bytes, 0);
            @Nullable SegmentHeader header = SegmentHeader.decode(bytes.flip()).header();
            if (header == null) {
                throw new IOException(last + " has no readable header");
            }
            SegmentScan scan = SegmentScan.last(last, file, new Segment(last, header));
            if (scan.lastSeq() != lastKept) {
                throw new IOException(last + " ends with change " + scan.lastSeq() + ", not with " + lastKept);
            }
            SegmentAllocator.fill(file, scan.end(), header.fileBytes());
        }
    }

    private void begin(long node, long firstSeq, long segmentBytes) throws IOException {
        Path spare = directory.resolve("0" + SegmentAllocator.SPARE_SUFFIX);
        files.delete(spare);
        try (JournalFile file = files.create(spare)) {
            SegmentAllocator.fill(file, 0, segmentBytes);
            JournalWriter.create(
                    new SegmentAllocator.Spare(spare, file, segmentBytes),
                    Segment.file(directory, firstSeq),
                    node,
                    firstSeq,
                    new SecureRandom().nextLong(),
                    files);
        }
    }

    private List<Path> segmentFiles() throws IOException {
        return files.list(directory).stream()
                .filter(name -> Segment.firstSeqOf(name) >= 0)
                .sorted(Comparator.comparingLong(Segment::firstSeqOf))
                .map(directory::resolve)
                .toList();
    }

    private static long seq(Path file) {
        return Segment.firstSeqOf(String.valueOf(file.getFileName()));
    }
}
