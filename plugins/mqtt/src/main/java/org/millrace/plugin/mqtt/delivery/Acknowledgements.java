package org.millrace.plugin.mqtt.delivery;

import java.util.function.Consumer;
import org.millrace.plugin.mqtt.codec.ControlPackets;
import org.millrace.plugin.mqtt.codec.ReasonCode;
import org.millrace.plugin.mqtt.delivery.Exchange.Stage;

/**
 * What a client answers to messages of QoS 1 and 2 (MQTT 5 section 4.3). Used by the connection's event loop only.
 */
public final class Acknowledgements {
    private final Flusher flusher;
    private final Bounds bounds;
    private final Exchanges exchanges;
    private final Keeping keeping;
    private final boolean isKept;
    private final Consumer<Outgoing> over;

    /**
     * Makes them for one connection.
     *
     * @param isKept whether the session outlives the connection
     * @param over ends the exchange of a message
     */
    Acknowledgements(
            Flusher flusher,
            Bounds bounds,
            Exchanges exchanges,
            Keeping keeping,
            boolean isKept,
            Consumer<Outgoing> over) {
        this.flusher = flusher;
        this.bounds = bounds;
        this.exchanges = exchanges;
        this.keeping = keeping;
        this.isKept = isKept;
        this.over = over;
    }

    /**
     * PUBACK came.
     *
     * @param packetId which message; an unknown one is ignored, as the client may have lost its own state
     */
    public void acknowledged(int packetId) {
        Outgoing message = exchanges.get(packetId, 1);
        if (message != null) {
            over.accept(message);
        }
    }

    /**
     * PUBREC came.
     *
     * @param packetId which message
     * @param refused whether its reason code is a failure, which ends the exchange
     */
    public void received(int packetId, boolean refused) {
        Outgoing message = exchanges.get(packetId, 2);
        if (refused) {
            if (message != null) {
                over.accept(message);
            }
            return;
        }
        if (message != null) {
            release(message);
        } else if (bounds.level() == 5) {
            flusher.write(ControlPackets.acknowledgement(
                    flusher.alloc(),
                    ControlPackets.PUBREL,
                    packetId,
                    ReasonCode.PACKET_IDENTIFIER_NOT_FOUND,
                    null,
                    bounds.maxPacketSize()));
        } else {
            flusher.write(ControlPackets.acknowledgement(flusher.alloc(), ControlPackets.PUBREL, packetId));
        }
    }

    /** The client has a message of QoS 2, or is to forget that it was sent one: PUBREL goes when that is kept. */
    void release(Outgoing message) {
        boolean first = message.stage == Stage.SENT;
        message.change = null;
        message.stage = Stage.RELEASED;
        if (!isKept || message.releaseKept) {
            flusher.write(ControlPackets.acknowledgement(flusher.alloc(), ControlPackets.PUBREL, message.packetId));
        } else if (first) {
            // After PUBREL the client forgets the packet identifier: a restart must not send the message again.
            keeping.release(message);
        }
    }

    /**
     * PUBCOMP came.
     *
     * @param packetId which message; an unknown one is ignored
     */
    public void completed(int packetId) {
        Outgoing message = exchanges.get(packetId, 2);
        if (message != null) {
            over.accept(message);
        }
    }
}
