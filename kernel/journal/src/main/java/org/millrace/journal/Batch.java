package org.millrace.journal;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.millrace.spi.resource.Change;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.ResourceException;

/** The changes appended and not yet written, as frames in one direct buffer that is used again. Writer thread only. */
final class Batch {
    static final long MAX_BYTES = 1L << 30;

    private static final int INITIAL_BYTES = 256 * 1024;
    /** A buffer grown beyond this by one large batch is let go after it. */
    private static final int KEEP_BYTES = 4 * 1024 * 1024;

    private ByteBuffer buffer = ByteBuffer.allocateDirect(INITIAL_BYTES);
    /** Where each group ends; a group is never split over two segments. */
    private int[] groupEnds = new int[64];

    private int groups;

    void append(Change change, boolean endOfGroup) {
        long size = EntryCodec.maxSize(change);
        if (buffer.position() + size > MAX_BYTES) {
            throw new ResourceException(
                    ErrorCode.TOO_LARGE,
                    "the change of '" + change.path() + "' with what was appended before it takes "
                            + (buffer.position() + size) + " bytes in the journal, allowed are " + MAX_BYTES
                            + "; send less at once");
        }
        if (size > buffer.remaining()) {
            grow((int) (buffer.position() + size));
        }
        int start = buffer.position();
        try {
            EntryCodec.encode(change, endOfGroup, buffer);
        } catch (RuntimeException e) {
            buffer.position(start);
            throw e;
        }
        if (endOfGroup) {
            if (groups == groupEnds.length) {
                groupEnds = Arrays.copyOf(groupEnds, groups * 2);
            }
            groupEnds[groups++] = buffer.position();
        }
    }

    private void grow(int needed) {
        int capacity = (int) Math.min(MAX_BYTES, Math.max(needed, 2L * buffer.capacity()));
        buffer = ByteBuffer.allocateDirect(capacity).put(buffer.flip());
    }

    ByteBuffer buffer() {
        return buffer;
    }

    int bytes() {
        return buffer.position();
    }

    boolean isEmpty() {
        return buffer.position() == 0;
    }

    boolean isGroupOpen() {
        return buffer.position() != (groups == 0 ? 0 : groupEnds[groups - 1]);
    }

    int groups() {
        return groups;
    }

    int groupEnd(int group) {
        return groupEnds[group];
    }

    void clear() {
        groups = 0;
        if (buffer.capacity() > KEEP_BYTES) {
            buffer = ByteBuffer.allocateDirect(INITIAL_BYTES);
        }
        buffer.clear();
    }
}
