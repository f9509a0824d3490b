package org.millrace.plugin.http.connection;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.socket.DuplexChannel;
import java.nio.ByteBuffer;
import org.millrace.plugin.http.wire.Head;

/** What an HTTP/1.1 connection writes, and how it ends. Used on the connection's event loop only. */
final class Http1Output {
    private final Channel channel;
    private final AnswerEncoder encoder;
    private final Runnable flushed;
    private boolean flushing;

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
        channel.write(out, channel.voidPromise());
    }

    void writePart(ByteBuffer bytes, boolean chunked) {
        ByteBuf out = channel.alloc().ioBuffer(bytes.remaining() + 16);
        if (chunked) {
            Head.beginChunk(out, bytes.remaining());
        }
        out.writeBytes(bytes.duplicate());
        if (chunked) {
            Head.endChunk(out);
        }
        write(out);
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
        channel.flush();
    }

    /** One flush for all answers that become ready in this turn of the loop. */
    void flushSoon() {
        if (!flushing) {
            flushing = true;
            channel.eventLoop().execute(() -> {
                flushing = false;
                channel.flush();
                flushed.run();
            });
        }
    }

    /** Ends the connection when all is written. */
    void close() {
        channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
    }

    /**
     * Ends this side of the connection when all is written, and leaves the other open for a while: a client that is still
     * sending would be answered with a reset, which would destroy the answer on its way (RFC 9112 section 9.6).
     */
    void closeThisSide() {
        channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(done -> {
            if (channel instanceof DuplexChannel duplex) {
                duplex.shutdownOutput();
            } else {
                channel.close();
            }
        });
    }
}
