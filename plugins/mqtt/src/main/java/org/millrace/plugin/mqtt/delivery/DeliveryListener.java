package org.millrace.plugin.mqtt.delivery;

import org.millrace.spi.resource.ResourceException;

/** Told what the connection has to know. */
public interface DeliveryListener {
    /**
     * The host has ended a subscription.
     *
     * @param subscription closed
     * @param reason why
     */
    void lost(MqttSubscription subscription, ResourceException reason);

    /**
     * The session's progress cannot be kept.
     *
     * @param reason why
     */
    void failed(ResourceException reason);

    /**
     * A subscription the client has ended has nothing left to do, and that is kept.
     *
     * @param subscription closed
     */
    void over(MqttSubscription subscription);
}
