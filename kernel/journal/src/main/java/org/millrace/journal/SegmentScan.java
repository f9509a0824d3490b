package org.millrace.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * What reading a whole segment found.
 *
 * @param lastSeq the last change of the last complete group
 * @param end where that group ends
 * @param witnessedSeq the greatest seq that some frame knows to have been synced
 * @param maxClock the greatest clock
 * @param endsWithMark whether the last frame is the mark of a clean close
 * @param leftoverEnd where the last byte that is not zero ends, at least {@code end}
 * @param damage what is wrong with it; null if nothing is
 */
record SegmentScan(
        long lastSeq,
        long end,
        long witnessedSeq,
        long maxClock,
        boolean endsWithMark,
        long leftoverEnd,
        @Nullable Damage damage) {
    private static final int BUFFER = 1024 * 1024;

    /** Reads a segment of which it is known that its last change is {@code lastSeq}. */
    static SegmentScan sealed(Path path, JournalFile file, Segment segment, long lastSeq) throws IOException {
        Walk walk = new Walk(file, segment);
        walk.run(lastSeq);
        @Nullable Damage damage = null;
        if (walk.expected <= lastSeq) {
            damage = new Damage(
                    path,
                    walk.frames.offset(),
                    walk.expected,
                    "the entry there is not what was written",
                    Damage.REMEDY);
        }
        return walk.result(walk.committedEnd, damage);
    }

    /** Reads the last segment of a journal: what is invalid at its end may be what a power cut tore. */
    static SegmentScan last(Path path, JournalFile file, Segment segment) throws IOException {
        Walk walk = new Walk(file, segment);
        walk.run(Long.MAX_VALUE);
        long invalidAt = walk.frames.offset();
        Leftover leftover = Leftover.find(file, segment.header(), invalidAt, walk.expected);
        @Nullable Damage damage = null;
        if (leftover.witness() != 0) {
            damage = new Damage(
                    path,
                    invalidAt,
                    walk.expected,
                    "the entry there is not what was written; it had been synced, as intact change "
                            + leftover.witness() + " at offset " + leftover.witnessOffset() + " tells",
                    Damage.REMEDY);
        } else if (!walk.mark && segment.header().fileBytes() - file.size() >= Frame.MARK_BYTES) {
            // It had its full size before it had its name. A copy is shorter, and ends with a mark.
            damage = new Damage(
                    path,
                    invalidAt,
                    walk.expected,
                    "the file has " + file.size() + " of the "
                            + segment.header().fileBytes() + " bytes it was made with: its end was cut off",
                    Damage.REMEDY);
        }
        return walk.result(Math.max(Math.max(leftover.end(), invalidAt), walk.committedEnd), damage);
    }

    /** The frames from the start of the segment on, as far as they are valid and in order. */
    private static final class Walk {
        private final FrameReader frames;
        private final Segment segment;
        private long expected;
        private long committedSeq;
        private long committedEnd = SegmentHeader.DATA_START;
        private long witnessed;
        private long maxClock;
        private boolean mark;

        Walk(JournalFile file, Segment segment) {
            this.frames = new FrameReader(file, segment.header(), BUFFER);
            this.segment = segment;
            this.expected = segment.firstSeq();
            this.committedSeq = expected - 1;
        }

        void run(long lastSeq) throws IOException {
            while (expected <= lastSeq && frames.load() == FrameReader.State.VALID) {
                if (frames.isChange() && frames.seq() == expected) {
                    change();
                } else if (frames.isMark() && frames.seq() == expected - 1 && committedSeq == frames.seq()) {
                    witnessed = Math.max(witnessed, frames.witnessed());
                    frames.next();
                    committedEnd = frames.offset();
                    mark = true;
                } else {
                    return;
                }
            }
        }

        private void change() {
            segment.index().note(expected, frames.offset());
            witnessed = Math.max(witnessed, frames.witnessed());
            if (Long.compareUnsigned(frames.clock(), maxClock) > 0) {
                maxClock = frames.clock();
            }
            boolean endOfGroup = frames.isEndOfGroup();
            frames.next();
            mark = false;
            expected++;
            if (endOfGroup) {
                committedSeq = expected - 1;
                committedEnd = frames.offset();
            }
        }

        SegmentScan result(long leftoverEnd, @Nullable Damage damage) {
            return new SegmentScan(committedSeq, committedEnd, witnessed, maxClock, mark, leftoverEnd, damage);
        }
    }

    /** What lies behind the first invalid place of the last segment. */
    private record Leftover(long end, long witness, long witnessOffset) {
        static Leftover find(JournalFile file, SegmentHeader header, long from, long expected) throws IOException {
            FrameReader candidate = new FrameReader(file, header, SparseIndex.STEP);
            ByteBuffer block = ByteBuffer.allocate(BUFFER);
            long end = from;
            for (long at = from; at < header.fileBytes(); ) {
                block.clear().limit((int) Math.min(BUFFER, header.fileBytes() - at));
                int read = file.read(block, at);
                // Frames begin at multiples of 8, as does every block.
                for (int i = 0; i + Long.BYTES <= read; i += Long.BYTES) {
                    long word = block.getLong(i);
                    if (word == 0) {
                        continue;
                    }
                    end = at + i + Long.BYTES;
                    int length = (int) (word >>> Integer.SIZE);
                    if (Frame.plausible(length, header.fileBytes() - at - i)) {
                        candidate.seek(at + i);
                        // Looking before checking the sum: any bytes may come here, and a sum can be over megabytes.
                        if (candidate.peek()
                                && candidate.witnessed() >= expected
                                && candidate.seq() - expected <= header.fileBytes()
                                && candidate.load() == FrameReader.State.VALID) {
                            return new Leftover(end, candidate.seq(), at + i);
                        }
                    }
                }
                if (read < Long.BYTES) {
                    break;
                }
                at += read & -Long.BYTES;
            }
            return new Leftover(end, 0, 0);
        }
    }
}
