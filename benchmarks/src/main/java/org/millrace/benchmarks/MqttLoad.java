package org.millrace.benchmarks;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/**
 * MQTT 3.1.1 clients: a publisher that keeps a window of messages unacknowledged (QoS 1) or fills the socket (QoS 0), and
 * a subscriber that takes each message's time from its payload.
 */
final class MqttLoad extends LoadConnection {
    private static final int PUBLISH = 0x30;

    /**
     * What a publisher does.
     *
     * @param delivered whether a subscriber takes the messages: then those on their way are bounded, and deliveries are
     *     timed; otherwise those unacknowledged, and acknowledgements
     */
    record Publishing(
            LongFunction<String> topics, int qos, boolean retain, int window, int payloadBytes, boolean delivered) {}

    private final @Nullable Publishing publishing;
    private final long[] sentAt = new long[65_536];
    private int inFlight;
    private int packetId;
    private long count;

    private final Flow flow;

    /** How many messages are on their way between one publisher and one subscriber. Used by the loop's thread only. */
    static final class Flow {
        private int onTheWay;
    }

    private MqttLoad(InetSocketAddress address, String clientId, @Nullable Publishing publishing, Flow flow)
            throws IOException {
        super(address);
        this.publishing = publishing;
        this.flow = flow;
        byte[] id = clientId.getBytes(StandardCharsets.US_ASCII);
        ByteBuffer connect = ByteBuffer.allocate(14 + id.length);
        connect.put((byte) 0x10).put((byte) (12 + id.length));
        connect.put(new byte[] {0, 4, 'M', 'Q', 'T', 'T', 4, 2, 0, 0});
        connect.put((byte) 0).put((byte) id.length).put(id);
        blockingExchange(connect.flip(), 4);
    }

    static MqttLoad publisher(InetSocketAddress address, String clientId, Publishing publishing, Flow flow)
            throws IOException {
        return new MqttLoad(address, clientId, publishing, flow);
    }

    static MqttLoad subscriber(InetSocketAddress address, String clientId, String filter, int qos, Flow flow)
            throws IOException {
        MqttLoad subscriber = new MqttLoad(address, clientId, null, flow);
        byte[] text = filter.getBytes(StandardCharsets.US_ASCII);
        ByteBuffer subscribe = ByteBuffer.allocate(7 + text.length);
        subscribe.put((byte) 0x82).put((byte) (5 + text.length)).putShort((short) 1);
        subscribe.putShort((short) text.length).put(text).put((byte) qos);
        subscriber.blockingExchange(subscribe.flip(), 5);
        return subscriber;
    }

    private void blockingExchange(ByteBuffer request, int answerBytes) throws IOException {
        channel().write(request);
        ByteBuffer answer = ByteBuffer.allocate(answerBytes);
        while (answer.hasRemaining() && channel().read(answer) >= 0) {
            // until the whole answer is there
        }
        if (answer.hasRemaining() || (answer.get(answerBytes - 1) & 0x80) != 0) {
            throw new IOException("the server refused a CONNECT or SUBSCRIBE");
        }
    }

    @Override
    void fill(Measurement measurement) throws IOException {
        if (publishing == null) {
            return;
        }
        while ((publishing.delivered ? flow.onTheWay : inFlight) < publishing.window
                && hasRoomFor(publishing.payloadBytes + 600)) {
            publish(publishing);
        }
        flush();
    }

    private void publish(Publishing p) {
        byte[] topic = p.topics.apply(count++).getBytes(StandardCharsets.US_ASCII);
        int remaining = 2 + topic.length + (p.qos > 0 ? 2 : 0) + p.payloadBytes;
        ByteBuffer out = out();
        out.put((byte) (PUBLISH | (p.qos << 1) | (p.retain ? 1 : 0)));
        putLength(out, remaining);
        out.putShort((short) topic.length).put(topic);
        long now = System.nanoTime();
        if (p.qos > 0) {
            packetId = packetId == 65_535 ? 1 : packetId + 1;
            out.putShort((short) packetId);
            sentAt[packetId] = now;
            inFlight++;
        }
        flow.onTheWay++;
        out.putLong(now);
        for (int i = Long.BYTES; i < p.payloadBytes; i++) {
            out.put((byte) 'x');
        }
    }

    private static void putLength(ByteBuffer out, int length) {
        int rest = length;
        while (rest > 127) {
            out.put((byte) ((rest & 127) | 128));
            rest >>= 7;
        }
        out.put((byte) rest);
    }

    @Override
    boolean take(ByteBuffer buffer, Measurement measurement) throws IOException {
        int start = buffer.position();
        int length = 0;
        int at = start + 1;
        for (int shift = 0; ; shift += 7) {
            if (at >= buffer.limit()) {
                return false;
            }
            int b = buffer.get(at++);
            length |= (b & 127) << shift;
            if (b >= 0) {
                break;
            }
        }
        if (buffer.limit() - at < length) {
            return false;
        }
        int first = buffer.get(start) & 0xff;
        switch (first >> 4) {
            case 3 -> received(buffer, at, first, measurement);
            case 4 -> acknowledged(buffer.getShort(at) & 0xffff, measurement);
            default -> throw new IOException("unexpected packet " + Integer.toHexString(first));
        }
        buffer.position(at + length);
        return true;
    }

    private void acknowledged(int id, Measurement measurement) {
        inFlight--;
        if (publishing != null && !publishing.delivered) {
            measurement.answered(sentAt[id]);
        }
    }

    private void received(ByteBuffer buffer, int at, int first, Measurement measurement) {
        int payload = at + 2 + (buffer.getShort(at) & 0xffff);
        if ((first & 6) != 0) {
            out().put((byte) 0x40).put((byte) 2).putShort(buffer.getShort(payload));
            payload += 2;
        }
        flow.onTheWay--;
        measurement.answered(buffer.getLong(payload));
    }
}
