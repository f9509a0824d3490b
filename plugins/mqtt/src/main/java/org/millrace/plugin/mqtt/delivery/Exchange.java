package org.millrace.plugin.mqtt.delivery;

/**
 * A message of QoS 1 or 2 that was sent, as a session remembers it: which packet stands for which change, and how far
 * the two sides have come. The message itself stays in the host's journal.
 *
 * @param stage how far the exchange is
 * @param packetId the packet identifier, which stays the same until the exchange is over
 * @param qos 1 or 2
 * @param seq the place of the change
 */
public record Exchange(Stage stage, int packetId, int qos, long seq) {
    boolean isUnderWayAtQos2() {
        return qos == 2 && packetId > 0 && stage != Stage.DONE;
    }

    /** How far an exchange is. */
    public enum Stage {
        /** Not sent yet; such are not remembered, for they are found again behind the subscription's place. */
        WAITING,
        /** PUBLISH was sent, and may have arrived or not. */
        SENT,
        /** The client has it (PUBREC); the exchange is to be ended (PUBREL, PUBCOMP). */
        RELEASED,
        /** Over, while an earlier one is not, so that it is not sent again from behind the subscription's place. */
        DONE;

        /** Whether the client may still have to be sent the message itself. */
        boolean needsMessage() {
            return this == WAITING || this == SENT;
        }
    }
}
