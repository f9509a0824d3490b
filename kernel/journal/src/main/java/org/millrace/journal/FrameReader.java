package org.millrace.journal;

import java.io.IOException;
import java.nio.ByteBuffer;

/** Walks the frames of one segment through a buffer of its own. Used by one thread at a time. */
final class FrameReader {
    /** What is at a place of a segment. */
    enum State {
        /** A frame whose checksum is right. */
        VALID,
        /** Nothing was written there, or there is no room for a frame. */
        BLANK,
        /** Something that is no frame. */
        INVALID
    }

    private final JournalFile file;
    private final Frame.Checksum checksum;
    private final long end;
    private final int usualBytes;
    private ByteBuffer buffer;
    /** Where in the file the buffer's first byte is. */
    private long start;

    private long offset;

    FrameReader(JournalFile file, SegmentHeader header, int bufferBytes) {
        this.file = file;
        this.checksum = new Frame.Checksum(header.salt());
        this.end = header.fileBytes();
        this.usualBytes = bufferBytes;
        this.buffer = ByteBuffer.allocate(bufferBytes).limit(0);
        seek(SegmentHeader.DATA_START);
    }

    void seek(long to) {
        offset = to;
    }

    long offset() {
        return offset;
    }

    /** Looks at what is at the offset. The other methods tell of it while it is {@code VALID}. */
    State load() throws IOException {
        if (!peek()) {
            return State.BLANK;
        }
        int length = buffer.getInt(at() + Frame.LENGTH);
        if (length == 0) {
            return State.BLANK;
        }
        if (!Frame.plausible(length, end - offset) || !fill(length)) {
            return State.INVALID;
        }
        return buffer.getInt(at() + Frame.CRC) == checksum.of(buffer, at(), length) ? State.VALID : State.INVALID;
    }

    /** Whether there is room for a frame's head; its fields can then be read, with nothing checked. */
    boolean peek() throws IOException {
        return end - offset >= Frame.MARK_BYTES && fill(Frame.MARK_BYTES);
    }

    /** As {@link #load}, with fresh bytes from the file. */
    State reload() throws IOException {
        buffer.limit(0);
        return load();
    }

    ByteBuffer buffer() {
        return buffer;
    }

    /** Where in the buffer the frame begins. */
    int at() {
        return (int) (offset - start);
    }

    int length() {
        return buffer.getInt(at() + Frame.LENGTH);
    }

    long seq() {
        return buffer.getLong(at() + Frame.SEQ);
    }

    long clock() {
        return buffer.getLong(at() + Frame.CLOCK);
    }

    boolean isMark() {
        return buffer.get(at() + Frame.TYPE) == Frame.TYPE_MARK;
    }

    boolean isChange() {
        return buffer.get(at() + Frame.TYPE) == Frame.TYPE_CHANGE && length() >= Frame.BODY;
    }

    boolean isEndOfGroup() {
        return (buffer.get(at() + Frame.FLAGS) & Frame.END_OF_GROUP) != 0;
    }

    long witnessed() {
        return Frame.witnessed(buffer, at());
    }

    void next() {
        offset += length();
    }

    /** Sees to it that {@code bytes} from the offset on are in the buffer; false if the file ends before. */
    private boolean fill(int bytes) throws IOException {
        if (offset >= start && offset + bytes <= start + buffer.limit()) {
            return true;
        }
        if (bytes > buffer.capacity() || (buffer.capacity() > usualBytes && bytes <= usualBytes)) {
            buffer = ByteBuffer.allocate(Math.max(bytes, usualBytes));
        }
        buffer.clear();
        buffer.limit((int) Math.min(buffer.capacity(), end - offset));
        file.read(buffer, offset);
        buffer.flip();
        start = offset;
        return buffer.limit() >= bytes;
    }
}
