package org.millrace.host.transport;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.ssl.SslHandler;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.millrace.spi.identity.ConnectionInfo;
import org.millrace.spi.transport.StreamProtocol;

/** A protocol that echoes; {@code !} makes a handler throw, {@code +} adds a handler that throws at {@code ?}. */
final class Probe implements StreamProtocol {
    final List<ConnectionInfo> connections = new CopyOnWriteArrayList<>();
    final List<String> news = new CopyOnWriteArrayList<>();
    final Set<String> alpn;

    Probe(String... alpn) {
        this.alpn = new java.util.LinkedHashSet<>(List.of(alpn));
    }

    @Override
    public String name() {
        return "probe";
    }

    @Override
    public Set<String> alpn() {
        return alpn;
    }

    /** A client of it begins with "probe"; one that begins with "silent" is recognised, and told nothing. */
    @Override
    public Recognition recognize(ByteBuf head) {
        String seen = head.toString(StandardCharsets.US_ASCII);
        return seen.startsWith("probe") || seen.startsWith("silent")
                ? Recognition.YES
                : "probe".startsWith(seen) ? Recognition.MORE : Recognition.NO;
    }

    @Override
    public byte[] refuseWithoutTls(ByteBuf head) {
        return head.getByte(head.readerIndex()) == 's' ? new byte[0] : "use TLS\n".getBytes(StandardCharsets.US_ASCII);
    }

    @Override
    public void initialize(Channel channel, ConnectionInfo via) {
        connections.add(via);
        SslHandler ssl = channel.pipeline().get(SslHandler.class);
        if (ssl != null) {
            news.add("alpn " + ssl.applicationProtocol());
        }
        channel.pipeline().addLast(new Echo());
    }

    private final class Echo extends ChannelInboundHandlerAdapter {
        @Override
        public void channelActive(ChannelHandlerContext ctx) {
            news.add("active");
            var _ = ctx.writeAndFlush(Unpooled.copiedBuffer("hello\n", StandardCharsets.US_ASCII));
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            ByteBuf bytes = (ByteBuf) message;
            String text = bytes.toString(StandardCharsets.US_ASCII);
            if (text.startsWith("!")) {
                bytes.release();
                throw new IllegalStateException("told to");
            }
            if (text.startsWith("+")) {
                ctx.pipeline().addLast(new Later());
            }
            if (text.startsWith("?")) {
                ctx.fireChannelRead(message);
            } else {
                var _ = ctx.writeAndFlush(message);
            }
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            news.add("inactive");
        }
    }

    private static final class Later extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            ((ByteBuf) message).release();
            throw new IllegalStateException("told to, later");
        }
    }
}
