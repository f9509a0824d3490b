package org.millrace.host.transport;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.ScheduledFuture;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.millrace.host.transport.SharedPort.Carried;
import org.millrace.spi.identity.ConnectionInfo;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Holds one connection of a {@link SharedPort} until its protocol is known, then gives it to that with all that was read,
 * as if just connected. Used by the connection's event loop.
 */
final class ProtocolChoice extends ByteToMessageDecoder {
    private static final Logger log = LoggerFactory.getLogger(ProtocolChoice.class);
    /** More than any protocol needs to know its own. */
    private static final int MOST = 1024;

    private static final int SHOWN = 16;

    private final SharedPort port;
    private final ConnectionInfo via;
    private final Duration timeout;
    private @Nullable ScheduledFuture<?> deadline;

    ProtocolChoice(SharedPort port, ConnectionInfo via, Duration timeout) {
        this.port = port;
        this.via = via;
        this.timeout = timeout;
    }

    /** Comes again once the protocol is there to see it. */
    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        Optional<Carried> negotiated = negotiated(ctx.channel());
        if (negotiated.isPresent()) {
            give(ctx, negotiated.get());
            return;
        }
        deadline = ctx.executor().schedule(() -> late(ctx), timeout.toMillis(), TimeUnit.MILLISECONDS);
    }

    private Optional<Carried> negotiated(Channel channel) {
        SslHandler tls = channel.pipeline().get(SslHandler.class);
        String name = tls == null ? null : tls.applicationProtocol();
        return name == null
                ? Optional.empty()
                : port.carried().stream()
                        .filter(each -> each.protocol().alpn().contains(name))
                        .findFirst();
    }

    private void late(ChannelHandlerContext ctx) {
        log.debug("{} did not say within {} what it speaks; closed", via.remote(), timeout);
        var _ = ctx.close();
    }

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf head, List<Object> out) {
        boolean more = false;
        for (Carried each : port.carried()) {
            switch (each.protocol().recognize(head)) {
                case YES -> {
                    give(ctx, each);
                    return;
                }
                case MORE -> more = true;
                case NO -> {
                    // Another may know it.
                }
            }
        }
        if (!more || head.readableBytes() > MOST) {
            port.stranger(
                    via.remote(), ByteBufUtil.hexDump(head, head.readerIndex(), Math.min(SHOWN, head.readableBytes())));
            head.skipBytes(head.readableBytes());
            var _ = ctx.close();
        }
    }

    private void give(ChannelHandlerContext ctx, Carried chosen) {
        if (deadline != null) {
            deadline.cancel(false);
        }
        Channel channel = ctx.channel();
        if (!chosen.connections().add(channel)) {
            return; // closed in the same moment
        }
        ConnectionGuard guard = ctx.pipeline().get(ConnectionGuard.class);
        try {
            chosen.protocol()
                    .initialize(channel, via.withProtocol(chosen.protocol().name()));
        } catch (RuntimeException | LinkageError e) {
            guard.fail(channel, e);
            return;
        }
        guard.standLast();
        ctx.fireChannelActive();
        // What was read is given on with the removal.
        ctx.pipeline().remove(this);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) throws Exception {
        if (deadline != null) {
            deadline.cancel(false);
        }
        super.channelInactive(ctx);
    }
}
