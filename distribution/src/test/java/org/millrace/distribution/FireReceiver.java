package org.millrace.distribution;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Set;

/** A client under fire that is sent messages of QoS 1 and 2, and plays the receiver's part of them. */
abstract class FireReceiver extends FireClient {
    /** Packet identifiers of QoS 2 that are taken and not released; the session has them over all connections. */
    private final Set<Integer> received = new HashSet<>();

    private final String filter;
    private volatile boolean subscribed;

    FireReceiver(String clientId, int port, String filter) {
        super(clientId, port);
        this.filter = filter;
    }

    /** Whether SUBACK has come on some connection. */
    final boolean isSubscribed() {
        return subscribed;
    }

    /** A message has come that is to be counted: any of QoS 1, and each of QoS 2 once. */
    abstract void note(String topic, int number, boolean once);

    /** Subscribes at QoS 2, if no earlier connection has. */
    final void subscribe(Line line) throws IOException {
        if (!subscribed) {
            line.send(0x82, body(out -> {
                out.writeShort(1);
                out.writeUTF(filter);
                out.writeByte(2);
            }));
        }
    }

    final void take(Line line, Packet packet) throws IOException {
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
        byte[] body = packet.body();
        String topic = new String(body, 2, length, StandardCharsets.UTF_8);
        int id = packet.packetId(2 + length);
        int number =
                Integer.parseInt(new String(body, 4 + length, body.length - 4 - length, StandardCharsets.US_ASCII));
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
}
