package org.millrace.distribution;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** Receives numbers by topic and notes at once what is lost, out of order, or repeated. */
final class FireSubscriber extends FireReceiver {
    private final int port;
    private final int expected;
    private final Random random;
    private final Map<String, Integer> highest = new ConcurrentHashMap<>();
    private final AtomicInteger distinct = new AtomicInteger();
    private volatile int repeated;
    private int takeOvers;

    FireSubscriber(String clientId, int port, String filter, int expected, long seed) {
        super(clientId, port, filter);
        this.port = port;
        this.expected = expected;
        this.random = new Random(seed);
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
        subscribe(first);
        Line line = first;
        try {
            while (!isDone()) {
                take(line, line.read());
                if (isSubscribed() && random.nextInt(2_000) == 0) {
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

    @Override
    void note(String topic, int number, boolean once) {
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
