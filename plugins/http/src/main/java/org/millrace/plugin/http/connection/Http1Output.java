package org.millrace.plugin.http.connection;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import org.millrace.plugin.http.wire.Head;

/**
 * What an HTTP/1.1 connection writes, and how it ends. Small parts of a streamed body are put together in one buffer, which
 * is handed to the socket at {@link #flush}. Used on the connection's event loop only.
 */
final class Http1Output {
    /** Parts are gathered to about this size. */
    private static final int BATCH = 16 * 1024;
    /** Head and end of a chunk at most. */
    private static final int FRAME = 16;

    private final Channel channel;
    private final AnswerEncoder encoder;
    private final Runnable flushed;
    private boolean flushing;
    private @Nullable ByteBuf batch;
    private int usual;

    /**
     * Writes to a connection.
     *
     * @param flushed told after each flush that was put off
     */
    Http1Output(Channel channel, AnswerEncoder encoder, Runnable flushed) {
        this.channel = channel;
        this.encoder = encoder;
        this.flushed = flushed;
    }

    AnswerEncoder encoder() {
        return encoder;
    }

    ByteBufAllocator allocator() {
        return channel.alloc();
    }

    boolean isWritable() {
        return channel.isWritable();
    }

    void write(ByteBuf out) {
        handOver();
        channel.write(out, channel.voidPromise());
    }

    void writePart(ByteBuffer bytes, boolean chunked) {
        int needed = bytes.remaining() + FRAME;
        ByteBuf out = batch;
        if (out == null) {
            // As much as the last time, so that what waits for a slow client holds little more than what is in it.
            out = channel.alloc().ioBuffer(Math.max(needed, Math.min(usual, BATCH)));
            batch = out;
        }
        if (chunked) {
            Head.beginChunk(out, bytes.remaining());
        }
        out.writeBytes(bytes.duplicate());
        if (chunked) {
            Head.endChunk(out);
        }
        if (out.readableBytes() >= BATCH) {
            handOver();
        }
    }

    private void handOver() {
        ByteBuf full = batch;
        if (full != null) {
            batch = null;
            usual = full.readableBytes();
            channel.write(full, channel.voidPromise());
        }
    }

    /** The connection is gone, or another protocol's. */
    void drop() {
        ByteBuf unsent = batch;
        if (unsent != null) {
            batch = null;
            unsent.release();
        }
    }

    void writeEnd() {
        ByteBuf out = channel.alloc().ioBuffer(8);
        Head.endChunks(out);
        write(out);
    }

    void writeContinue() {
        ByteBuf out = channel.alloc().ioBuffer(32);
        Head.continueAnswer(out);
        write(out);
    }

    void flush() {
        handOver();
        channel.flush();
    }

    /** One flush for all answers that become ready in this turn of the loop. */
    void flushSoon() {
        if (!flushing) {
            flushing = true;
            channel.eventLoop().execute(() -> {
                flushing = false;
                flush();
                flushed.run();
            });
        }
    }

    /** Ends the connection when all is written. */
    void close() {
        handOver();
        channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
    }

    /** Ends this side of the connection when all is written, and the other later: see {@link LingeringClose}. */
    void closeThisSide() {
        handOver();
        channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(done -> LingeringClose.begin(channel));
    }
}
