package org.millrace.benchmarks;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Opens MQTT 3.1.1 connections, blocking, for a load that goes on without. */
final class MqttClients {
    private MqttClients() {}

    /** Connects with a clean session and no keep-alive. */
    static SocketChannel connect(InetSocketAddress address, String clientId) throws IOException {
        return connect(address, connectPacket(clientId, true));
    }

    /** Connects to a session that outlives the connection, with no keep-alive. */
    static SocketChannel resume(InetSocketAddress address, String clientId) throws IOException {
        return connect(address, connectPacket(clientId, false));
    }

    private static SocketChannel connect(InetSocketAddress address, ByteBuffer packet) throws IOException {
        SocketChannel channel = SocketChannel.open(address);
        exchange(channel, packet, 4);
        return channel;
    }

    /** CONNECT of MQTT 3.1.1 with no keep-alive; the session ends with the connection if it is clean. */
    static ByteBuffer connectPacket(String clientId, boolean clean) {
        byte[] id = clientId.getBytes(StandardCharsets.US_ASCII);
        ByteBuffer connect = ByteBuffer.allocate(14 + id.length);
        connect.put((byte) 0x10).put((byte) (12 + id.length));
        connect.put(new byte[] {0, 4, 'M', 'Q', 'T', 'T', 4, (byte) (clean ? 2 : 0), 0, 0});
        return connect.put((byte) 0).put((byte) id.length).put(id).flip();
    }

    /** Connects and subscribes to one filter. */
    static SocketChannel subscriber(InetSocketAddress address, String clientId, String filter, int qos)
            throws IOException {
        SocketChannel channel = connect(address, clientId);
        subscribe(channel, List.of(filter), qos);
        return channel;
    }

    /** Subscribes to filters in one packet. */
    static void subscribe(SocketChannel channel, List<String> filters, int qos) throws IOException {
        ByteBuffer body = ByteBuffer.allocate(64 * 1024).putShort((short) 1);
        for (String filter : filters) {
            byte[] text = filter.getBytes(StandardCharsets.US_ASCII);
            body.putShort((short) text.length).put(text).put((byte) qos);
        }
        body.flip();
        ByteBuffer packet = ByteBuffer.allocate(5 + body.remaining()).put((byte) 0x82);
        putLength(packet, body.remaining());
        int codes = filters.size();
        exchange(channel, packet.put(body).flip(), 1 + (codes + 2 > 127 ? 2 : 1) + 2 + codes);
    }

    private static void putLength(ByteBuffer out, int length) {
        int rest = length;
        while (rest > 127) {
            out.put((byte) (rest & 127 | 128));
            rest >>= 7;
        }
        out.put((byte) rest);
    }

    private static void exchange(SocketChannel channel, ByteBuffer request, int answerBytes) throws IOException {
        while (request.hasRemaining()) {
            channel.write(request);
        }
        readAnswer(channel, answerBytes);
    }

    /** Reads so many bytes, of which the last is a return code. */
    static void readAnswer(SocketChannel channel, int answerBytes) throws IOException {
        ByteBuffer answer = ByteBuffer.allocate(answerBytes);
        while (answer.hasRemaining()) {
            if (channel.read(answer) < 0) {
                throw new EOFException("the server closed the connection of a CONNECT or SUBSCRIBE");
            }
        }
        if ((answer.get(answerBytes - 1) & 0x80) != 0) {
            throw new IOException("the server refused a CONNECT or SUBSCRIBE");
        }
    }
}
