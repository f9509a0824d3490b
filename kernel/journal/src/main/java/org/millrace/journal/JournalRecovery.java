package org.millrace.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings a journal's directory into a state that can be written to: finds the segments, refuses damage, removes what a
 * crash left at the end, and makes sure that what is kept is on disk.
 *
 * @param segments all segments, the last one open
 * @param writer the end of the last
 * @param maxClock the greatest clock in the journal
 * @param marked whether the last entry is the mark of a clean close
 */
record JournalRecovery(Segments segments, SegmentWriter writer, long maxClock, boolean marked) {
    private static final Logger LOG = LoggerFactory.getLogger(JournalRecovery.class);
    private static final int COPY_BYTES = 1024 * 1024;

    static JournalRecovery run(JournalOptions options, JournalFiles files, SegmentAllocator allocator)
            throws IOException {
        Path directory = options.directory();
        files.createDirectories(directory);
        for (String name : files.list(directory)) {
            if (name.endsWith(SegmentAllocator.SPARE_SUFFIX)) {
                files.delete(directory.resolve(name));
            }
        }
        SegmentFiles found = SegmentFiles.find(directory, files);
        refuse(found.damages());
        if (found.segments().isEmpty()) {
            return create(options, files, allocator);
        }
        if (options.verifyOnOpen()) {
            verify(found.segments(), files);
        }
        return recover(found.segments(), files);
    }

    private static void refuse(List<Damage> damages) {
        if (damages.isEmpty()) {
            return;
        }
        JournalCorruptException refused = new JournalCorruptException(damages.getFirst());
        for (Damage further : damages.subList(1, damages.size())) {
            refused.addSuppressed(new JournalCorruptException(further));
        }
        throw refused;
    }

    private static JournalRecovery create(JournalOptions options, JournalFiles files, SegmentAllocator allocator)
            throws IOException {
        SecureRandom random = new SecureRandom();
        long node = 0;
        while (node == 0) {
            node = random.nextLong();
        }
        SegmentAllocator.Spare spare = allocator.take(options.segmentBytes());
        Path path = Segment.file(options.directory(), 1);
        Segment first = JournalWriter.create(spare, path, node, 1, random.nextLong(), files);
        LOG.info("started a journal for node {} in {}", Long.toHexString(node), options.directory());
        SegmentWriter writer = new SegmentWriter(first, spare.file(), SegmentHeader.DATA_START, 0, 0);
        return new JournalRecovery(new Segments(List.of(first)), writer, 0, false);
    }

    private static void verify(List<Segment> segments, JournalFiles files) throws IOException {
        List<Damage> damages = new ArrayList<>();
        for (Segment segment : segments) {
            if (segment.isSealed()) {
                try (JournalFile file = files.openReadOnly(segment.file())) {
                    SegmentScan scan = SegmentScan.sealed(segment.file(), file, segment, segment.lastSeq());
                    if (scan.damage() != null) {
                        damages.add(scan.damage());
                    }
                }
            }
        }
        refuse(damages);
    }

    private static JournalRecovery recover(List<Segment> segments, JournalFiles files) throws IOException {
        Segment last = segments.getLast();
        JournalFile file = files.open(last.file());
        try {
            SegmentScan scan = SegmentScan.last(last.file(), file, last);
            if (scan.damage() != null) {
                throw new JournalCorruptException(scan.damage());
            }
            last.index().truncate(scan.lastSeq() + 1);
            writeAgain(file, last, scan);
            long fileBytes = last.header().fileBytes();
            long zeroFrom = scan.end();
            long zeroTo = scan.leftoverEnd();
            if (zeroTo > zeroFrom) {
                LOG.info(
                        "journal file {}: {} bytes after change {} (offset {}) were cut off by a crash and never"
                                + " acknowledged; they are dropped",
                        last.file(),
                        zeroTo - zeroFrom,
                        scan.lastSeq(),
                        zeroFrom);
            }
            SegmentAllocator.fill(file, zeroFrom, zeroTo);
            if (file.size() < fileBytes) {
                SegmentAllocator.fill(file, Math.max(zeroTo, file.size()), fileBytes);
            }
            long maxClock = scan.maxClock();
            for (Segment s : segments) {
                maxClock = Long.compareUnsigned(s.maxClock(), maxClock) > 0 ? s.maxClock() : maxClock;
            }
            SegmentWriter writer = new SegmentWriter(last, file, scan.end(), scan.lastSeq(), scan.maxClock());
            return new JournalRecovery(new Segments(segments), writer, maxClock, scan.endsWithMark());
        } catch (IOException | RuntimeException e) {
            file.close();
            throw e;
        }
    }

    /**
     * Writes again what nobody witnesses to have been synced. If the process before this one died of a failed sync, the
     * operating system may hold such pages as clean though the disk never got them; a sync alone would then promise too
     * much.
     */
    private static void writeAgain(JournalFile file, Segment segment, SegmentScan scan) throws IOException {
        if (scan.witnessedSeq() >= scan.lastSeq()) {
            return;
        }
        ByteBuffer copy = ByteBuffer.allocate(COPY_BYTES);
        long at = segment.index().offsetBefore(scan.witnessedSeq() + 1);
        while (at < scan.end()) {
            copy.clear().limit((int) Math.min(COPY_BYTES, scan.end() - at));
            int read = file.read(copy, at);
            if (read == 0) {
                throw new IOException(segment.file() + " ends at " + at + " while it is being read");
            }
            file.write(copy.flip(), at);
            at += read;
        }
    }
}
