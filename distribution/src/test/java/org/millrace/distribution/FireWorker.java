package org.millrace.distribution;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** A member of a shared subscription; together the members note what is repeated. */
final class FireWorker extends FireClient {
    /** What all members have received. */
    static final class Ledger {
        private final Map<String, String> taker = new ConcurrentHashMap<>();
        private final AtomicInteger repeated = new AtomicInteger();
        private final int expected;

        Ledger(int expected) {
            this.expected = expected;
        }

        boolean isComplete() {
            return taker.size() >= expected;
        }

        int distinct() {
            return taker.size();
        }

        int repeated() {
            return repeated.get();
        }

        private void note(String what, String who, boolean once) {
            String before = taker.putIfAbsent(what, who);
            if (before != null) {
                if (once) {
                    throw new IllegalStateException(what + " came to " + before + " and at QoS 2 again to " + who);
                }
                repeated.incrementAndGet();
            }
        }
    }

    private final String name;
    private final String filter;
    private final Ledger ledger;
    private final Set<Integer> received = new HashSet<>();
    private volatile boolean subscribed;

    FireWorker(String clientId, int port, String filter, Ledger ledger) {
        super(clientId, port);
        this.name = clientId;
        this.filter = filter;
        this.ledger = ledger;
    }

    boolean isSubscribed() {
        return subscribed;
    }

    @Override
    boolean isDone() {
        return ledger.isComplete();
    }

    @Override
    void serve(Line line) throws IOException {
        if (!subscribed) {
            line.send(0x82, body(out -> {
                out.writeShort(1);
                out.writeUTF(filter);
                out.writeByte(2);
            }));
        }
        while (!isDone()) {
            Packet packet = line.read();
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
        line.out().flush();
    }

    private void publish(Line line, Packet packet) throws IOException {
        int qos = packet.first() >> 1 & 3;
        int length = packet.packetId(0);
        byte[] body = packet.body();
        String topic = new String(body, 2, length, StandardCharsets.UTF_8);
        int id = packet.packetId(2 + length);
        String number = new String(body, 4 + length, body.length - 4 - length, StandardCharsets.US_ASCII);
        if (qos == 1) {
            ledger.note(topic + " " + number, name, false);
            line.acknowledge(0x40, id);
        } else if (qos == 2) {
            if (received.add(id)) {
                ledger.note(topic + " " + number, name, true);
            }
            line.acknowledge(0x50, id);
        } else {
            throw new IllegalStateException("QoS " + qos);
        }
    }
}
