package org.millrace.distribution;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Publishes the numbers from 1 on to a topic of its own. */
final class FirePublisher extends FireClient {
    private static final int WINDOW = 32;

    private final String topic;
    private final int qos;
    private final int last;
    /** What is not acknowledged: packet identifier to number, 0 once PUBREC came. */
    private final Map<Integer, Integer> underWay = new LinkedHashMap<>();

    private int next = 1;
    private int packetId;
    private volatile boolean done;

    FirePublisher(int port, String topic, int qos, int last) {
        super("publisher-" + topic.replace('/', '-'), port);
        this.topic = topic;
        this.qos = qos;
        this.last = last;
    }

    /** Starts one for each of the topics {@code fire/0} and so on, at QoS 1 and 2 in turn. */
    static List<FireClient> startAll(int port, int topics, int last) {
        List<FireClient> publishers = new ArrayList<>();
        for (int i = 0; i < topics; i++) {
            publishers.add(new FirePublisher(port, "fire/" + i, 1 + i % 2, last));
        }
        publishers.forEach(publisher -> Thread.ofVirtual().start(publisher));
        return publishers;
    }

    String topic() {
        return topic;
    }

    int qos() {
        return qos;
    }

    @Override
    boolean isDone() {
        return done;
    }

    @Override
    void serve(Line line) throws IOException {
        for (Map.Entry<Integer, Integer> message : underWay.entrySet()) {
            if (message.getValue() == 0) {
                line.acknowledge(0x62, message.getKey());
            } else {
                line.send(0x38 | qos << 1, publish(topic, message.getKey(), message.getValue()));
            }
        }
        while (next <= last || !underWay.isEmpty()) {
            while (next <= last && underWay.size() < WINDOW) {
                do {
                    packetId = packetId % 65_535 + 1;
                } while (underWay.containsKey(packetId));
                underWay.put(packetId, next);
                line.send(0x30 | qos << 1, publish(topic, packetId, next++));
            }
            Packet packet = line.read();
            int id = packet.packetId(0);
            switch (packet.type()) {
                case 4, 7 -> underWay.remove(id);
                case 5 -> {
                    underWay.replace(id, 0);
                    line.acknowledge(0x62, id);
                }
                default -> throw new IllegalStateException("packet " + packet.first());
            }
        }
        done = true;
    }
}
