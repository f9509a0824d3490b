package org.millrace.benchmarks;

import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Many MQTT 3.1.1 publishers and subscribers driven by one thread, in a closed loop: so many messages in all are on their
 * way. Each carries its time, from which deliveries are timed; without subscribers acknowledgements are.
 */
final class MqttSwarm implements AutoCloseable {
    private static final int PAYLOAD = 64;

    /**
     * What a swarm does.
     *
     * @param pairs whether publisher n has subscriber n to itself; else all publish to one topic all subscribe to
     * @param inFlight messages on their way in all
     * @param retainedTopics how many topics retained messages go to; 0 for messages that are not retained
     */
    record Shape(int publishers, int subscribers, int qos, boolean pairs, int inFlight, int retainedTopics) {
        int deliveriesPerMessage() {
            return pairs || subscribers == 0 ? 1 : subscribers;
        }
    }

    /** One client. */
    private static final class Client {
        private final SocketChannel channel;
        private final String topic;
        private final ByteBuffer out = ByteBuffer.allocateDirect(1 << 14);
        private byte[] rest = new byte[0];
        private int packetId;

        Client(SocketChannel channel, String topic) {
            this.channel = channel;
            this.topic = topic;
        }
    }

    private final Shape shape;
    private final Selector selector = Selector.open();
    private final ByteBuffer buffer = ByteBuffer.allocate(1 << 18);
    private final List<Client> publishers = new ArrayList<>();
    private final List<Client> all = new ArrayList<>();
    private final long[] sentAt = new long[65_536];
    private Measurement measurement = new Measurement();
    private long published;
    private long answered;
    private long lost;
    private int turn;

    MqttSwarm(InetSocketAddress address, String name, Shape shape) throws IOException {
        this.shape = shape;
        for (int i = 0; i < shape.subscribers; i++) {
            String topic = name + "/" + (shape.pairs ? i : 0);
            add(new Client(MqttClients.subscriber(address, name + "s" + i, topic, shape.qos), topic));
        }
        for (int i = 0; i < shape.publishers; i++) {
            Client client =
                    new Client(MqttClients.connect(address, name + "p" + i), name + "/" + (shape.pairs ? i : 0));
            publishers.add(client);
            add(client);
        }
    }

    private void add(Client client) throws IOException {
        client.channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        client.channel.configureBlocking(false);
        client.channel.register(selector, SelectionKey.OP_READ, client);
        all.add(client);
    }

    /** Keeps the loop full for a time and gives what happened in it. */
    Measurement run(long millis) throws IOException {
        measurement = new Measurement();
        long start = System.nanoTime();
        long end = start + millis * 1_000_000;
        long quietSince = start;
        long seen = answered;
        while (System.nanoTime() < end) {
            fill();
            selector.select(this::ready, 20);
            if (answered != seen) {
                seen = answered;
                quietSince = System.nanoTime();
            } else if (System.nanoTime() - quietSince > 1_000_000_000L) {
                // QoS 0 may be dropped: what has not come within a second will not.
                lost += published * shape.deliveriesPerMessage() - answered;
                answered = published * shape.deliveriesPerMessage();
                seen = answered;
            }
        }
        measurement.finish(System.nanoTime() - start);
        return measurement;
    }

    /** Deliveries that never came. */
    long lost() {
        return lost;
    }

    private void fill() throws IOException {
        int tries = 0;
        while (published - answered / shape.deliveriesPerMessage() < shape.inFlight && tries < publishers.size()) {
            Client client = publishers.get(turn);
            turn = turn + 1 == publishers.size() ? 0 : turn + 1;
            if (client.out.remaining() < PAYLOAD + 128) {
                tries++;
                flush(client);
                continue;
            }
            publish(client);
            if (shape.inFlight <= 4 * publishers.size()) {
                flush(client);
            }
        }
        for (int i = 0; i < publishers.size(); i++) {
            if (publishers.get(i).out.position() > 0) {
                flush(publishers.get(i));
            }
        }
    }

    private void publish(Client client) {
        String name = shape.retainedTopics == 0 ? client.topic : client.topic + "/" + published % shape.retainedTopics;
        byte[] topic = name.getBytes(StandardCharsets.US_ASCII);
        ByteBuffer out = client.out;
        out.put((byte) (0x30 | shape.qos << 1 | (shape.retainedTopics > 0 ? 1 : 0)));
        out.put((byte) (2 + topic.length + (shape.qos > 0 ? 2 : 0) + PAYLOAD));
        out.putShort((short) topic.length).put(topic);
        long now = System.nanoTime();
        if (shape.qos > 0) {
            client.packetId = client.packetId == 65_535 ? 1 : client.packetId + 1;
            out.putShort((short) client.packetId);
            if (publishers.size() == 1) {
                sentAt[client.packetId] = now;
            }
        }
        out.putLong(now);
        for (int i = Long.BYTES; i < PAYLOAD; i++) {
            out.put((byte) 'x');
        }
        published++;
    }

    private static void flush(Client client) throws IOException {
        client.out.flip();
        try {
            while (client.out.hasRemaining() && client.channel.write(client.out) > 0) {
                // until the socket is full
            }
        } finally {
            client.out.compact();
        }
    }

    private void ready(SelectionKey key) {
        Client client = (Client) key.attachment();
        try {
            read(client);
            if (client.out.position() > 0) {
                flush(client);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void read(Client client) throws IOException {
        buffer.clear();
        buffer.put(client.rest);
        if (client.channel.read(buffer) < 0) {
            throw new EOFException("the server closed a connection");
        }
        buffer.flip();
        while (take(client)) {
            // one packet at a time
        }
        if (buffer.hasRemaining() || client.rest.length > 0) {
            client.rest = new byte[buffer.remaining()];
            buffer.get(client.rest);
        }
    }

    private boolean take(Client client) throws IOException {
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
        if (first >> 4 == 3) {
            delivered(client, at, first);
        } else if (first >> 4 == 4 && shape.subscribers == 0) {
            answered++;
            long sent = publishers.size() == 1 ? sentAt[buffer.getShort(at) & 0xffff] : System.nanoTime();
            measurement.answered(sent);
        } else if (first >> 4 != 4) {
            throw new IOException("unexpected packet " + Integer.toHexString(first));
        }
        buffer.position(at + length);
        return true;
    }

    private void delivered(Client client, int at, int first) throws IOException {
        int payload = at + 2 + (buffer.getShort(at) & 0xffff);
        if ((first & 6) != 0) {
            if (client.out.remaining() < 4) {
                flush(client);
            }
            client.out.put((byte) 0x40).put((byte) 2).putShort(buffer.getShort(payload));
            payload += 2;
        }
        answered++;
        measurement.answered(buffer.getLong(payload));
    }

    @Override
    public void close() throws IOException {
        for (Client client : all) {
            client.channel.close();
        }
        selector.close();
    }
}
