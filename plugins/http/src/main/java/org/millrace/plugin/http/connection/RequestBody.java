package org.millrace.plugin.http.connection;

import io.netty.buffer.ByteBuf;
import java.util.Arrays;
import org.millrace.plugin.http.exchange.BodyMemory;

/**
 * Collects a body up to a limit. Room is made as bytes come, not as they are announced, so that a client cannot reserve
 * memory by a header field.
 */
final class RequestBody {
    private static final byte[] EMPTY = {};
    private static final int FIRST_ROOM = 16 * 1024;

    private final BodyMemory.Share memory;
    private final int announced;
    private int limit;
    private byte[] bytes = EMPTY;
    private int size;

    /**
     * Makes an empty body.
     *
     * @param memory where its room is taken from
     * @param limit how many bytes are taken
     * @param announced the declared length; -1 if none was declared
     */
    RequestBody(BodyMemory.Share memory, int limit, long announced) {
        this.memory = memory;
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

    /**
     * Takes bytes; false, and nothing taken, if they are beyond the limit.
     *
     * @throws org.millrace.plugin.http.problem.ProblemException 503 if the host has no room for more bodies
     */
    boolean add(ByteBuf more) {
        int n = more.readableBytes();
        if (n > limit - size) {
            return false;
        }
        if (size + n > bytes.length) {
            int target = announced >= 0 ? Math.min(announced, limit) : limit;
            int doubled = (int) Math.min(target, Math.max(FIRST_ROOM, 2L * bytes.length));
            int room = Math.max(doubled, size + n);
            memory.take(room - bytes.length);
            bytes = Arrays.copyOf(bytes, room);
        }
        more.readBytes(bytes, size, n);
        size += n;
        return true;
    }

    /** The bytes, to be taken once; without a copy if the declared length has come. */
    byte[] take() {
        memory.give(bytes.length);
        byte[] taken = size == bytes.length ? bytes : Arrays.copyOf(bytes, size);
        bytes = EMPTY;
        size = 0;
        return taken;
    }
}
