package org.millrace.plugin.http.connection;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;
import org.millrace.plugin.http.exchange.BodyMemory;
import org.millrace.plugin.http.exchange.BodyReader;
import org.millrace.plugin.http.problem.Problems;

/**
 * The body of a request that is answered while it comes. Takes off its content coding. What its reader has no room for waits
 * here: never more than what the connection had read already, since the connection asks {@link #takesMore} before it reads
 * on. Used on the connection's event loop only.
 */
final class BodyFlow {
    /** So much of the body has to come in the time for a body. */
    private static final int TIMED_PIECE = 64 * 1024;

    private final ArrayDeque<byte[]> waiting = new ArrayDeque<>();
    private final BodyMemory.Share memory;
    private final @Nullable BodyDecoder decoder;
    private @Nullable BodyReader reader;
    private long received;
    private boolean decoding;
    private boolean complete;
    private boolean over;
    private boolean pumping;

    /**
     * Begins.
     *
     * @param memory where room for what waits is taken from
     * @param coding the body's content coding; null for none
     */
    BodyFlow(BodyMemory.Share memory, @Nullable String coding) {
        this.memory = memory;
        decoder = coding == null || coding.equalsIgnoreCase("identity") ? null : new BodyDecoder(coding);
    }

    /** Whether somebody reads, so that a failure has somebody to be told to. */
    boolean hasReader() {
        return reader != null;
    }

    /** Whether the client may send more. */
    boolean takesMore() {
        BodyReader to = reader;
        return to != null && waiting.isEmpty() && (over || to.takesMore());
    }

    /** How many pieces have come, of the size that has to come in the time for a body. */
    long timedPieces() {
        return received / TIMED_PIECE;
    }

    void data(ByteBuf part) {
        received += part.readableBytes();
        if (over) {
            return;
        }
        BodyReader to = reader;
        if (decoder == null && to != null && waiting.isEmpty() && to.takesMore() && part.nioBufferCount() == 1) {
            to.data(part.nioBuffer());
        } else {
            try {
                memory.take(part.readableBytes());
            } catch (RuntimeException e) {
                brokeOff(e);
                return;
            }
            waiting.add(ByteBufUtil.getBytes(part));
            pump();
        }
    }

    void end() {
        complete = true;
        pump();
    }

    /** Hands the body over, beginning with what has come. */
    void to(BodyReader value) {
        reader = value;
        pump();
    }

    /** Goes on where the reader had no room. */
    void pump() {
        BodyReader to = reader;
        if (to == null || over || pumping) {
            return;
        }
        pumping = true;
        try {
            while (!waiting.isEmpty() && to.takesMore() && !over) {
                deliver(to);
            }
            if (complete && waiting.isEmpty() && !over) {
                if (decoder != null) {
                    decoder.end();
                }
                close();
                to.end();
            }
        } catch (RuntimeException e) {
            brokeOff(e);
        } finally {
            pumping = false;
        }
    }

    private void deliver(BodyReader to) {
        BodyDecoder decodes = decoder;
        if (decodes == null) {
            byte[] part = waiting.remove();
            memory.give(part.length);
            to.data(ByteBuffer.wrap(part));
            return;
        }
        if (!decoding) {
            decoding = true;
            decodes.input(waiting.element());
        }
        ByteBuffer piece = decodes.next();
        if (piece.hasRemaining()) {
            to.data(piece);
        } else {
            decoding = false;
            memory.give(waiting.remove().length);
        }
    }

    /** The rest will not come, or cannot be read. */
    void brokeOff(Throwable failure) {
        if (!over) {
            close();
            if (reader != null) {
                reader.brokeOff(failure);
            }
        }
    }

    /** The client has gone, or the answer is complete without the rest. */
    void lost() {
        brokeOff(Problems.badRequest("the client has gone").exception());
    }

    private void close() {
        over = true;
        waiting.forEach(part -> memory.give(part.length));
        waiting.clear();
        if (decoder != null) {
            decoder.close();
        }
    }
}
