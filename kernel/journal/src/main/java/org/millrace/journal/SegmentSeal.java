package org.millrace.journal;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * What a full segment says of its end, in its second 512 bytes, so that opening a journal need not read all of it.
 * Written and synced before the next segment gets its name; it means nothing in the last segment.
 *
 * @param lastSeq the last change
 * @param end where the last frame ends
 * @param maxClock the greatest clock of its changes
 */
record SegmentSeal(long lastSeq, long end, long maxClock) {
    static final int OFFSET = 512;
    static final int BYTES = 36;

    private static final long MAGIC = 0x4D_49_4C_4C_53_45_41_4CL; // MILLSEAL

    ByteBuffer encode(long salt) {
        ByteBuffer b = ByteBuffer.allocate(BYTES);
        b.putLong(MAGIC).putLong(lastSeq).putLong(end).putLong(maxClock);
        b.putInt(crc(b, salt));
        return b.flip();
    }

    static @Nullable SegmentSeal decode(ByteBuffer b, long salt) {
        if (b.remaining() < BYTES || b.getLong(0) != MAGIC || b.getInt(BYTES - Integer.BYTES) != crc(b, salt)) {
            return null;
        }
        return new SegmentSeal(b.getLong(8), b.getLong(16), b.getLong(24));
    }

    private static int crc(ByteBuffer b, long salt) {
        CRC32C crc = new CRC32C();
        crc.update(ByteBuffer.allocate(Long.BYTES).putLong(0, salt));
        crc.update(b.slice(0, BYTES - Integer.BYTES));
        return (int) crc.getValue();
    }
}
