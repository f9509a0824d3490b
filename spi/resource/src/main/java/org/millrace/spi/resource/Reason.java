package org.millrace.spi.resource;

/**
 * Why a subscriber is shown a {@link Change}.
 *
 * @since 0.1
 */
public enum Reason {
    /** The record matched when the subscription began: its present state (MQTT's retained message). */
    CURRENT,
    /** The change happened. */
    LIVE,
    /** The record came to match the subscription's query. */
    ENTER,
    /** The record matched the query before and after. */
    UPDATE,
    /** The record ceased to match the query, or to exist. */
    LEAVE
}
