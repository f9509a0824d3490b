package org.millrace.host.transport;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.util.concurrent.ScheduledFuture;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Tells by the first byte whether a connection begins with TLS, where a port speaks it: every TLS connection begins with
 * a handshake record (RFC 8446 section 5.1), and no protocol here with that byte. Used by the connection's event loop.
 */
final class TlsSniffer extends ByteToMessageDecoder {
    private static final int HANDSHAKE = 22;

    private final Duration timeout;
    private final Runnable withTls;
    private final Runnable without;
    private @Nullable ScheduledFuture<?> deadline;

    /**
     * Looks at a connection.
     *
     * @param timeout how long it may be silent
     * @param withTls adds what is needed for TLS behind this
     * @param without adds behind this what serves the others, or sends them away
     */
    TlsSniffer(Duration timeout, Runnable withTls, Runnable without) {
        this.timeout = timeout;
        this.withTls = withTls;
        this.without = without;
    }

    /** Comes again once somebody is there to see it. */
    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        deadline = ctx.executor().schedule(() -> close(ctx), timeout.toMillis(), TimeUnit.MILLISECONDS);
    }

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf head, List<Object> out) {
        cancel();
        (isHandshake(head) ? withTls : without).run();
        ctx.fireChannelActive();
        ctx.pipeline().remove(this);
    }

    static boolean isHandshake(ByteBuf head) {
        return head.isReadable() && head.getUnsignedByte(head.readerIndex()) == HANDSHAKE;
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) throws Exception {
        cancel();
        super.channelInactive(ctx);
    }

    private static void close(ChannelHandlerContext ctx) {
        var _ = ctx.close();
    }

    private void cancel() {
        if (deadline != null) {
            deadline.cancel(false);
        }
    }
}
