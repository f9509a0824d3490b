package org.millrace.distribution;

import java.io.IOException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** A member of a shared subscription; together the members note what is repeated. */
final class FireWorker extends FireReceiver {
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
    private final Ledger ledger;

    FireWorker(String clientId, int port, String filter, Ledger ledger) {
        super(clientId, port, filter);
        this.name = clientId;
        this.ledger = ledger;
    }

    @Override
    boolean isDone() {
        return ledger.isComplete();
    }

    @Override
    void serve(Line line) throws IOException {
        subscribe(line);
        while (!isDone()) {
            take(line, line.read());
        }
        line.out().flush();
    }

    @Override
    void note(String topic, int number, boolean once) {
        ledger.note(topic + " " + number, name, once);
    }
}
