package org.millrace.distribution;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** Receives numbers by topic and notes at once what is lost, out of order, or repeated. */
final class FireSubscriber extends FireClient {
    private final String filter;
    private final int port;
    private final int expected;
    private final Random random;
    private final Set<Integer> received = new HashSet<>();
    private final Map<String, Integer> highest = new ConcurrentHashMap<>();
    private final AtomicInteger distinct = new AtomicInteger();
    private volatile int repeated;
    private int takeOvers;
    private volatile boolean subscribed;

    FireSubscriber(String clientId, int port, String filter, int expected, long seed) {
        super(clientId, port);
        this.port = port;
        this.filter = filter;
        this.expected = expected;
        this.random = new Random(seed);
    }

    boolean isSubscribed() {
        return subscribed;
    }

    int distinct() {
        return distinct.get();
    }

    int repeated() {
        return repeated;
    }

    int takeOvers() {
        return takeOvers;
    }

    Map<String, Integer> highest() {
        return highest;
    }

    @Override
    boolean isDone() {
        return distinct.get() >= expected;
    }

    @Override
    void serve(Line first) throws IOException {
        if (!subscribed) {
            first.send(0x82, body(out -> {
                out.writeShort(1);
                out.writeUTF(filter);
                out.writeByte(2);
            }));
        }
        Line line = first;
        try {
            while (!isDone()) {
                take(line, line.read());
                if (subscribed && random.nextInt(2_000) == 0) {
                    // Another connection of the same client, while this one still stands.
                    Line before = line;
                    line = connect(new Socket(InetAddress.getLoopbackAddress(), port));
                    before.socket().close();
                    takeOvers++;
                }
            }
            line.out().flush();
        } finally {
            line.socket().close();
        }
    }

    private void take(Line line, Packet packet) throws IOException {
        switch (packet.type()) {
            case 3 -> publish(line, packet);
            case 6 -> {
                received.remove(packet.packetId(0));
                line.acknowledge(0x70, packet.packetId(0));
            }
            case 9 -> subscribed = true;
            default -> throw new IllegalStateException("packet " + packet.first());
        }
    }

    private void publish(Line line, Packet packet) throws IOException {
        int qos = packet.first() >> 1 & 3;
        int length = packet.packetId(0);
        String topic = new String(packet.body(), 2, length, StandardCharsets.UTF_8);
        int id = packet.packetId(2 + length);
        int number = Integer.parseInt(
                new String(packet.body(), 4 + length, packet.body().length - 4 - length, StandardCharsets.US_ASCII));
        if (qos == 1) {
            note(topic, number, false);
            line.acknowledge(0x40, id);
        } else if (qos == 2) {
            if (received.add(id)) {
                note(topic, number, true);
            }
            line.acknowledge(0x50, id);
        } else {
            throw new IllegalStateException("QoS " + qos);
        }
    }

    private void note(String topic, int number, boolean once) {
        int before = highest.getOrDefault(topic, 0);
        if (number == before + 1) {
            highest.put(topic, number);
            distinct.incrementAndGet();
        } else if (number <= before && !once) {
            repeated++;
        } else {
            throw new IllegalStateException(
                    topic + " has " + number + " behind " + before + (once ? " at QoS 2" : " at QoS 1"));
        }
    }
}
