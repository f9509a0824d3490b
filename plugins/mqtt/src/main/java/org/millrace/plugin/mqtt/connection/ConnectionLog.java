package org.millrace.plugin.mqtt.connection;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.function.Supplier;
import org.millrace.spi.identity.ConnectionInfo;
import org.millrace.spi.resource.ResourceException;

/**
 * What an operator is told of one connection: one line for each thing the client does wrong, and of things it may do often
 * the first only. Used by the connection's event loop.
 */
final class ConnectionLog {
    private final Logger log;
    private final Supplier<ConnectionInfo> via;
    private boolean refusedSubscription;

    ConnectionLog(Logger log, Supplier<ConnectionInfo> via) {
        this.log = log;
        this.via = via;
    }

    void warn(String what) {
        log.log(Level.WARNING, () -> "mqtt client " + who() + ": " + what);
    }

    String who() {
        ConnectionInfo client = via.get();
        return client.clientId().isEmpty() ? client.remote() : "'" + client.clientId() + "' at " + client.remote();
    }

    void publishesTooFast() {
        warn("publishes faster than mqtt.max-publish-rate or mqtt.max-total-publish-rate allow, and is read more"
                + " slowly");
    }

    /** A filter was refused; the client was told, the log is told once for each connection. */
    void subscriptionRefused(String reason) {
        if (!refusedSubscription) {
            refusedSubscription = true;
            warn("a subscription, and perhaps more that are not logged, was refused: " + reason);
        }
    }

    void refusedSilently(String what, ResourceException reason) {
        warn(what + " was refused: " + reason.getMessage());
    }
}
