package org.millrace.plugin.mqtt;

import io.netty.buffer.ByteBuf;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.handler.codec.mqtt.MqttDecoder;
import java.util.Set;
import org.millrace.plugin.mqtt.connection.MqttConnection;
import org.millrace.plugin.mqtt.connection.MqttServer;
import org.millrace.spi.identity.ConnectionInfo;
import org.millrace.spi.transport.StreamProtocol;

/** MQTT over a stream of bytes: TCP, TLS, or a WebSocket of subprotocol {@code mqtt}. */
final class MqttProtocol implements StreamProtocol {
    private static final int CONNECT = 0x10;
    /** Netty limits client ids of MQTT 3.1 only, which is refused before. */
    private static final int ANY_CLIENT_ID = 65_535;

    private static final int READS_PER_TURN = 8;
    private static final int LARGEST_READ = 32 * 1024;

    private final MqttServer server;
    private final int maxPacketSize;

    MqttProtocol(MqttServer server, MqttConfig config) {
        this.server = server;
        this.maxPacketSize = config.maxPacketSize().toIntSaturated();
    }

    @Override
    public String name() {
        return "mqtt";
    }

    @Override
    public void initialize(Channel channel, ConnectionInfo via) {
        // Of a client that sends without pause so much is read before it is the others' turn.
        channel.config()
                .setRecvByteBufAllocator(
                        new AdaptiveRecvByteBufAllocator(64, 512, LARGEST_READ).maxMessagesPerRead(READS_PER_TURN));
        MqttConnection connection = new MqttConnection(server, via);
        channel.pipeline()
                .addLast(
                        server.traffic(),
                        connection.framer(),
                        new MqttDecoder(maxPacketSize, ANY_CLIENT_ID),
                        connection);
    }

    /** CONNECT's fixed header, then the protocol name: length 4 and "MQTT". */
    @Override
    public Recognition recognize(ByteBuf head) {
        int start = head.readerIndex();
        int end = head.writerIndex();
        if (head.getUnsignedByte(start) != CONNECT) {
            return Recognition.NO;
        }
        int at = start + 1;
        int digits = 0;
        do {
            if (at == end) {
                return Recognition.MORE;
            }
            if (++digits > 4) {
                return Recognition.NO;
            }
        } while ((head.getByte(at++) & 0x80) != 0);
        byte[] name = {0, 4, 'M', 'Q', 'T', 'T'};
        for (byte expected : name) {
            if (at == end) {
                return Recognition.MORE;
            }
            if (head.getByte(at++) != expected) {
                return Recognition.NO;
            }
        }
        return Recognition.YES;
    }

    @Override
    public Set<String> webSocketSubprotocols() {
        return Set.of("mqtt");
    }

    @Override
    public Set<String> alpn() {
        return Set.of("mqtt");
    }
}
