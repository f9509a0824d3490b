package org.millrace.journal;

import java.io.IOException;
import java.nio.ByteBuffer;

/** The end of the segment that is being written. Writer thread only. */
final class SegmentWriter {
    private final Segment segment;
    private final JournalFile file;
    private final Frame.Checksum checksum;
    private long position;
    private long lastSeq;
    private long maxClock;

    SegmentWriter(Segment segment, JournalFile file, long position, long lastSeq, long maxClock) {
        this.segment = segment;
        this.file = file;
        this.checksum = new Frame.Checksum(segment.header().salt());
        this.position = position;
        this.lastSeq = lastSeq;
        this.maxClock = maxClock;
    }

    Segment segment() {
        return segment;
    }

    JournalFile file() {
        return file;
    }

    long position() {
        return position;
    }

    long lastSeq() {
        return lastSeq;
    }

    long room() {
        return segment.header().fileBytes() - position;
    }

    /** Completes the frames between two places of a buffer and writes them behind the last. */
    void write(ByteBuffer frames, int from, int to, long syncedSeq) throws IOException {
        for (int at = from; at < to; at += frames.getInt(at + Frame.LENGTH)) {
            Frame.seal(frames, at, syncedSeq, checksum);
            lastSeq = frames.getLong(at + Frame.SEQ);
            segment.index().note(lastSeq, position + at - from);
            long clock = frames.getLong(at + Frame.CLOCK);
            if (Long.compareUnsigned(clock, maxClock) > 0) {
                maxClock = clock;
            }
        }
        int position0 = frames.position();
        int limit0 = frames.limit();
        try {
            file.write(frames.limit(to).position(from), position);
        } finally {
            frames.limit(limit0).position(position0);
        }
        position += to - from;
    }

    /** Leaves a witness that everything in the segment was synced, if there is room for it. */
    void writeMark() throws IOException {
        if (room() >= Frame.MARK_BYTES) {
            file.write(Frame.mark(lastSeq, checksum), position);
            position += Frame.MARK_BYTES;
        }
    }

    /** Says where the segment ends. To be synced before there is a next one. */
    void writeSeal() throws IOException {
        file.write(
                new SegmentSeal(lastSeq, position, maxClock)
                        .encode(segment.header().salt()),
                SegmentSeal.OFFSET);
    }

    /** Tells readers and retention that the segment is complete. */
    void publishSeal() {
        segment.sealed(lastSeq, maxClock);
    }

    /** Removes everything from a place on, so that no later recovery finds it, and syncs that. */
    void undoTo(long place, long seq, long writtenEnd) throws IOException {
        SegmentAllocator.fill(file, place, writtenEnd);
        segment.index().truncate(seq + 1);
        position = place;
        lastSeq = seq;
    }
}
