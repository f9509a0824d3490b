package org.millrace.spi.resource;

/**
 * What a writer asked of the delivery of its change, in MQTT's terms (MQTT 5 section 4.3). A subscriber receives at the
 * lower of this and its own. Writes over protocols without the notion are {@link #EXACTLY_ONCE}, which leaves the
 * choice to the subscriber.
 *
 * @since 0.1
 */
public enum Qos {
    /** May be lost, is never repeated. */
    AT_MOST_ONCE,
    /** Is never lost, may be repeated. */
    AT_LEAST_ONCE,
    /** Is neither lost nor repeated, where the subscriber's protocol can do so. */
    EXACTLY_ONCE
}
