package org.millrace.store;

import org.millrace.spi.resource.Version;

/**
 * What must be known of a record to decide about a write that does not need its content.
 *
 * @param version its version
 * @param expiryMillis when it expires, see {@link Expiry}
 */
record Standing(Version version, long expiryMillis) {
    static Standing of(StoredEntry stored) {
        return new Standing(
                stored.entry().version(), Expiry.millis(stored.entry().expiresAt()));
    }

    boolean isExpired(long nowMillis) {
        return expiryMillis <= nowMillis;
    }
}
