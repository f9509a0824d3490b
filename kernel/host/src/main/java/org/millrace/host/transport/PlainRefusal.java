package org.millrace.host.transport;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.util.concurrent.ScheduledFuture;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.millrace.spi.transport.StreamProtocol;
import org.millrace.spi.transport.StreamProtocol.Recognition;

/**
 * Sends a connection away that began without TLS where only TLS is spoken, telling the client why in the protocol's own
 * terms if it knows the first bytes. What the client goes on to send is dropped for a while: a close with input unread
 * would be a reset, which destroys an answer that the client has not read yet. Used by the connection's event loop.
 */
final class PlainRefusal extends ByteToMessageDecoder {
    /** More than any protocol needs to know its own. */
    private static final int MOST = 1024;

    private static final long LINGER_MILLIS = 2_000;

    private final StreamProtocol protocol;
    private final Duration timeout;
    private boolean refused;
    private @Nullable ScheduledFuture<?> deadline;

    /**
     * Waits for enough of the first bytes.
     *
     * @param timeout how long they may take
     */
    PlainRefusal(StreamProtocol protocol, Duration timeout) {
        this.protocol = protocol;
        this.timeout = timeout;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        closeIn(timeout.toMillis(), ctx);
    }

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf head, List<Object> out) {
        if (!refused) {
            Recognition known = protocol.recognize(head);
            if (known == Recognition.MORE && head.readableBytes() <= MOST) {
                return;
            }
            refused = true;
            refuse(ctx, known == Recognition.YES ? protocol.refuseWithoutTls(head) : new byte[0]);
        }
        head.skipBytes(head.readableBytes());
    }

    private void refuse(ChannelHandlerContext ctx, byte[] answer) {
        if (answer.length == 0 || !(ctx.channel() instanceof DuplexChannel connection)) {
            var _ = ctx.close();
            return;
        }
        closeIn(LINGER_MILLIS, ctx);
        ctx.writeAndFlush(Unpooled.wrappedBuffer(answer)).addListener(sent -> connection.shutdownOutput());
    }

    private void closeIn(long millis, ChannelHandlerContext ctx) {
        cancel();
        deadline = ctx.executor().schedule(() -> close(ctx), millis, TimeUnit.MILLISECONDS);
    }

    private static void close(ChannelHandlerContext ctx) {
        var _ = ctx.close();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) throws Exception {
        cancel();
        super.channelInactive(ctx);
    }

    private void cancel() {
        if (deadline != null) {
            deadline.cancel(false);
        }
    }
}
