package org.millrace.plugin.http.connection;

import io.netty.buffer.ByteBuf;
import java.util.Arrays;

/**
 * Collects a body up to a limit. Room is made as bytes come, not as they are announced, so that a client cannot reserve
 * memory by a header field.
 */
final class RequestBody {
    private static final byte[] EMPTY = {};
    private static final int FIRST_ROOM = 16 * 1024;

    private int limit;
    private final int announced;
    private byte[] bytes = EMPTY;
    private int size;

    /**
     * Makes an empty body.
     *
     * @param limit how many bytes are taken
     * @param announced the declared length; -1 if none was declared
     */
    RequestBody(int limit, long announced) {
        this.limit = limit;
        this.announced = (int) Math.min(announced, Integer.MAX_VALUE);
    }

    /** Sets another limit; false if there are more bytes than that already. */
    boolean limit(int value) {
        limit = value;
        return size <= value;
    }

    /** How many bytes have come. */
    int size() {
        return size;
    }

    /** The first byte that is no white space of JSON's; -1 if there is none yet. */
    int firstOfJson() {
        for (int i = 0; i < size; i++) {
            byte b = bytes[i];
            if (b != ' ' && b != '\t' && b != '\n' && b != '\r') {
                return b & 0xff;
            }
        }
        return -1;
    }

    /** Takes bytes; false, and nothing taken, if they are beyond the limit. */
    boolean add(ByteBuf more) {
        int n = more.readableBytes();
        if (n > limit - size) {
            return false;
        }
        if (size + n > bytes.length) {
            int target = announced >= 0 ? Math.min(announced, limit) : limit;
            int room = (int) Math.min(target, Math.max(Math.max(FIRST_ROOM, 2L * bytes.length), (long) size + n));
            bytes = Arrays.copyOf(bytes, Math.max(room, size + n));
        }
        more.readBytes(bytes, size, n);
        size += n;
        return true;
    }

    /** The bytes, to be taken once; without a copy if the declared length has come. */
    byte[] take() {
        byte[] taken = size == bytes.length ? bytes : Arrays.copyOf(bytes, size);
        bytes = EMPTY;
        size = 0;
        return taken;
    }
}
