package org.millrace.plugin.mqtt.delivery;

import io.netty.util.collection.IntObjectHashMap;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.millrace.plugin.mqtt.delivery.Exchange.Stage;

/**
 * The messages of QoS 1 and 2 that a client has been sent and has not acknowledged, by packet identifier. Used by the
 * connection's event loop only.
 */
final class Exchanges {
    private static final int MAX_PACKET_ID = 65_535;

    private final IntObjectHashMap<Outgoing> unacknowledged = new IntObjectHashMap<>(2);
    private int lastPacketId;
    private long lastOrder;

    int size() {
        return unacknowledged.size();
    }

    /** The message a packet identifier stands for, if it is of a QoS. */
    @Nullable
    Outgoing get(int packetId, int qos) {
        Outgoing message = unacknowledged.get(packetId);
        return message == null || message.qos != qos ? null : message;
    }

    /** Gives a message a packet identifier, to be sent now. */
    void begin(Outgoing message) {
        message.packetId = nextPacketId();
        message.order = ++lastOrder;
        message.stage = Stage.SENT;
        unacknowledged.put(message.packetId, message);
    }

    private int nextPacketId() {
        // The window is smaller than the number of identifiers, so one is free.
        do {
            lastPacketId = lastPacketId == MAX_PACKET_ID ? 1 : lastPacketId + 1;
        } while (unacknowledged.containsKey(lastPacketId));
        return lastPacketId;
    }

    /** Takes over an exchange that an earlier connection began, if it is not over. */
    void resume(Outgoing message) {
        if (message.stage != Stage.DONE && message.packetId > 0) {
            message.order = ++lastOrder;
            lastPacketId = message.packetId;
            unacknowledged.put(message.packetId, message);
        }
    }

    void end(Outgoing message) {
        unacknowledged.remove(message.packetId);
    }

    void clear() {
        unacknowledged.clear();
    }

    /** All, in no order; others are removed by removing them from it. */
    Collection<Outgoing> all() {
        return unacknowledged.values();
    }

    /** All, in the order they were sent. */
    List<Outgoing> inOrder() {
        List<Outgoing> all = new ArrayList<>(unacknowledged.values());
        all.sort(Comparator.comparingLong(m -> m.order));
        return all;
    }
}
