package org.millrace.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The segments found in a directory, and whether they form a chain: each with an intact header of the same node, each
 * beginning where the one before ends. Reads only.
 *
 * @param segments those that can be read, oldest first; all but the last are sealed
 * @param damages what is wrong; empty for an intact chain
 */
record SegmentFiles(List<Segment> segments, List<Damage> damages) {
    /** Looks at the headers and seals of all segments of a directory. */
    static SegmentFiles find(Path directory, JournalFiles files) throws IOException {
        List<Damage> damages = new ArrayList<>();
        List<Segment> segments = new ArrayList<>();
        List<String> names = files.list(directory).stream()
                .filter(name -> Segment.firstSeqOf(name) >= 0)
                .sorted(Comparator.comparingLong(Segment::firstSeqOf))
                .toList();
        for (int i = 0; i < names.size(); i++) {
            Path path = directory.resolve(names.get(i));
            long firstSeq = Segment.firstSeqOf(names.get(i));
            long nextFirst = i + 1 < names.size() ? Segment.firstSeqOf(names.get(i + 1)) : -1;
            try (JournalFile file = files.openReadOnly(path)) {
                @Nullable Segment segment = open(path, file, firstSeq, segments, damages);
                if (segment != null) {
                    segments.add(segment);
                    if (nextFirst >= 0) {
                        end(directory, segment, file, nextFirst, damages);
                    }
                }
            }
        }
        return new SegmentFiles(List.copyOf(segments), List.copyOf(damages));
    }

    private static @Nullable Segment open(
            Path path, JournalFile file, long firstSeq, List<Segment> before, List<Damage> damages) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(SegmentHeader.BYTES);
        file.read(bytes, 0);
        SegmentHeader.Decoded decoded = SegmentHeader.decode(bytes.flip());
        @Nullable SegmentHeader header = decoded.header();
        @Nullable String problem = null;
        if (header == null) {
            problem = decoded.problem();
        } else if (header.firstSeq() != firstSeq) {
            problem = "the header says that the first change is " + header.firstSeq() + ", the name says " + firstSeq;
        } else if (!before.isEmpty() && before.getFirst().header().node() != header.node()) {
            problem = "the segment belongs to node " + Long.toHexString(header.node()) + ", the journal to "
                    + Long.toHexString(before.getFirst().header().node());
        }
        if (problem != null || header == null) {
            damages.add(new Damage(path, 0, firstSeq, String.valueOf(problem), Damage.REMEDY));
            return null;
        }
        return new Segment(path, header);
    }

    /** Finds where a segment ends that is not the last: by its seal or, if that is damaged, by reading it. */
    private static void end(Path directory, Segment segment, JournalFile file, long nextFirst, List<Damage> damages)
            throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(SegmentSeal.BYTES);
        file.read(bytes, SegmentSeal.OFFSET);
        @Nullable
        SegmentSeal seal = SegmentSeal.decode(bytes.flip(), segment.header().salt());
        long last;
        long clock;
        if (seal != null) {
            last = seal.lastSeq();
            clock = seal.maxClock();
        } else {
            SegmentScan scan = SegmentScan.sealed(segment.file(), file, segment, nextFirst - 1);
            if (scan.damage() != null) {
                damages.add(scan.damage());
            }
            last = nextFirst - 1;
            clock = scan.maxClock();
        }
        segment.sealed(last, clock);
        if (last + 1 != nextFirst) {
            damages.add(new Damage(
                    Segment.file(directory, last + 1),
                    0,
                    last + 1,
                    "the file is missing: " + segment.file().getFileName() + " ends with change " + last
                            + ", the next file begins with " + nextFirst,
                    Damage.REMEDY));
        }
    }
}
