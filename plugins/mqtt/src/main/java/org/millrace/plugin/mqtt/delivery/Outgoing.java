package org.millrace.plugin.mqtt.delivery;

import org.jspecify.annotations.Nullable;
import org.millrace.plugin.mqtt.mapping.Format;
import org.millrace.spi.resource.Change;

/**
 * One message on its way to one client: waiting for room, or sent and not yet acknowledged. Owned by the event loop of
 * the connection, then by whoever holds the session.
 */
public final class Outgoing {
    final int qos;
    final boolean retain;
    final int[] subscriptionIds;
    final Format format;

    /** Whose demand it was; null once the subscription is gone. */
    @Nullable
    MqttSubscription owner;

    /** What is sent; null once the client has it (PUBREC) and only the end of the exchange is missing. */
    @Nullable
    Change change;

    int packetId;
    /** Orders what is sent again after a reconnect as it was sent first. */
    long order;

    Outgoing(MqttSubscription owner, Change change, int qos, boolean retain, int[] subscriptionIds) {
        this.owner = owner;
        this.change = change;
        this.qos = qos;
        this.retain = retain;
        this.subscriptionIds = subscriptionIds;
        this.format = owner.options().format();
    }
}
