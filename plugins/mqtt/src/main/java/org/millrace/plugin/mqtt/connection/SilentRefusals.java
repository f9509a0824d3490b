package org.millrace.plugin.mqtt.connection;

import org.millrace.plugin.mqtt.codec.ReasonCode;
import org.millrace.spi.resource.Path;
import org.millrace.spi.resource.ResourceException;

/**
 * What one connection does about messages that were refused without its client being told. Used by its event loop only.
 */
final class SilentRefusals implements Inbound.Faults {
    private final MqttConnection connection;
    private boolean logged;

    SilentRefusals(MqttConnection connection) {
        this.connection = connection;
    }

    @Override
    public void dropped(Path path, ResourceException reason) {
        if (!logged) {
            logged = true;
            connection
                    .log()
                    .refusedSilently("a message to '" + path + "', and perhaps more that are not logged,", reason);
        }
    }

    @Override
    public void giveUp(ResourceException reason) {
        connection.end(ReasonCode.UNSPECIFIED_ERROR, reason.getMessage());
    }
}
