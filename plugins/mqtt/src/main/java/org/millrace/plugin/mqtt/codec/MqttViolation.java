package org.millrace.plugin.mqtt.codec;

import org.jspecify.annotations.Nullable;

/**
 * A client broke the protocol; its connection ends with a reason code. The message is meant for the client and the log.
 */
public final class MqttViolation extends RuntimeException {
    private static final long serialVersionUID = 1L;
    /** What the client is told. */
    private final ReasonCode reason;

    /**
     * Makes a violation without a stack trace: hostile clients can cause any number of them.
     *
     * @param reason what the client is told
     * @param message names the packet, the value and the rule
     */
    public MqttViolation(ReasonCode reason, @Nullable String message) {
        super(message, null, false, false);
        this.reason = reason;
    }

    /**
     * A packet that cannot be parsed (MQTT 5 section 1.2).
     *
     * @param message names the packet and the place
     * @return reason code 0x81
     */
    public static MqttViolation malformed(String message) {
        return new MqttViolation(ReasonCode.MALFORMED_PACKET, message);
    }

    /**
     * A packet that can be parsed and must not be sent (MQTT 5 section 1.2).
     *
     * @param message names the packet and the rule
     * @return reason code 0x82
     */
    public static MqttViolation protocolError(String message) {
        return new MqttViolation(ReasonCode.PROTOCOL_ERROR, message);
    }

    /**
     * What the client is told.
     *
     * @return a failure
     */
    public ReasonCode reason() {
        return reason;
    }
}
