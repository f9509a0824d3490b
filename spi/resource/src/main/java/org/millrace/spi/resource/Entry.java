package org.millrace.spi.resource;

import java.time.Instant;
import org.millrace.spi.content.Content;

/**
 * A record as it was read: a snapshot that later changes do not alter.
 *
 * @param path its name
 * @param content what it holds
 * @param version its version, HTTP's entity tag
 * @param properties what was stored beside the content
 * @param expiresAt when it ceases to exist; {@link WriteOptions#NEVER} for never
 * @param qos the delivery guarantee its writer asked for
 * @since 0.1
 */
public record Entry(Path path, Content content, Version version, Properties properties, Instant expiresAt, Qos qos) {
    /**
     * When the record was last altered.
     *
     * @return the version's time, to the millisecond
     */
    public Instant modified() {
        return Instant.ofEpochMilli(version.epochMillis());
    }

    /**
     * A record that is not stored but computed as it is read.
     *
     * @param path its name
     * @param content what was computed
     * @param at when; it becomes the version, so that what was computed later is newer
     * @return a record without properties or expiry
     * @since 0.1
     */
    public static Entry computed(Path path, Content content, Instant at) {
        Version version = new Version(at.toEpochMilli() << 16, 0);
        return new Entry(path, content, version, Properties.NONE, WriteOptions.NEVER, Qos.EXACTLY_ONCE);
    }
}
