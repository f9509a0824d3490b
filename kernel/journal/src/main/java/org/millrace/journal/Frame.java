package org.millrace.journal;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * The layout of one entry in a segment, all numbers big-endian:
 *
 * <pre>
 *  0  u32  length of the frame, a multiple of 8, padding included
 *  4  u32  CRC32C over the segment's salt, the length and everything from offset 8
 *  8  u64  seq
 * 16  u32  how far the last synced seq lay behind this seq when the frame was written
 * 20  u8   type: change or mark
 * 21  u8   kind of change
 * 22  u8   quality of service
 * 23  u8   flags
 * 24  u64  clock of the version
 * 32  u64  node of the version
 * 40       what {@link EntryCodec} writes
 * </pre>
 *
 * <p>The salt is random for each segment, so that bytes of another segment's file never pass for a frame. The distance
 * to the last synced seq lets recovery tell a batch that the power cut tore (nobody was promised it) from damage to what
 * had been synced: an intact frame that says "seq n was synced before me" is a witness. A mark carries no change; a
 * clean close leaves one as a witness for the last batch.
 */
final class Frame {
    static final int LENGTH = 0;
    static final int CRC = 4;
    static final int SEQ = 8;
    static final int UNSYNCED = 16;
    static final int TYPE = 20;
    static final int KIND = 21;
    static final int QOS = 22;
    static final int FLAGS = 23;
    static final int CLOCK = 24;
    static final int NODE = 32;
    static final int BODY = 40;

    static final int MARK_BYTES = 24;
    static final int ALIGNMENT = 8;

    static final byte TYPE_CHANGE = 1;
    static final byte TYPE_MARK = 2;

    static final int END_OF_GROUP = 1;
    static final int HAS_EXPIRY = 2;
    static final int HAS_SOURCE = 4;
    static final int HAS_PROPERTIES = 8;
    static final int HAS_PATCH = 16;
    static final int HAS_CONTENT = 32;

    /** Stands for "further behind than this field can say". */
    private static final long UNSYNCED_MAX = 0xFFFF_FFFFL;

    private Frame() {}

    static int aligned(int length) {
        return (length + ALIGNMENT - 1) & -ALIGNMENT;
    }

    /** Completes a frame at {@code at} whose fields are set but for the witness and the checksum. */
    static void seal(ByteBuffer buffer, int at, long syncedSeq, Checksum checksum) {
        long behind = Math.min(buffer.getLong(at + SEQ) - syncedSeq, UNSYNCED_MAX);
        buffer.putInt(at + UNSYNCED, (int) behind);
        buffer.putInt(at + CRC, checksum.of(buffer, at, buffer.getInt(at + LENGTH)));
    }

    /** Which seq the frame at {@code at} knows to have been synced before it was written. */
    static long witnessed(ByteBuffer buffer, int at) {
        long behind = Integer.toUnsignedLong(buffer.getInt(at + UNSYNCED));
        return behind == UNSYNCED_MAX ? 0 : buffer.getLong(at + SEQ) - behind;
    }

    /** Whether a frame of this length can be. */
    static boolean plausible(int length, long room) {
        return length >= MARK_BYTES && length % ALIGNMENT == 0 && length <= room;
    }

    /** Writes a mark that witnesses everything up to {@code seq}. */
    static ByteBuffer mark(long seq, Checksum checksum) {
        ByteBuffer mark = ByteBuffer.allocate(MARK_BYTES);
        mark.putInt(LENGTH, MARK_BYTES).putLong(SEQ, seq).put(TYPE, TYPE_MARK);
        seal(mark, 0, seq, checksum);
        return mark;
    }

    /** The checksum of one segment's frames. Used by one thread. */
    static final class Checksum {
        private final CRC32C crc = new CRC32C();
        private final ByteBuffer prefix = ByteBuffer.allocate(Long.BYTES + Integer.BYTES);

        Checksum(long salt) {
            prefix.putLong(0, salt);
        }

        int of(ByteBuffer buffer, int at, int length) {
            crc.reset();
            prefix.putInt(Long.BYTES, length);
            crc.update(prefix.array(), 0, prefix.capacity());
            int position = buffer.position();
            int limit = buffer.limit();
            buffer.limit(at + length).position(at + SEQ);
            crc.update(buffer);
            buffer.limit(limit).position(position);
            return (int) crc.getValue();
        }
    }
}
