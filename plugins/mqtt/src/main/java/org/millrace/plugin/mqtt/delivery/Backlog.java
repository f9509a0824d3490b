package org.millrace.plugin.mqtt.delivery;

import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.millrace.spi.resource.Change;
import org.millrace.spi.resource.ChangeKind;
import org.millrace.spi.resource.Path;
import org.millrace.spi.resource.Reason;

/**
 * What waits to be sent on one connection, in order. A client that reads too slowly for what it follows at QoS 0 is given
 * the newest of each topic instead of a growing queue: beyond a number of messages a new one takes the place of the
 * waiting one of its topic, and beyond a number of bytes events of further topics are dropped. Messages of QoS 1 and 2
 * are never replaced; their number is bounded by the demand of their subscriptions, whose place in the journal waits.
 *
 * <p>Used by the connection's event loop only.
 */
final class Backlog {
    private final int latestBeyond;
    private final long maxBytes;
    /**
     * What is sent again comes first: it has its place in the client's window, which others may be waiting for. The
     * window bounds it.
     */
    private final ArrayDeque<Outgoing> again = new ArrayDeque<>(0);

    private final ArrayDeque<Outgoing> waiting = new ArrayDeque<>(0);
    /** The waiting message of each topic, from the time the client is slow until nothing waits. */
    private @Nullable Map<Topic, Outgoing> newest;

    private long bytes;

    Backlog(int latestBeyond, long maxBytes) {
        this.latestBeyond = latestBeyond;
        this.maxBytes = maxBytes;
    }

    /** An event does not tell a record's state, so the two are kept apart. The owner is one that stands alone. */
    private record Topic(@Nullable MqttSubscription owner, Path path, boolean record) {}

    /** What became of a message. */
    enum Outcome {
        /** It waits. */
        WAITS,
        /** It waits in the place of an older one, whose unit of demand is to be given back for it. */
        REPLACES,
        /** There is no room for it. */
        DROPPED
    }

    /** Whether nothing has to be sent before a message. */
    boolean isFirst(Outgoing message) {
        return again.isEmpty() && (message.packetId > 0 || waiting.isEmpty());
    }

    /** Takes a message that cannot be sent now. */
    Outcome add(Outgoing message, Change change) {
        int size = PublishWriter.size(change);
        if (message.packetId > 0) {
            again.add(message);
            return Outcome.WAITS;
        }
        Topic topic = topic(message, change);
        if (topic != null && isSlow(message)) {
            Map<Topic, Outgoing> known = newest();
            Outgoing older = known.get(topic);
            if (older != null && older.change != null) {
                int more = size - PublishWriter.size(older.change);
                if (more > 0 && bytes + more > maxBytes) {
                    return Outcome.DROPPED;
                }
                bytes += more;
                older.replace(message, change);
                return Outcome.REPLACES;
            }
            known.put(topic, message);
        }
        if (message.qos == 0 && change.kind() == ChangeKind.EVENT && bytes + size > maxBytes) {
            if (topic != null && newest != null) {
                newest.remove(topic, message);
            }
            return Outcome.DROPPED;
        }
        bytes += size;
        waiting.add(message);
        return Outcome.WAITS;
    }

    /** Of a live query each change says what became of the record, and the present state is complete or nothing. */
    private static @Nullable Topic topic(Outgoing message, Change change) {
        MqttSubscription owner = message.owner;
        return message.qos == 0 && message.reason == Reason.LIVE && owner != null
                ? new Topic(
                        owner.standsAlone() ? owner : null,
                        change.path(),
                        change.kind().altersRecord())
                : null;
    }

    private boolean isSlow(Outgoing message) {
        return newest != null
                || waiting.size() >= latestBeyond
                || bytes > maxBytes / 2
                || message.owner != null && message.owner.isAlmostStarved();
    }

    private Map<Topic, Outgoing> newest() {
        Map<Topic, Outgoing> known = newest;
        if (known == null) {
            known = new HashMap<>();
            for (Outgoing message : waiting) {
                Change change = message.change;
                Topic topic = change == null ? null : topic(message, change);
                if (topic != null) {
                    known.put(topic, message);
                }
            }
            newest = known;
        }
        return known;
    }

    @Nullable
    Outgoing peek() {
        return again.isEmpty() ? waiting.peek() : again.peek();
    }

    void removeFirst() {
        if (again.isEmpty()) {
            gone(waiting.remove());
        } else {
            again.remove();
        }
    }

    private void gone(Outgoing message) {
        Change change = message.change;
        bytes -= change == null ? 0 : PublishWriter.size(change);
        if (waiting.isEmpty()) {
            newest = null;
        } else if (newest != null && change != null) {
            Topic topic = topic(message, change);
            if (topic != null) {
                newest.remove(topic, message);
            }
        }
    }

    /** Removes what a condition holds for. */
    void removeIf(Predicate<Outgoing> condition) {
        again.removeIf(condition);
        waiting.removeIf(message -> {
            if (!condition.test(message)) {
                return false;
            }
            gone(message);
            return true;
        });
        if (waiting.isEmpty()) {
            newest = null;
        }
    }

    /** What was not sent yet. */
    Iterable<Outgoing> messages() {
        return waiting;
    }
}
