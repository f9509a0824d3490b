package org.millrace.replication;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.zip.CRC32C;
import org.millrace.journal.ChangeFrames;
import org.millrace.journal.ContentDecoder;
import org.millrace.spi.resource.Change;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.ResourceException;

/**
 * Messages as bytes, numbers big-endian: {@code "MRC"} and the format (1), CRC32C of what follows (u32), origin (u64),
 * the place before (u64), then the changes as {@link ChangeFrames}. Pure.
 */
final class MessageCodec {
    /** What a message takes besides its changes. */
    static final int HEAD = 24;

    private static final int MAGIC = 'M' << 24 | 'R' << 16 | 'C' << 8 | 1;
    private static final int CRC = 4;
    private static final int BODY = 8;

    private MessageCodec() {}

    static byte[] encode(ClusterMessage message) {
        long size = HEAD;
        for (Change change : message.changes()) {
            size += ChangeFrames.maxSize(change);
        }
        ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(size));
        bytes.putInt(MAGIC).putInt(0).putLong(message.origin()).putLong(message.previous());
        message.changes().forEach(change -> ChangeFrames.write(change, bytes));
        bytes.putInt(CRC, checksum(bytes.array(), bytes.position()));
        return Arrays.copyOf(bytes.array(), bytes.position());
    }

    /**
     * Reads a message.
     *
     * @throws ResourceException UNSUPPORTED if it is none, is damaged, or comes from a release that knows more
     */
    static ClusterMessage decode(byte[] message, ContentDecoder contents) {
        ByteBuffer bytes = ByteBuffer.wrap(message);
        if (message.length < HEAD || bytes.getInt() != MAGIC) {
            throw new ResourceException(
                    ErrorCode.UNSUPPORTED,
                    "a message of " + message.length + " bytes in the cluster's stream is none that this release knows;"
                            + " bring all nodes to the same release, and let nobody else publish there");
        }
        if (bytes.getInt() != checksum(message, message.length)) {
            throw new ResourceException(
                    ErrorCode.UNSUPPORTED,
                    "a message of " + message.length + " bytes in the cluster's stream is damaged; check the disks of"
                            + " the NATS servers");
        }
        long origin = bytes.getLong();
        long previous = bytes.getLong();
        return new ClusterMessage(origin, previous, ChangeFrames.read(bytes, origin, contents));
    }

    private static int checksum(byte[] bytes, int length) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, BODY, length - BODY);
        return (int) crc.getValue();
    }
}
