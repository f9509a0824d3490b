package org.millrace.replication;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.function.Consumer;

/** A stream that keeps what it has stored, and a link to it that does what links do. */
final class SimulatedStream {
    private final Random random;
    private final List<ClusterMessage> stored = new ArrayList<>();
    private final Set<String> ids = new HashSet<>();
    private final List<Publication> underWay = new ArrayList<>();
    private boolean bad;

    private record Publication(ClusterMessage message, Consumer<Boolean> answer) {}

    SimulatedStream(Random random) {
        this.random = random;
    }

    /** The link turns bad, or good. */
    void disturb() {
        bad = !bad;
    }

    void calm() {
        bad = false;
    }

    void publish(ClusterMessage message, Consumer<Boolean> answer) {
        underWay.add(new Publication(message, answer));
    }

    /** One message that is under way arrives, or does not. */
    void settleOne() {
        if (underWay.isEmpty()) {
            return;
        }
        Publication next = underWay.remove(bad ? random.nextInt(underWay.size()) : 0);
        boolean lost = bad && random.nextInt(4) == 0;
        if (!lost) {
            store(next.message());
        }
        next.answer().accept(!lost && !(bad && random.nextInt(4) == 0));
    }

    private void store(ClusterMessage message) {
        // The window in which the server knows an id again is limited.
        if (ids.size() > 8) {
            ids.clear();
        }
        if (ids.add(message.id())) {
            stored.add(message);
        }
    }

    void settleAll() {
        while (!underWay.isEmpty()) {
            settleOne();
        }
    }

    /** The message at a place, which begins with 1; null behind the end. */
    Received read(long place) {
        return place > stored.size() ? null : new Received(place, 10, stored.get((int) place - 1));
    }

    /** Whether what is read now comes in a wrong order or twice. */
    boolean isBad() {
        return bad;
    }
}
