package org.millrace.journal;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * What a segment file says of itself in its first 512 bytes: magic, format version, the journal's node, the first seq,
 * the salt of its checksums, its size and a CRC32C over all that. It is synced before the file gets its name, so a file
 * with a segment's name always has one.
 *
 * @param node the journal's node
 * @param firstSeq the first change
 * @param salt random, enters the checksum of each frame
 * @param fileBytes how large the file was made
 */
record SegmentHeader(long node, long firstSeq, long salt, long fileBytes) {
    /** Where the first frame begins: header and seal have a page of their own. */
    static final int DATA_START = 4096;

    static final int BYTES = 48;
    static final int FORMAT = 1;

    private static final long MAGIC = 0x4D_49_4C_4C_4A_52_4E_4CL; // MILLJRNL

    ByteBuffer encode() {
        ByteBuffer b = ByteBuffer.allocate(BYTES);
        b.putLong(MAGIC)
                .putInt(FORMAT)
                .putLong(node)
                .putLong(firstSeq)
                .putLong(salt)
                .putLong(fileBytes);
        b.putInt(crc(b));
        return b.flip();
    }

    /** Reads a header, or tells what is wrong with it. */
    static Decoded decode(ByteBuffer b) {
        if (b.remaining() < BYTES || b.getLong(0) != MAGIC) {
            return new Decoded(null, "this is no segment's header");
        }
        if (b.getInt(BYTES - Integer.BYTES) != crc(b)) {
            return new Decoded(null, "the header's checksum is wrong");
        }
        if (b.getInt(8) != FORMAT) {
            return new Decoded(
                    null,
                    "its format is version " + b.getInt(8) + ", this host reads " + FORMAT + "; use its own host");
        }
        return new Decoded(new SegmentHeader(b.getLong(12), b.getLong(20), b.getLong(28), b.getLong(36)), "");
    }

    private static int crc(ByteBuffer b) {
        CRC32C crc = new CRC32C();
        crc.update(b.slice(0, BYTES - Integer.BYTES));
        return (int) crc.getValue();
    }

    /**
     * A header or a problem.
     *
     * @param header null if there is a problem
     * @param problem empty if there is a header
     */
    record Decoded(@Nullable SegmentHeader header, String problem) {}
}
