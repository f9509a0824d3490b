package org.millrace.plugin.mqtt.connection;

import org.millrace.plugin.mqtt.codec.ReasonCode;

/** A CONNECT that keeps the protocol and is refused nevertheless; answered by CONNACK. */
final class ConnectRefused extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final ReasonCode reason;
    private final int returnCode311;
    private final boolean reported;

    ConnectRefused(ReasonCode reason, int returnCode311, String message) {
        this(reason, returnCode311, message, false);
    }

    /** One that the log needs no line of its own for. */
    ConnectRefused(ReasonCode reason, int returnCode311, String message, boolean reported) {
        super(message, null, false, false);
        this.reported = reported;
        this.reason = reason;
        this.returnCode311 = returnCode311;
    }

    ReasonCode reason() {
        return reason;
    }

    int returnCode311() {
        return returnCode311;
    }

    boolean isReported() {
        return reported;
    }
}
