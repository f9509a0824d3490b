package org.millrace.journal;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.millrace.spi.resource.Change;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.ResourceException;

/**
 * Changes as bytes for another node: the journal's frames, one after the other, without what makes them proof against a
 * torn disk. Whoever carries them has to add a checksum. Pure; safe for use by any thread.
 */
public final class ChangeFrames {
    private ChangeFrames() {}

    /**
     * The most bytes a change can take.
     *
     * @param change any
     * @return a bound, not the size
     */
    public static long maxSize(Change change) {
        return EntryCodec.maxSize(change);
    }

    /**
     * Appends a change.
     *
     * @param change its place is the cursor's position
     * @param into big-endian, with {@link #maxSize} bytes to spare; its position moves
     */
    public static void write(Change change, ByteBuffer into) {
        EntryCodec.encode(change, true, into);
    }

    /**
     * Reads all changes up to the buffer's limit.
     *
     * @param from what {@link #write} wrote; its position moves to the limit
     * @param node the node that wrote them, for their cursors
     * @param contents makes their contents
     * @return the changes, in order
     * @throws ResourceException UNSUPPORTED if the bytes are no such changes, or were written by a release that knows more
     */
    public static List<Change> read(ByteBuffer from, long node, ContentDecoder contents) {
        List<Change> changes = new ArrayList<>();
        try {
            while (from.hasRemaining()) {
                int at = from.position();
                int length = from.getInt(at + Frame.LENGTH);
                if (length < Frame.BODY
                        || !Frame.plausible(length, from.remaining())
                        || from.get(at + Frame.TYPE) != Frame.TYPE_CHANGE) {
                    throw new IllegalStateException("no frame of a change at " + at);
                }
                changes.add(EntryCodec.decode(from, at, node, contents));
                from.position(at + length);
            }
        } catch (RuntimeException e) {
            throw new ResourceException(
                    ErrorCode.UNSUPPORTED,
                    "change " + (changes.size() + 1) + " of a message of node " + Long.toHexString(node)
                            + " cannot be read: " + e.getMessage() + "; bring all nodes to the same release",
                    e);
        }
        return changes;
    }
}
