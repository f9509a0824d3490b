package org.millrace.plugin.mqtt.delivery;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.millrace.plugin.mqtt.codec.ControlPackets;
import org.millrace.plugin.mqtt.delivery.Exchange.Stage;
import org.millrace.spi.plugin.Metrics;
import org.millrace.spi.resource.Change;

/**
 * Sends one connection's messages in the order they came, as far as its window and its socket have room; what cannot leave
 * waits. A message of QoS 2 leaves when it is kept that it does. Used by the connection's event loop only.
 */
final class Sender {
    private final Flusher flusher;
    private final Bounds bounds;
    private final PublishWriter writer;
    private final Metrics.Counter dropped;
    private final Exchanges exchanges;
    private final Backlog waiting;
    private final @Nullable Keeping keeping;
    private final Consumer<Outgoing> settled;

    /**
     * Makes it for one connection.
     *
     * @param dropped counts messages that are not sent
     * @param exchanges of the messages that are sent at QoS 1 and 2
     * @param waiting what cannot leave
     * @param keeping keeps what is sent at QoS 2; null if the session ends with the connection
     * @param settled told of messages that are over
     */
    Sender(
            Flusher flusher,
            Bounds bounds,
            PublishWriter writer,
            Metrics.Counter dropped,
            Exchanges exchanges,
            Backlog waiting,
            @Nullable Keeping keeping,
            Consumer<Outgoing> settled) {
        this.flusher = flusher;
        this.bounds = bounds;
        this.writer = writer;
        this.dropped = dropped;
        this.exchanges = exchanges;
        this.waiting = waiting;
        this.keeping = keeping;
        this.settled = settled;
    }

    /** Sends a message, or has it wait behind those before it. */
    void sendOrWait(Outgoing message, Change change) {
        if (waiting.isFirst(message) && hasRoom(message)) {
            send(message);
        } else {
            enqueue(message, change);
        }
    }

    private void enqueue(Outgoing message, Change change) {
        if (waiting.add(message, change) != Backlog.Outcome.WAITS) {
            dropped.increment();
            settled.accept(message);
        }
    }

    private boolean hasRoom(Outgoing message) {
        return flusher.isWritable() && (message.qos == 0 || message.packetId > 0 || exchanges.size() < bounds.window());
    }

    private void send(Outgoing message) {
        Change change = message.change;
        if (change == null || message.stage == Stage.DONE) {
            return; // the client has acknowledged it while it waited to be sent again
        }
        if (message.packetId > 0) {
            writer.write(message, change, true);
            return;
        }
        if (!writer.maySend(message, change)) { // [MQTT-3.3.2-5], [MQTT-3.1.2-25]
            dropped.increment();
            settled.accept(message);
            return;
        }
        if (message.qos == 0) {
            writer.write(message, change, false);
            settled.accept(message);
            return;
        }
        exchanges.begin(message);
        if (message.qos == 2 && message.owner != null) {
            message.owner.share().reserve(message);
        }
        if (message.qos == 2 && keeping != null) {
            // Which packet stands for which change has to be known after a restart, before the client has the packet.
            keeping.publish(message);
        } else {
            message.bound = message.qos == 2;
            writer.write(message, change, false);
        }
    }

    /** What was handed to {@link Keeping} is kept, and may be told to the client. */
    void kept(Outgoing message) {
        Change change = message.change;
        if (message.stage == Stage.SENT && change != null) {
            if (message.owner != null) {
                message.owner.share().remembered(message);
            }
            writer.write(message, change, false);
        } else if (message.stage == Stage.RELEASED) {
            message.releaseKept = true;
            flusher.write(ControlPackets.acknowledgement(flusher.alloc(), ControlPackets.PUBREL, message.packetId));
        }
    }

    /** Sends what waits, as far as there is room. */
    void drain() {
        while (true) {
            Outgoing head = waiting.peek();
            if (head == null || !hasRoom(head)) {
                break;
            }
            waiting.removeFirst();
            send(head);
        }
    }

    /** Counts a message that is not sent. */
    void countDropped() {
        dropped.increment();
    }
}
