package org.millrace.plugin.mqtt.connection;

import io.netty.handler.codec.mqtt.MqttProperties;
import org.jspecify.annotations.Nullable;
import org.millrace.plugin.mqtt.mapping.MessageProperties;

/**
 * What CONNECT and AUTH carry of an exchange by an authentication method (MQTT 5 sections 3.1.2.11.9, 3.15.2.2).
 *
 * @param method the method's name
 * @param data the method's own bytes; may be empty
 */
@SuppressWarnings("ArrayRecordComponent") // passed on once, never compared
record AuthenticationStep(String method, byte[] data) {
    private static final byte[] NOTHING = {};

    /** Reads the properties of CONNECT or AUTH; null if they name no method. */
    static @Nullable AuthenticationStep of(MqttProperties properties) {
        String method = MessageProperties.text(properties, MqttProperties.AUTHENTICATION_METHOD);
        if (method == null) {
            return null;
        }
        return new AuthenticationStep(
                method,
                properties.getProperty(MqttProperties.AUTHENTICATION_DATA) instanceof MqttProperties.BinaryProperty data
                        ? data.value()
                        : NOTHING);
    }
}
