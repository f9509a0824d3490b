package org.millrace.plugin.mqtt.connection;

import org.millrace.plugin.mqtt.codec.ReasonCode;

/** A CONNECT that keeps the protocol and is refused nevertheless; answered by CONNACK. */
final class ConnectRefused extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final ReasonCode reason;
    private final int returnCode311;

    ConnectRefused(ReasonCode reason, int returnCode311, String message) {
        super(message, null, false, false);
        this.reason = reason;
        this.returnCode311 = returnCode311;
    }

    ReasonCode reason() {
        return reason;
    }

    int returnCode311() {
        return returnCode311;
    }
}
