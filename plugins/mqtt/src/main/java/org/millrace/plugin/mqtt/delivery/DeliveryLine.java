package org.millrace.plugin.mqtt.delivery;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.millrace.plugin.mqtt.delivery.Exchange.Stage;
import org.millrace.spi.resource.Change;
import org.millrace.spi.resource.Cursor;
import org.millrace.spi.resource.Reason;

/**
 * The messages of QoS 1 and 2 of one subscription in the order of the changes they show, from which follows where the
 * subscription goes on after a reconnect: behind the last message before which all are over. Only of subscriptions whose
 * session outlives its connection are messages kept in line. Used by the connection's event loop only.
 */
final class DeliveryLine {
    /** What is not over, and what comes behind such. */
    private @Nullable ArrayDeque<Outgoing> underWay;

    /** What an earlier connection sent and is still to be found again, by place. */
    private @Nullable Map<Long, Outgoing> missing;

    private long doneTo;

    /** From now on messages are kept in line. */
    void keep() {
        underWay = new ArrayDeque<>(0);
    }

    boolean isKept() {
        return underWay != null;
    }

    /** Keeps a message in line until it is over. */
    void track(Outgoing message) {
        ArrayDeque<Outgoing> line = underWay;
        if (line != null && message.hasPlace) {
            message.tracked = true;
            line.add(message);
        }
    }

    /** What an earlier connection left; in order, before anything is delivered. */
    void restore(Outgoing message) {
        track(message);
        if (missing == null) {
            missing = new HashMap<>();
        }
        missing.put(message.seq(), message);
    }

    /** What an earlier connection knew of a change; null if that was not sent yet. */
    @Nullable
    Outgoing restored(Change change, Reason reason) {
        return missing == null || reason == Reason.CURRENT || !change.isJournaled()
                ? null
                : missing.remove(change.cursor().position());
    }

    /** What is not found again, and will not be. */
    List<Outgoing> takeMissing() {
        List<Outgoing> left = missing == null ? List.of() : List.copyOf(missing.values());
        missing = null;
        return left;
    }

    /** A message is over; false if it is not in line. Shows those that leave the line, in order. */
    boolean finished(Outgoing message, Consumer<Outgoing> leaving) {
        ArrayDeque<Outgoing> line = underWay;
        if (!message.tracked || line == null) {
            return false;
        }
        for (Outgoing head = line.peek(); head != null && head.stage == Stage.DONE; head = line.peek()) {
            line.remove();
            doneTo = Math.max(doneTo, head.seq());
            leaving.accept(head);
        }
        return true;
    }

    /**
     * Where to resume after a reconnect.
     *
     * @param offered how far changes were offered; null if there is no source
     * @param presentDue whether the present state was not shown completely
     */
    Flight.Place place(@Nullable Cursor offered, boolean presentDue) {
        ArrayDeque<Outgoing> line = underWay;
        if (line == null || line.isEmpty()) {
            Cursor position =
                    offered != null && offered.position() < doneTo ? new Cursor(offered.node(), doneTo) : offered;
            return new Flight.Place(position, presentDue, List.of());
        }
        List<Exchange> exchanges = new ArrayList<>(line.size());
        for (Outgoing message : line) {
            if (message.stage == Stage.WAITING) {
                break;
            }
            exchanges.add(message.exchange());
        }
        Cursor first = line.element().place;
        Cursor position = offered == null ? null : new Cursor(first.node(), first.position() - 1);
        return new Flight.Place(position, presentDue, exchanges);
    }

    /** The position of {@link #place}. */
    long placePosition(long offered) {
        ArrayDeque<Outgoing> line = underWay;
        return line == null || line.isEmpty()
                ? Math.max(doneTo, offered)
                : line.element().seq() - 1;
    }
}
