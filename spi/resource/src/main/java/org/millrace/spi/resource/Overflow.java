package org.millrace.spi.resource;

/**
 * What happens when a subscriber asks for less than there is. Nothing is queued for it in any case.
 *
 * @since 0.1
 */
public enum Overflow {
    /** Every change in order; a subscriber that lags reads the journal at its own pace. */
    EVERY,
    /** Per path, only the newest state once there is demand again. */
    LATEST
}
