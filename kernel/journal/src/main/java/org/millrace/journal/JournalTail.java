package org.millrace.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The changes at the end of a damaged last segment that lie behind the damage and can still be read: it can be made a
 * segment of its own, by copying their bytes. The salt stays the same, so their checksums hold.
 *
 * @param file the damaged segment
 * @param header its header
 * @param from where the first of the changes is
 * @param to where the last complete group ends
 * @param firstSeq the first of the changes
 * @param lastSeq the last change of that group
 * @param isEnd whether nothing was written behind them
 */
record JournalTail(Path file, SegmentHeader header, long from, long to, long firstSeq, long lastSeq, boolean isEnd) {
    private static final int BUFFER = 1 << 20;

    /**
     * Looks for a change and all that follow it.
     *
     * @return empty if that change cannot be read
     */
    static Optional<JournalTail> find(JournalFiles files, Path path, long firstSeq) throws IOException {
        try (JournalFile file = files.openReadOnly(path)) {
            ByteBuffer head = ByteBuffer.allocate(SegmentHeader.BYTES);
            file.read(head, 0);
            SegmentHeader header = SegmentHeader.decode(head.flip()).header();
            if (header == null) {
                return Optional.empty();
            }
            FrameReader frames = new FrameReader(file, header, BUFFER);
            for (long at = SegmentHeader.DATA_START; ; at += Frame.ALIGNMENT) {
                frames.seek(at);
                if (!frames.peek()) {
                    return Optional.empty();
                }
                if (frames.seq() == firstSeq && isChange(frames)) {
                    JournalTail tail = walk(path, header, frames, firstSeq);
                    return tail.lastSeq() < firstSeq ? Optional.empty() : Optional.of(tail);
                }
            }
        }
    }

    private static boolean isChange(FrameReader frames) throws IOException {
        return frames.load() == FrameReader.State.VALID && frames.isChange();
    }

    private static JournalTail walk(Path path, SegmentHeader header, FrameReader frames, long firstSeq)
            throws IOException {
        long from = frames.offset();
        long to = from;
        long committed = firstSeq - 1;
        long expected = firstSeq;
        FrameReader.State state = frames.load();
        while (state == FrameReader.State.VALID) {
            if (frames.isChange() && frames.seq() == expected) {
                boolean endOfGroup = frames.isEndOfGroup();
                frames.next();
                if (endOfGroup) {
                    committed = expected;
                    to = frames.offset();
                }
                expected++;
            } else if (frames.isMark() && frames.seq() == expected - 1) {
                frames.next();
                to = committed == expected - 1 ? frames.offset() : to;
            } else {
                state = FrameReader.State.INVALID;
                break;
            }
            state = frames.load();
        }
        return new JournalTail(path, header, from, to, firstSeq, committed, state == FrameReader.State.BLANK);
    }

    /** Makes the changes a segment in the journal's directory. */
    void makeSegment(JournalFiles files, Path directory, long node) throws IOException {
        Path spare = directory.resolve("0" + SegmentAllocator.SPARE_SUFFIX);
        files.delete(spare);
        try (JournalFile source = files.openReadOnly(file);
                JournalFile made = files.create(spare)) {
            SegmentAllocator.fill(made, 0, header.fileBytes());
            ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER);
            for (long at = from; at < to; ) {
                buffer.clear().limit((int) Math.min(BUFFER, to - at));
                int read = source.read(buffer, at);
                if (read == 0) {
                    throw new IOException(file + " ends at " + at + " while it is being copied");
                }
                made.write(buffer.flip(), SegmentHeader.DATA_START + at - from);
                at += read;
            }
            JournalWriter.create(
                    new SegmentAllocator.Spare(spare, made, header.fileBytes()),
                    Segment.file(directory, firstSeq),
                    node,
                    firstSeq,
                    header.salt(),
                    files);
        }
    }
}
