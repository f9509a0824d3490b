package org.millrace.plugin.http.connection;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import org.millrace.plugin.http.problem.Problems;

/**
 * Takes gzip or deflate off a body that comes in parts, a bounded piece at a time: a small part can stand for a large one.
 * To be {@link #close closed}, since zlib holds memory outside the heap.
 */
final class BodyDecoder implements AutoCloseable {
    private static final int PIECE = 16 * 1024;
    private static final int LONGEST_HEAD = 64 * 1024;

    private final String coding;
    private final boolean gzip;
    private final Inflater inflater;
    private final CRC32 crc = new CRC32();
    private final byte[] piece = new byte[PIECE];
    private byte[] input = {};
    private boolean headRead;

    /**
     * Begins.
     *
     * @param coding one of those that {@link ContentCoding} takes
     */
    BodyDecoder(String coding) {
        this.coding = coding;
        this.gzip = ContentCoding.isGzip(coding);
        this.inflater = new Inflater(gzip);
        this.headRead = !gzip;
    }

    /** Takes a part, when the one before has been decoded. */
    void input(byte[] part) {
        if (headRead && !inflater.finished()) {
            input = part;
            inflater.setInput(part);
            return;
        }
        input = input.length == 0 ? part : joined(input, part);
        readHead();
        // A head in pieces, or the tail: both are short.
        if ((!headRead || inflater.finished()) && input.length > LONGEST_HEAD) {
            throw notWhatItSays("it is longer than it says");
        }
    }

    private static byte[] joined(byte[] first, byte[] second) {
        byte[] all = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, all, first.length, second.length);
        return all;
    }

    private void readHead() {
        if (headRead) {
            return;
        }
        int length = ContentCoding.gzipHeadLength(input);
        if (length >= 0) {
            headRead = true;
            inflater.setInput(input, length, input.length - length);
        }
    }

    /** The next piece; empty if there is none before the next part. */
    ByteBuffer next() {
        if (!headRead || inflater.finished()) {
            return ByteBuffer.allocate(0);
        }
        try {
            int n = inflater.inflate(piece);
            crc.update(piece, 0, n);
            if (inflater.needsDictionary()) {
                throw new DataFormatException("it needs a dictionary");
            }
            if (inflater.finished()) {
                input = Arrays.copyOfRange(input, input.length - inflater.getRemaining(), input.length);
            }
            return ByteBuffer.wrap(piece, 0, n);
        } catch (DataFormatException e) {
            throw notWhatItSays(String.valueOf(e.getMessage()));
        }
    }

    /** The body is complete: checks that nothing of it is missing or too much. */
    void end() {
        if (!inflater.finished()) {
            throw notWhatItSays("it ends too early");
        }
        if (gzip) {
            ByteBuffer tail = ByteBuffer.wrap(input).order(ByteOrder.LITTLE_ENDIAN);
            boolean right = tail.remaining() == ContentCoding.GZIP_TAIL
                    && tail.getInt() == (int) crc.getValue()
                    && tail.getInt() == (int) inflater.getBytesWritten();
            if (!right) {
                throw notWhatItSays("its checksum or length is wrong");
            }
        }
    }

    private RuntimeException notWhatItSays(String why) {
        return Problems.badRequest("the body is not what Content-Encoding '" + coding + "' says: " + why)
                .exception();
    }

    @Override
    public void close() {
        inflater.end();
    }
}
