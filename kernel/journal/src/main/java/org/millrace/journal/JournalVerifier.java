package org.millrace.journal;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Reads a whole journal and says what state it is in, without altering anything. For the operator's command line and
 * for tests; blocks, so call it where that is allowed. The journal must not be open for writing meanwhile.
 */
public final class JournalVerifier {
    private final JournalFiles files;

    /**
     * Makes a verifier.
     *
     * @param files where the journal is
     */
    public JournalVerifier(JournalFiles files) {
        this.files = files;
    }

    /**
     * Reads and checks every entry of every segment.
     *
     * @param directory the journal's directory
     * @return what was found
     * @throws IOException if the disk cannot be read
     */
    public JournalReport verify(Path directory) throws IOException {
        SegmentFiles found = SegmentFiles.find(directory, files);
        List<Damage> damages = new ArrayList<>(found.damages());
        List<JournalReport.Segment> segments = new ArrayList<>();
        long tornBytes = 0;
        for (Segment segment : found.segments()) {
            try (JournalFile file = files.openReadOnly(segment.file())) {
                SegmentScan scan = segment.isSealed()
                        ? SegmentScan.sealed(segment.file(), file, segment, segment.lastSeq())
                        : SegmentScan.last(segment.file(), file, segment);
                if (scan.damage() != null && !damages.contains(scan.damage())) {
                    damages.add(scan.damage());
                }
                if (!segment.isSealed() && scan.damage() == null) {
                    tornBytes = scan.leftoverEnd() - scan.end();
                }
                segments.add(new JournalReport.Segment(
                        segment.file(),
                        segment.firstSeq(),
                        scan.lastSeq(),
                        file.size(),
                        scan.end() - SegmentHeader.DATA_START));
            }
        }
        damages.sort(Comparator.comparingLong(Damage::expectedSeq));
        long node = found.segments().isEmpty()
                ? 0
                : found.segments().getFirst().header().node();
        long firstSeq = segments.isEmpty() ? 1 : segments.getFirst().firstSeq();
        return new JournalReport(
                node,
                firstSeq,
                lastReadable(segments, firstSeq),
                List.copyOf(segments),
                List.copyOf(damages),
                tornBytes);
    }

    /** How far one comes from the start without a gap. */
    private static long lastReadable(List<JournalReport.Segment> segments, long firstSeq) {
        long last = firstSeq - 1;
        for (JournalReport.Segment segment : segments) {
            if (segment.firstSeq() != last + 1) {
                break;
            }
            last = segment.lastSeq();
        }
        return last;
    }
}
