package org.millrace.plugin.mqtt.delivery;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.millrace.plugin.mqtt.mapping.Format;
import org.millrace.spi.resource.Cursor;
import org.millrace.spi.resource.Path;
import org.millrace.spi.resource.Version;

/**
 * An exchange that no subscription's place leads back to: a retained message, one of a shared subscription, or of a
 * subscription that has ended. It names what was sent.
 *
 * @param exchange how far it is; its packet identifier is 0 if it was not sent yet
 * @param retain the retain flag it was sent with
 * @param format the format it was sent in
 * @param subscriptionIds the identifiers it was sent with
 * @param path the topic; null if the message need not be found any more
 * @param version tells this message from others of the topic
 * @param place where it is in the change stream
 */
public record Orphan(
        Exchange exchange,
        boolean retain,
        Format format,
        List<Integer> subscriptionIds,
        @Nullable Path path,
        Version version,
        Cursor place) {
    /** Whether the journal is where it has to be found: a retained message is a record. */
    boolean isInJournal() {
        return exchange.stage().needsMessage() && !retain && path != null;
    }

    /** Behind this it is found. */
    public Cursor before() {
        return new Cursor(place.node(), Math.max(0, place.position() - 1));
    }
}
