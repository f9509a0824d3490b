package org.millrace.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.function.LongConsumer;

/**
 * Copies the segments of a journal that may be written to meanwhile. The copy ends with a change that was synced when
 * copying began, so that nothing in it can be half written; opened as a journal, it is this one at that moment. Blocks;
 * used by one thread.
 */
final class JournalCopy {
    private static final int BUFFER = 1 << 20;

    private final JournalFiles files;
    private final LongConsumer copied;
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER);
    private long total;

    JournalCopy(JournalFiles files, LongConsumer copied) {
        this.files = files;
        this.copied = copied;
    }

    /**
     * Copies everything behind one change up to another.
     *
     * @throws IOException if a file cannot be read or written, also because retention has deleted it meanwhile
     */
    void run(List<Segment> segments, Path target, long afterSeq, long throughSeq) throws IOException {
        files.createDirectories(target);
        for (int i = 0; i < segments.size(); i++) {
            Segment segment = segments.get(i);
            boolean superseded =
                    i + 1 < segments.size() && segments.get(i + 1).firstSeq() <= Math.min(afterSeq, throughSeq) + 1;
            if (segment.firstSeq() > throughSeq + 1) {
                break;
            }
            if (!superseded) {
                copy(segment, target, throughSeq);
            }
        }
        files.syncDirectory(target);
    }

    /**
     * Ends a copy as {@link #run} ends it today. Those of earlier builds end where their last change does, as does a file
     * whose end has been cut off; only who knows what that change was can tell the two apart.
     *
     * @return false if nothing was missing, or the copy does not end with that change
     */
    static boolean complete(Path directory, JournalFiles files, long throughSeq) throws IOException {
        List<Segment> segments = SegmentFiles.find(directory, files).segments();
        if (segments.isEmpty() || segments.getLast().isSealed()) {
            return false;
        }
        Segment last = segments.getLast();
        try (JournalFile file = files.open(last.file())) {
            SegmentScan scan = SegmentScan.last(last.file(), file, last);
            boolean isWhole = scan.lastSeq() == Math.max(last.firstSeq() - 1, throughSeq) && scan.end() == file.size();
            if (scan.damage() == null || !isWhole) {
                return false;
            }
            file.write(
                    Frame.mark(scan.lastSeq(), new Frame.Checksum(last.header().salt())), scan.end());
            file.sync();
            return true;
        }
    }

    private void copy(Segment segment, Path target, long throughSeq) throws IOException {
        Path name = target.resolve(segment.file().getFileName());
        try (JournalFile from = files.openReadOnly(segment.file());
                JournalFile to = files.create(name)) {
            boolean whole = segment.isSealed() && segment.lastSeq() < throughSeq;
            long end = whole ? from.size() : endOf(segment, from, throughSeq);
            for (long at = 0; at < end; ) {
                buffer.clear().limit((int) Math.min(BUFFER, end - at));
                int read = from.read(buffer, at);
                if (read == 0) {
                    throw new IOException(segment.file() + " ends at " + at + " while it is being copied");
                }
                to.write(buffer.flip(), at);
                at += read;
                total += read;
                copied.accept(total);
            }
            if (!whole && segment.header().fileBytes() - end >= Frame.MARK_BYTES) {
                // So that it does not look as if its end had been cut off.
                long last = Math.max(segment.firstSeq() - 1, throughSeq);
                to.write(Frame.mark(last, new Frame.Checksum(segment.header().salt())), end);
            }
            to.sync();
        }
    }

    /** Where the frame of a change ends; where frames begin if the segment has none up to it. */
    private static long endOf(Segment segment, JournalFile file, long seq) throws IOException {
        if (seq < segment.firstSeq()) {
            return SegmentHeader.DATA_START;
        }
        FrameReader frames = new FrameReader(file, segment.header(), BUFFER);
        frames.seek(segment.index().offsetBefore(seq));
        while (true) {
            if (frames.load() != FrameReader.State.VALID && frames.reload() != FrameReader.State.VALID) {
                throw new JournalCorruptException(new Damage(
                        segment.file(),
                        frames.offset(),
                        seq,
                        "the entry there is not what was written",
                        Damage.REMEDY));
            }
            boolean found = frames.isChange() && frames.seq() == seq;
            frames.next();
            if (found) {
                return frames.offset();
            }
        }
    }
}
