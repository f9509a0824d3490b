package org.millrace.plugin.amqp;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import java.util.Set;
import org.millrace.plugin.amqp.connection.AmqpConnection;
import org.millrace.plugin.amqp.connection.AmqpServer;
import org.millrace.spi.identity.ConnectionInfo;
import org.millrace.spi.transport.StreamProtocol;

/** AMQP 1.0 over a stream of bytes: TCP, TLS, or a WebSocket of subprotocol {@code amqp}. */
final class AmqpProtocol implements StreamProtocol {
    private static final byte[] NAME = {'A', 'M', 'Q', 'P'};

    private final AmqpServer server;

    AmqpProtocol(AmqpServer server) {
        this.server = server;
    }

    @Override
    public String name() {
        return "amqp";
    }

    @Override
    public void initialize(Channel channel, ConnectionInfo via) {
        channel.pipeline().addLast(new AmqpConnection(server, channel, via));
    }

    /** Every connection begins with the four letters (AMQP 1.0 sections 2.2 and 5.3.2). */
    @Override
    public Recognition recognize(ByteBuf head) {
        for (int i = 0; i < NAME.length; i++) {
            if (i == head.readableBytes()) {
                return Recognition.MORE;
            }
            if (head.getByte(head.readerIndex() + i) != NAME[i]) {
                return Recognition.NO;
            }
        }
        return Recognition.YES;
    }

    /** The Binding for WebSocket names it so (OASIS AMQP WebSocket Binding section 2.1). */
    @Override
    public Set<String> webSocketSubprotocols() {
        return Set.of("amqp");
    }

    @Override
    public Set<String> alpn() {
        return Set.of("amqp");
    }
}
