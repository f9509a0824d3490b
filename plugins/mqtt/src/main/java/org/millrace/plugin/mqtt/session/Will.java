package org.millrace.plugin.mqtt.session;

import java.time.Clock;
import org.millrace.spi.resource.Write;
import org.millrace.spi.resource.WriteOptions;

/**
 * What is published when a client goes without saying good-bye (MQTT 5 section 3.1.2.5).
 *
 * @param write the message, checked when the client connected; its expiry is set when it is published
 * @param delaySeconds how long a new connection of the session can prevent it
 * @param expirySeconds -1 for never
 */
public record Will(Write write, long delaySeconds, long expirySeconds) {
    /**
     * The write to be made now.
     *
     * @param clock the expiry interval counts from here
     * @return the write
     */
    public Write at(Clock clock) {
        if (expirySeconds < 0) {
            return write;
        }
        WriteOptions options = write.options().withExpiresAt(clock.instant().plusSeconds(expirySeconds));
        return switch (write) {
            case Write.Put put -> new Write.Put(put.path(), put.content(), options);
            case Write.Patch patch -> new Write.Patch(patch.path(), patch.patch(), options);
            case Write.Delete delete -> new Write.Delete(delete.path(), options);
            case Write.Publish publish -> new Write.Publish(publish.path(), publish.content(), options);
        };
    }
}
