package org.millrace.plugin.mqtt.session;

import org.jspecify.annotations.Nullable;
import org.millrace.spi.identity.ConnectionInfo;
import org.millrace.spi.identity.Identity;
import org.millrace.spi.resource.Cursor;

/**
 * What is kept of a session beside its subscriptions and its progress.
 *
 * @param generation names the records that hold those; a clean start takes a new name, so that it forgets in one write
 * @param identity whose it is
 * @param via where the client came from
 * @param expirySeconds how long it waits
 * @param away since when it waits; null while there is a connection, and if the server ended before the connection did
 */
record SessionHeader(
        String generation,
        Identity identity,
        ConnectionInfo via,
        long expirySeconds,
        @Nullable Away away) {
    /**
     * What has to be known of a session that waits, so that the rest of it need not be read.
     *
     * @param leftMillis when the connection ended
     * @param willDelaySeconds how long its will is held back; -1 if it has none
     * @param earliest the earliest change it may need; null if none
     */
    record Away(
            long leftMillis,
            long willDelaySeconds,
            @Nullable Cursor earliest) {}

    /** When something has to be done about it: at once if it has not begun to wait. */
    long dueMillis() {
        Away since = away;
        return since == null ? 0 : dueMillis(since.leftMillis(), expirySeconds, since.willDelaySeconds());
    }

    /** When something has to be done about a session that waits; {@link Long#MAX_VALUE} for never. */
    static long dueMillis(long leftMillis, long expirySeconds, long willDelaySeconds) {
        long seconds = expirySeconds < SessionState.FOREVER ? expirySeconds : Long.MAX_VALUE;
        if (willDelaySeconds >= 0) {
            seconds = Math.min(seconds, willDelaySeconds);
        }
        return seconds == Long.MAX_VALUE ? seconds : leftMillis + seconds * 1_000;
    }
}
